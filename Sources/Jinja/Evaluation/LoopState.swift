/// A running loop: what the variable `loop` tells of it.
///
/// The elements are drawn one by one, as Jinja2 does, since a loop's condition may depend on what earlier turns
/// changed. Looking ahead draws one more, and asking for the length draws all.
final class LoopState {
  private let iterator: ValueIterator
  private var upcoming: [Value] = []
  private var knownLength: Int?
  private(set) var index0 = -1
  private var previous: Value?
  private var current: Value?
  private var lastChanged: [Value]?

  init(_ iterator: ValueIterator, length: Int?) {
    self.iterator = iterator
    knownLength = length
  }

  /// Goes to the next element.
  func advance() throws(TemplateError) -> Value? {
    guard let next = try peek() else { return nil }
    upcoming.removeFirst()
    previous = current
    current = next
    index0 += 1
    return next
  }

  private func peek() throws(TemplateError) -> Value? {
    if upcoming.isEmpty, let next = try iterator.next() { upcoming.append(next) }
    return upcoming.first
  }

  private func length() throws(TemplateError) -> Int {
    if let knownLength { return knownLength }
    upcoming += try iterator.rest()
    let length = index0 + 1 + upcoming.count
    knownLength = length
    return length
  }

  /// `loop.name`; nil for a name that loops do not have.
  func attribute(_ name: String) throws(TemplateError) -> Value? {
    switch name {
    case "index": return .integer(index0 + 1)
    case "index0": return .integer(index0)
    case "first": return .boolean(index0 == 0)
    case "last": return .boolean(try peek() == nil)
    case "length": return .integer(try length())
    case "revindex": return .integer(try length() - index0)
    case "revindex0": return .integer(try length() - index0 - 1)
    case "previtem": return index0 > 0 ? previous : .undefined("there is no previous item")
    case "nextitem": return try peek() ?? .undefined("there is no next item")
    case "depth": return .integer(1)
    case "depth0": return .integer(0)
    case "cycle", "changed": return .method(try BoundMethod(receiver: .loop(self), name: name))
    default: return nil
    }
  }

  func call(_ name: String, _ arguments: Arguments) throws(TemplateError) -> Value {
    guard arguments.named.isEmpty else {
      throw TemplateError(.operation("loop.\(name)() takes no named arguments"))
    }
    let values = arguments.positional
    if name == "changed" {
      let isSame = lastChanged.map {
        $0.count == values.count && zip($0, values).allSatisfy { $0.isEqual(to: $1) }
      }
      lastChanged = values
      return .boolean(isSame != true)
    }
    guard !values.isEmpty else { throw TemplateError(.operation("loop.cycle() needs values to go through")) }
    return values[index0 % values.count]
  }
}
