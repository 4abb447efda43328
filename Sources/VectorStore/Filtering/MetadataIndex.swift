/// Which slots have which values in their metadata, in memory: what answers filters without SQLite.
///
/// Each key has its values, each value its slots. Texts are compared byte for byte; a whole number is an integer, however
/// it was written, so that 1 and 1.0 are one value. Elements of lists are values of their own, apart from the others and
/// apart by kind, as `$contains` wants them.
///
/// `add` must be alone; any number of threads may ask at once.
final class MetadataIndex {
  /// What one key has.
  final class Key {
    var values = ValuePostings()
    var elements = ValuePostings()
    let order = NumberOrder()
  }

  private var keys = [KeyName: Key]()
  private var nextSlot = 0

  init() {}

  func key(_ name: String) -> Key? { keys[KeyName(text: name)] }

  /// Takes in a record's metadata. Slots ascend, and stay below 2^31.
  func add(slot: Int, metadata: Metadata) {
    precondition(slot >= nextSlot && slot < 1 << 31, "slots ascend")
    nextSlot = slot + 1
    for (name, value) in metadata { add(value, slot: UInt32(slot), to: keyForAdding(name)) }
  }

  private func keyForAdding(_ name: String) -> Key {
    let name = KeyName(text: name)
    if let known = keys[name] { return known }
    let key = Key()
    keys[name] = key
    return key
  }

  private func add(_ value: MetadataValue, slot: UInt32, to key: Key) {
    switch value {
    case .string(let text): key.values.add(text, slot: slot)
    case .integer(let number): key.values.add(number, slot: slot)
    case .double(let number):
      switch FilterNumber.double(number).canonical {
      case .integer(let whole): key.values.add(whole, slot: slot)
      case .double(let fraction): key.values.add(fraction, slot: slot)
      }
    case .bool(let truth): key.values.add(truth, slot: slot)
    case .strings(let list): for element in list { key.elements.add(element, slot: slot) }
    case .integers(let list): for element in list { key.elements.add(element, slot: slot) }
    case .doubles(let list): for element in list { key.elements.add(element, slot: slot) }
    case .bools(let list): for element in list { key.elements.add(element, slot: slot) }
    }
  }

  /// A key's name, compared byte for byte and not, as Swift does, by what it looks like.
  private struct KeyName: Hashable {
    let text: String

    static func == (left: KeyName, right: KeyName) -> Bool { left.text.utf8.elementsEqual(right.text.utf8) }

    func hash(into hasher: inout Hasher) {
      var text = text
      text.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
    }
  }
}
