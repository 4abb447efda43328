import MartletJSON
import MartletTensors

/// The header of a safetensors file (huggingface/safetensors, README, "Format").
///
/// Eight bytes give the length of a JSON object, which gives each tensor's type, shape and place in the data that
/// follows. Tensors may not overlap, leave holes, or leave bytes at the end.
package struct SafetensorsHeader {
  /// A tensor, of a type that Martlet may or may not read.
  struct Entry {
    var name: String
    var type: String
    var shape: [Int]
    /// In the file.
    var byteRange: Range<Int>
  }

  /// In the order of the data.
  var entries: [Entry] = []
  /// The members of `__metadata__`: text by text.
  var metadata: JSONObject = [:]

  /// The reference implementation's limit.
  private static let maximumBytes = 100_000_000

  init(_ bytes: UnsafeRawBufferPointer, file: String) throws(CheckpointError) {
    let reader = Reader(file: file, dataStart: 0)
    guard bytes.count >= 8 else {
      throw reader.malformed("header length", at: 0, "8 bytes are needed, and the file has \(bytes.count)")
    }
    let length = UInt64(littleEndian: bytes.loadUnaligned(as: UInt64.self))
    guard length <= UInt64(bytes.count - 8), length <= UInt64(Self.maximumBytes) else {
      throw reader.malformed(
        "header length", at: 0,
        "it is \(length), and \(bytes.count - 8) bytes follow (100,000,000 are the most). If the file was cut off, fetch it again"
      )
    }
    try self.init(
      json: UnsafeRawBufferPointer(rebasing: bytes[8..<8 + Int(length)]), fileSize: bytes.count, file: file)
  }

  private init(json: UnsafeRawBufferPointer, fileSize: Int, file: String) throws(CheckpointError) {
    let reader = Reader(file: file, dataStart: 8 + json.count)
    guard json.first == UInt8(ascii: "{") else {
      throw reader.malformed("header", at: 8, "it does not begin with {, so the file is no safetensors file")
    }
    let header: JSON
    do { header = try JSON(parsing: json, maximumDepth: 8) } catch {
      throw reader.malformed("header", at: 8 + error.byteOffset, "it is no JSON: \(error.problem)")
    }
    guard let members = header.objectValue else { throw reader.malformed("header", at: 8, "it is no object") }
    var names = Set<String>(minimumCapacity: members.count)
    for (name, value) in members {
      if name == "__metadata__" {
        metadata = try reader.metadata(value)
      } else {
        // JSON tells names apart scalar by scalar, Swift's strings by what they look like: é is e with an accent.
        guard names.insert(name).inserted else {
          throw reader.malformed("tensor \(name)", "the name stands there twice")
        }
        entries.append(try reader.entry(name, value))
      }
    }
    entries.sort {
      ($0.byteRange.lowerBound, $0.byteRange.upperBound) < ($1.byteRange.lowerBound, $1.byteRange.upperBound)
    }
    try reader.checkPlaces(entries, fileSize: fileSize)
  }
}

/// Reads the members of the header.
private struct Reader {
  let file: String
  let dataStart: Int

  func malformed(_ field: String, at offset: Int? = nil, _ problem: String) -> CheckpointError {
    .malformed(file: file, field: field, offset: offset, problem: problem)
  }

  func metadata(_ value: JSON) throws(CheckpointError) -> JSONObject {
    guard let members = value.objectValue, members.allSatisfy({ $0.value.stringValue != nil }) else {
      throw malformed("__metadata__", "it is no object of strings")
    }
    return members
  }

  func entry(_ name: String, _ value: JSON) throws(CheckpointError) -> SafetensorsHeader.Entry {
    let field = "tensor \(name)"
    guard let type = value["dtype"]?.stringValue else { throw malformed(field, "it has no dtype") }
    let shape = try integers(value["shape"], field, "shape")
    let offsets = try integers(value["data_offsets"], field, "data_offsets")
    let (end, overflow) = (offsets.last ?? 0).addingReportingOverflow(dataStart)
    guard offsets.count == 2, offsets[0] <= offsets[1], !overflow else {
      throw malformed(field, "its data_offsets \(offsets) are no beginning and end")
    }
    let byteCount = try byteCount(type, shape, field)
    guard byteCount == nil || byteCount == offsets[1] - offsets[0] else {
      throw malformed(
        field, "\(type) of shape \(shape) takes \(byteCount ?? 0) bytes, and its data_offsets are \(offsets)")
    }
    return .init(name: name, type: type, shape: shape, byteRange: dataStart + offsets[0]..<end)
  }

  private func integers(_ value: JSON?, _ field: String, _ member: String) throws(CheckpointError) -> [Int] {
    guard let list = value?.arrayValue else { throw malformed(field, "it has no list \(member)") }
    var result: [Int] = []
    for element in list {
      guard let number = element.intValue, number >= 0 else {
        throw malformed(field, "its \(member) holds \(element.serialized().prefix(40)), which is no size")
      }
      result.append(number)
    }
    return result
  }

  /// The bytes that a tensor must take; nil for types whose width is unknown here.
  private func byteCount(_ type: String, _ shape: [Int], _ field: String) throws(CheckpointError) -> Int? {
    guard let width = SafetensorsType.byteCounts[type] else { return nil }
    var bytes = width
    for size in shape {
      let (product, overflow) = bytes.multipliedReportingOverflow(by: size)
      guard !overflow else { throw malformed(field, "its shape \(shape) is beyond any file") }
      bytes = product
    }
    return bytes
  }

  /// Each tensor begins where the one before it ends, and the last ends with the file.
  func checkPlaces(_ entries: [SafetensorsHeader.Entry], fileSize: Int) throws(CheckpointError) {
    var end = dataStart
    for entry in entries {
      guard entry.byteRange.lowerBound == end else {
        let what =
          entry.byteRange.lowerBound < end ? "overlaps the tensor before it" : "leaves a hole before it"
        throw malformed(
          "tensor \(entry.name)", at: entry.byteRange.lowerBound,
          "it \(what): the data up to byte \(end) is taken")
      }
      end = entry.byteRange.upperBound
    }
    guard end == fileSize else {
      throw malformed(
        "length", at: min(end, fileSize),
        end > fileSize
          ? "the tensors end at byte \(end), and the file at \(fileSize): it is cut off. Fetch it again"
          : "the tensors end at byte \(end), and the file goes on to \(fileSize)")
    }
  }
}

/// The types of safetensors.
enum SafetensorsType {
  /// The bytes of one value.
  static let byteCounts = [
    "BOOL": 1, "U8": 1, "I8": 1, "F8_E5M2": 1, "F8_E4M3": 1, "F8_E8M0": 1, "I16": 2, "U16": 2, "F16": 2,
    "BF16": 2, "I32": 4, "U32": 4, "F32": 4, "I64": 8, "U64": 8, "F64": 8, "C64": 8,
  ]

  /// The types that Martlet reads.
  static func format(_ type: String) -> StorageFormat? {
    switch type {
    case "F32": .float32
    case "F16": .float16
    case "BF16": .bfloat16
    default: nil
    }
  }
}
