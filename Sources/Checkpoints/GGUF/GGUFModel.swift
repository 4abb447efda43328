import MartletTensors

/// A model in GGUF files: one, or all parts of one that was split (ggml-org/llama.cpp, `tools/gguf-split`).
///
/// The first part holds the metadata; the others lie beside it under names that differ in the part's number.
struct GGUFModel: TensorSource {
  /// The tensors of all parts, in their order, under the names that the files give them.
  let tensors: [TensorDescription]
  private let parts: [GGUFFile]
  private let places: [String: (part: Int, index: Int)]

  /// The path of the file, or of the first part.
  var path: String { parts[0].path }
  /// The keys and values.
  var metadata: GGUFMetadata { parts[0].metadata }

  /// Opens the parts of a model, of which `first` is the only or the first one.
  /// - Throws: ``CheckpointError`` where `first` is another part, its name is not that of a part, or a part is missing,
  ///   malformed or of another model.
  init(_ first: GGUFFile) throws(CheckpointError) {
    parts = try Self.parts(of: first)
    var tensors: [TensorDescription] = []
    var places: [String: (part: Int, index: Int)] = [:]
    for (number, part) in parts.enumerated() {
      for tensor in part.tensors {
        guard places.updateValue((number, tensors.count), forKey: tensor.name) == nil else {
          throw .malformed(
            file: part.path, field: "tensor \(tensor.name)", offset: nil,
            problem: "another part of the model holds it too")
        }
        tensors.append(tensor)
      }
    }
    if parts.count > 1, let count = try first.metadata.integer("split.tensors.count"), count != tensors.count
    {
      throw .malformed(
        file: first.path, field: "split.tensors.count", offset: nil,
        problem: "it is \(count), and the \(parts.count) parts have \(tensors.count) tensors together")
    }
    (self.tensors, self.places) = (tensors, places)
  }

  private static func parts(of first: GGUFFile) throws(CheckpointError) -> [GGUFFile] {
    guard let count = try first.metadata.integer("split.count"), count > 1 else { return [first] }
    guard let name = GGUFPartName(first.path), name.count == count else {
      throw .unsupported(
        file: first.path, what: "It is one of \(count) parts of a model, and its name does not say which",
        advice: "Give the parts the names that they were made with, such as "
          + GGUFPartName(stem: "NAME", number: 1, count: count).path + ".")
    }
    let number = try first.metadata.integer("split.no") ?? 0
    guard number == 0, name.number == 1 else {
      throw .unsupported(
        file: first.path, what: "It is part \(number + 1) of \(count) of a model",
        advice: "Name the first part, \(name.with(number: 1).path), which says what model it is.")
    }
    var parts = [first]
    for number in 2...count { parts.append(try part(number, of: name, first: first)) }
    return parts
  }

  private static func part(
    _ number: Int, of name: GGUFPartName, first: GGUFFile
  ) throws(CheckpointError) -> GGUFFile {
    let path = name.with(number: number).path
    let file: MappedFile
    do { file = try MappedFile(path) } catch .notFound {
      throw .notFound(
        "\(path) is missing: part \(number) of \(name.count) of the model",
        advice: "Fetch it, and put it beside the other parts.")
    }
    let part = try GGUFFile(file)
    let (place, count) = (try part.metadata.integer("split.no"), try part.metadata.integer("split.count"))
    guard place == number - 1, count == name.count else {
      let found = place.map { "part \($0 + 1) of \(count ?? 1)" } ?? "no part of a split model"
      throw .malformed(
        file: path, field: "split.no", offset: nil,
        problem: "part \(number) of \(name.count) is needed, and this is \(found)")
    }
    let stated = try part.metadata.string("general.architecture")
    if let stated, stated != (try first.architecture()) {
      throw .malformed(
        file: path, field: "general.architecture", offset: nil,
        problem: "it is \(stated), and that of \(first.path) another, so this part is of another model")
    }
    return part
  }

  /// The name of the model's architecture: `general.architecture`.
  func architecture() throws(CheckpointError) -> String { try parts[0].architecture() }

  /// A value as it stands in the first part, its type before it.
  func encodedValue(_ key: String) throws(CheckpointError) -> GGUFWrittenValue? {
    try parts[0].encodedValue(key)
  }

  func description(of name: String) -> TensorDescription? { places[name].map { tensors[$0.index] } }

  func withBytes<R>(of name: String, _ body: (UnsafeRawBufferPointer) throws -> R) throws -> R {
    guard let place = places[name] else { throw CheckpointError.noTensor(name, file: path) }
    return try parts[place.part].withBytes(of: name, body)
  }

  /// As ``withBytes(of:_:)`` for a body that throws only checkpoint errors.
  func reading<R>(
    _ name: String, _ body: (UnsafeRawBufferPointer) throws(CheckpointError) -> R
  ) throws(CheckpointError) -> R {
    guard let place = places[name] else { throw .noTensor(name, file: path) }
    return try parts[place.part].file.reading(tensors[place.index].byteRange, body)
  }

  func discardPages(of name: String) {
    if let place = places[name] { parts[place.part].discardPages(of: name) }
  }
}

/// The name of a part of a split model: `STEM-00001-of-00003.gguf`.
struct GGUFPartName: Equatable {
  /// The path before the number, folder included.
  var stem: String
  /// From 1 on.
  var number: Int
  var count: Int

  init(stem: String, number: Int, count: Int) { (self.stem, self.number, self.count) = (stem, number, count) }

  /// The parts of a path; nil where it is not of this form.
  init?(_ path: String) {
    let digits = 5
    let (ending, middle) = (".gguf", "-of-")
    guard path.hasSuffix(ending) else { return nil }
    let name = path.dropLast(ending.count)
    let count = name.suffix(digits)
    let number = name.dropLast(digits + middle.count).suffix(digits)
    let stem = name.dropLast(2 * digits + middle.count)
    guard name.dropLast(digits).hasSuffix(middle), stem.hasSuffix("-"), count.allSatisfy(\.isNumber),
      number.allSatisfy(\.isNumber), let count = Int(count), let number = Int(number), number >= 1,
      number <= count
    else { return nil }
    self.init(stem: String(stem.dropLast()), number: number, count: count)
  }

  /// The path of another part.
  func with(number: Int) -> GGUFPartName { GGUFPartName(stem: stem, number: number, count: count) }

  var path: String { "\(stem)-\(Self.fiveDigits(number))-of-\(Self.fiveDigits(count)).gguf" }

  private static func fiveDigits(_ number: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, 5 - digits.count)) + digits
  }

  /// The first part of the one split model that all these names are of; nil where they are of none or of several.
  static func first(of names: [String]) -> GGUFPartName? {
    var first: GGUFPartName?
    for name in names {
      guard let part = GGUFPartName(name)?.with(number: 1), first == nil || first == part else { return nil }
      first = part
    }
    return first
  }
}
