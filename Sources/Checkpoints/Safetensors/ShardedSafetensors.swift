import MartletJSON
import MartletTensors

/// Safetensors files that hold one model together, with the index that says which tensor is in which
/// (`model.safetensors.index.json`).
public struct ShardedSafetensors: TensorSource {
  /// The tensors of all files that can be read.
  public let tensors: [TensorDescription]
  private let files: [SafetensorsFile]
  private let places: [String: (file: Int, index: Int)]
  private let indexPath: String

  /// Opens all files of an index, which lie beside it.
  /// - Throws: ``CheckpointError`` where a file is missing or malformed, or index and files disagree about a tensor.
  public init(indexPath: String) throws(CheckpointError) {
    self.indexPath = indexPath
    let fileOfTensor = try Self.readIndex(indexPath)
    let folder = indexPath.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(
      separator: "/")
    let names = Set(fileOfTensor.map(\.file)).sorted()
    var files: [SafetensorsFile] = []
    for name in names { files.append(try SafetensorsFile(path: folder.isEmpty ? name : "\(folder)/\(name)")) }
    var tensors: [TensorDescription] = []
    var places: [String: (file: Int, index: Int)] = [:]
    for (number, file) in files.enumerated() {
      for tensor in file.tensors {
        guard places.updateValue((number, tensors.count), forKey: tensor.name) == nil else {
          throw .malformed(
            file: file.path, field: "tensor \(tensor.name)", offset: nil, problem: "another file holds it too"
          )
        }
        tensors.append(tensor)
      }
    }
    let fileNumbers = Dictionary(uniqueKeysWithValues: names.enumerated().map { ($1, $0) })
    for (tensor, fileName) in fileOfTensor {
      guard let number = fileNumbers[fileName],
        places[tensor]?.file == number || files[number].unreadableTensors[tensor] != nil
      else {
        throw .malformed(
          file: indexPath, field: "weight_map", offset: nil, problem: "\(tensor) is not in \(fileName)")
      }
    }
    (self.files, self.tensors, self.places) = (files, tensors, places)
  }

  private static func readIndex(_ path: String) throws(CheckpointError) -> [(tensor: String, file: String)] {
    let index = try JSON.reading(MappedFile(path))
    guard let map = index["weight_map"]?.objectValue else {
      throw .malformed(file: path, field: "weight_map", offset: nil, problem: "there is no such object")
    }
    var result: [(String, String)] = []
    for (tensor, value) in map {
      guard let file = value.stringValue, !file.isEmpty, !file.contains("/"), !file.contains("\0"),
        file != ".."
      else {
        throw .malformed(
          file: path, field: "weight_map", offset: nil,
          problem:
            "the file of \(tensor) is \(value.serialized()), which is no name of a file beside the index")
      }
      result.append((tensor, file))
    }
    return result
  }

  /// The tensor with this name, or nil.
  public func description(of name: String) -> TensorDescription? { places[name].map { tensors[$0.index] } }

  /// Calls `body` with a tensor's bytes, valid only during the call.
  public func withBytes<R>(of name: String, _ body: (UnsafeRawBufferPointer) throws -> R) throws -> R {
    if let place = places[name] { return try files[place.file].withBytes(of: name, body) }
    guard let file = files.first(where: { $0.unreadableTensors[name] != nil }) else {
      throw CheckpointError.noTensor(name, file: indexPath)
    }
    return try file.withBytes(of: name, body)
  }

  /// Lets go of the memory of the tensor's pages.
  public func discardPages(of name: String) {
    if let place = places[name] { files[place.file].discardPages(of: name) }
  }
}
