import Foundation
import MartletSeededRandom
import MartletTensors
import MartletTokenizers
import Testing

@testable import MartletCheckpoints

/// A folder for files that are opened once and thrown away.
final class HostileFolder {
  let url: URL
  init() throws { url = try makeTemporaryFolder() }
  deinit { try? FileManager.default.removeItem(at: url) }

  /// The path of a new file with these bytes.
  func file(_ bytes: [UInt8], _ name: String) throws -> String {
    let path = url.appending(path: name).path
    try Data(bytes).write(to: URL(filePath: path))
    return path
  }

  /// Opens bytes as a GGUF file and reads everything in it.
  /// - Returns: The error that this ends with; nil where the file is sound.
  func gguf(_ bytes: [UInt8]) throws -> CheckpointError? {
    let path = try file(bytes, "file.gguf")
    return try failure {
      let file = try GGUFFile(path: path)
      try readAll(file)
      for key in file.metadata.keys {
        guard case .array(let array)? = file.metadata[key] else { continue }
        // Of another type than asked for, most of them: that is an error like others.
        _ = try failure { _ = try array.strings() }
        _ = try failure { _ = try array.integers() }
        _ = try failure { _ = try array.floats() }
        _ = try failure { _ = try array.packedStrings() }
      }
      _ = try failure { _ = try Checkpoint.open(path).makeTokenizer() }
    }
  }

  /// Opens bytes as a safetensors file and reads everything in it.
  func safetensors(_ bytes: [UInt8]) throws -> CheckpointError? {
    let path = try file(bytes, "file.safetensors")
    return try failure { try readAll(SafetensorsFile(path: path)) }
  }

  private func readAll(_ source: some TensorSource) throws {
    for tensor in source.tensors {
      _ = tensor.elementCount
      let count = try source.withBytes(of: tensor.name) { $0.reduce(0) { $0 &+ Int($1) } }
      withExtendedLifetime(count) {}
    }
  }

  /// The checkpoint's or tokenizer's error of `work`; others are thrown on.
  private func failure(_ work: () throws -> Void) throws -> CheckpointError? {
    do { try work() } catch let error as CheckpointError { return error } catch is TokenizerError {}
    return nil
  }
}

/// Bytes that are put together like a file.
struct FileBytes {
  var bytes: [UInt8] = []

  mutating func put(_ value: some FixedWidthInteger) {
    withUnsafeBytes(of: value.littleEndian) { bytes += $0 }
  }

  /// A text behind its length, as GGUF has it.
  mutating func put(_ text: String) {
    put(UInt64(text.utf8.count))
    bytes += text.utf8
  }

  mutating func pad(to alignment: Int) {
    while bytes.count % alignment != 0 { bytes.append(0) }
  }
}

/// Each bit of the first `count` bytes flipped, one at a time, and then many random changes.
func forEachMutation(
  of bytes: [UInt8], header count: Int, _ body: ([UInt8]) throws -> Void
) rethrows {
  for index in 0..<count {
    for bit in 0..<8 {
      var changed = bytes
      changed[index] ^= 1 << bit
      try body(changed)
    }
  }
  var generator = SplitMix64(seed: 42)
  for _ in 0..<1500 {
    var changed = bytes
    for _ in 0...Int.random(in: 0..<6, using: &generator) {
      let index = Int.random(in: 0..<min(count, changed.count), using: &generator)
      switch Int.random(in: 0..<4, using: &generator) {
      case 0: changed[index] = UInt8.random(in: 0...255, using: &generator)
      case 1: changed[index] = [0, 1, 0x7F, 0x80, 0xFF].randomElement(using: &generator) ?? 0
      case 2: changed.insert(UInt8.random(in: 0...255, using: &generator), at: index)
      default: changed.remove(at: index)
      }
    }
    try body(changed)
  }
}
