import Foundation
import MartletJSON
import MartletTestScope
import Testing

@testable import MartletInspection

/// A folder that is removed after `body`.
private func withTemporaryFolder<Result>(_ body: (URL) throws -> Result) throws -> Result {
  let url = FileManager.default.temporaryDirectory.appendingPathComponent("martlet-\(UUID().uuidString)")
  try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(at: url) }
  return try body(url)
}

@Suite("Files that come whole or not at all")
struct FileTests {
  @Test("Hidden states are written as numpy.save writes them", arguments: [LayerSelection.all, .last])
  func numPy(layers: LayerSelection) throws {
    let model = try TestModel.tiny.open()
    let states = try model.hiddenStates(of: model.text("the cat sat"), layers: layers)
    // 1 + 1 + 1 + 3 + 1 + 3 tokens.
    let (tokens, width) = (states.text.tokens.count, model.shape.width)
    try withTemporaryFolder { folder in
      let path = folder.appending(path: "states.npy").path()
      try states.writeNumPy(to: path, replaces: false)
      let data = try [UInt8](Data(contentsOf: URL(filePath: path)))
      let sizes = layers == .all ? "(3, \(tokens), \(width))" : "(\(tokens), \(width))"
      let header = String(decoding: data[10..<128], as: UTF8.self)
      #expect(header.hasPrefix("{'descr': '<f4', 'fortran_order': False, 'shape': \(sizes), }"))
      #expect(header.hasSuffix("\n"))
      let values = data[128...].withUnsafeBytes { bytes in
        (0..<bytes.count / 4).map { bytes.loadUnaligned(fromByteOffset: $0 * 4, as: Float.self) }
      }
      #expect(values == states.layers.flatMap(\.states.values))
    }
  }

  @Test("The header is numpy's, byte for byte")
  func header() throws {
    for (name, hex) in try #require(try Reference.read("npy.json").objectValue) {
      let sizes = name.split(separator: "x").compactMap { Int($0) }
      let found = NumPyHeader.bytes(sizes).map { byte in
        let digits = String(byte, radix: 16)
        return digits.count == 1 ? "0" + digits : digits
      }
      #expect(found.joined() == hex.stringValue, "\(name)")
    }
  }

  @Test("A file that is there is kept unless it may be replaced, and nothing else is left")
  func existing() throws {
    try withTemporaryFolder { folder in
      let path = folder.appending(path: "a.txt").path()
      try NewFile.write("first", to: path, replaces: false)
      #expect(throws: NewFileError.exists(path)) { try NewFile.write("second", to: path, replaces: false) }
      #expect(try String(contentsOfFile: path, encoding: .utf8) == "first")
      try NewFile.write("second", to: path, replaces: true)
      #expect(try String(contentsOfFile: path, encoding: .utf8) == "second")
      #expect(throws: NewFileError.notAFile(folder.path())) {
        try NewFile.write("x", to: folder.path(), replaces: true)
      }
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path()) == ["a.txt"])
    }
  }

  @Test("What is not finished leaves nothing behind")
  func unfinished() throws {
    try withTemporaryFolder { folder in
      func begin() throws {
        var file = try NewFile(folder.appending(path: "a.txt").path(), replaces: false)
        try file.append("half")
      }
      try begin()
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path()).isEmpty)
    }
    #expect(throws: NewFileError.system(path: "/nowhere/at/all.svg", code: ENOENT)) {
      try NewFile.check("/nowhere/at/all.svg", replaces: false)
    }
  }

  @Test(
    "A full disk is an error that names the file",
    .enabled(if: FileManager.default.fileExists(atPath: "/dev/full")))
  func fullDisk() {
    // A device is refused before anything is written to it; the error of a full disk is worded as the system has it.
    #expect(throws: NewFileError.notAFile("/dev/full")) {
      try NewFile.write("x", to: "/dev/full", replaces: true)
    }
    #expect(
      NewFileError.system(path: "a.npy", code: ENOSPC).description
        == "a.npy cannot be written: No space left on device.")
  }
}
