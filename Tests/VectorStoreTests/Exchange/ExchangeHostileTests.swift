import Foundation
import MartletSeededRandom
import Testing

@testable import MartletVectorStore

@Suite("Hostile files of vectors")
struct ExchangeHostileTests {
  static let files: [(name: String, format: VectorFileFormat)] = [
    ("f4le-v1.npy", .npy), ("f8be-fortran.npy", .npy), ("rows.fvecs", .fvecs), ("rows.bvecs", .bvecs),
    ("flat-l2.faiss", .faiss), ("flat-l1.faiss", .faiss), ("hnsw-l2.faiss", .faiss),
    ("idmap2-hnsw.faiss", .faiss),
  ]

  @Test("A file that is cut off anywhere is refused, with the place", arguments: files.indices)
  func truncated(_ index: Int) throws {
    let (name, format) = Self.files[index]
    let bytes = try ExchangeFixture.bytes(name)
    let rowBytes = ["rows.fvecs": 28, "rows.bvecs": 10][name]
    for length in stride(from: 0, to: bytes.count, by: bytes.count > 1000 ? 7 : 1) {
      // Files of rows may end after any of them.
      if let rowBytes, length % rowBytes == 0 { continue }
      let error = try #require(try fault(of: Array(bytes[..<length]), format), "\(name) cut to \(length)")
      guard case .byte(let offset, _) = error.place else {
        Issue.record("\(error) has no place")
        continue
      }
      #expect(offset <= length, "\(error)")
    }
    if rowBytes == nil {
      let longer = try #require(try fault(of: bytes + [0], format))
      #expect(
        longer.problem == "1 bytes follow the \(format == .npy ? "array" : "index"), and belong to nothing")
    }
  }

  @Test(
    "Any change of any byte is read or refused, and takes no memory to speak of", arguments: files.indices)
  func flipped(_ index: Int) throws {
    let (name, format) = Self.files[index]
    let bytes = try ExchangeFixture.bytes(name)
    var random = SplitMix64(seed: UInt64(index) + 1)
    for round in 0..<400 {
      var damaged = bytes
      let place =
        round < bytes.count && bytes.count < 400 ? round : Int.random(in: 0..<bytes.count, using: &random)
      damaged[place] ^= UInt8.random(in: 1...255, using: &random)
      _ = try fault(of: damaged, format)
    }
  }

  @Test(
    "Numbers beyond all bounds are refused by the field that holds them",
    arguments: [
      // name, offset and width of the field, its value, the field's name
      ("flat-l2.faiss", 4, 4, UInt64(0xFFFF_FFFF), "d"), ("flat-l2.faiss", 4, 4, 0, "d"),
      ("flat-l2.faiss", 4, 4, 0x7FFF_FFFF, "d"), ("flat-l2.faiss", 8, 8, .max, "ntotal"),
      ("flat-l2.faiss", 8, 8, 1 << 62, "codes"), ("flat-l2.faiss", 32, 1, 2, "is_trained"),
      ("flat-l2.faiss", 33, 4, 5, "metric_type"), ("flat-l2.faiss", 37, 8, .max, "codes"),
      ("flat-l2.faiss", 37, 8, 1 << 61, "codes"), ("flat-l2.faiss", 37, 8, 79, "codes"),
      ("hnsw-l2.faiss", 37, 8, 1 << 60, "assign_probas"), ("rows.fvecs", 0, 4, 0, "dimension of row 0"),
      ("rows.fvecs", 0, 4, 0xFFFF_FFFF, "dimension of row 0"), ("rows.fvecs", 0, 4, 0x7FFF_FFFF, "row 0"),
      ("rows.fvecs", 28, 4, 5, "dimension of row 1"), ("idmap-flat.faiss", 8, 8, 21, "index inside"),
      ("idmap-flat.faiss", 402, 8, 21, "id_map"), ("idmap-flat.faiss", 37, 4, 0x704D_7849, "kind of index"),
    ])
  func numbers(_ name: String, _ offset: Int, _ width: Int, _ value: UInt64, _ field: String) throws {
    var bytes = try ExchangeFixture.bytes(name)
    for byte in 0..<width { bytes[offset + byte] = UInt8(truncatingIfNeeded: value >> UInt64(8 * byte)) }
    let format = try #require(VectorFileFormat(path: name))
    let error = try #require(try fault(of: bytes, format))
    guard case .byte(_, let found) = error.place else {
      Issue.record("\(error)")
      return
    }
    #expect(found == field, "\(error)")
  }

  @Test(
    "A header of NumPy's that claims what cannot be is refused",
    arguments: [
      ("'shape': (5, 3)", "'shape': (9223372036854775807, 3)", "array"),
      ("'shape': (5, 3)", "'shape': (4, 3)", "array"), ("'shape': (5, 3)", "'shape': (5, 0)", "shape"),
      ("'shape': (5, 3)", "'shape': (-5, 3)", "header"), ("'shape': (5, 3)", "'shape': (5,)", "shape"),
      ("'shape': (5, 3)", "'shape': (99999999999999999999, 3)", "header"),
      ("'shape': (5, 3)", "'shape': True", "shape"), ("'<f4'", "'|O'", "descr"), ("'<f4'", "'<c8'", "descr"),
      ("'<f4'", "'<f4', 'more': True", "header"), ("'<f4'", "'<f4', 'descr': '<f4'", "header"),
      ("False", "0", "header"), ("False", "'no'", "fortran_order"), ("{", "[", "header"),
      ("}", "{", "header"),
      ("{", "{'a': {'a': {'a': {'a': {'a': {'a': {", "header"),
    ])
  func headers(_ old: String, _ new: String, _ field: String) throws {
    let bytes = try ExchangeFixture.bytes("f4le-v1.npy")
    let text = String(decoding: bytes[10..<128], as: UTF8.self).replacingOccurrences(of: old, with: new)
    let header = Array(text.utf8)
    let length = [UInt8(header.count & 255), UInt8(header.count >> 8)]
    let error = try #require(try fault(of: bytes[..<8] + length + header + bytes[128...], .npy))
    guard case .byte(_, let found) = error.place else {
      Issue.record("\(error)")
      return
    }
    #expect(found == field, "\(error)")
  }

  @Test("Arrays that hold no vectors are refused by name", arguments: ["i4", "one-dimension", "structure"])
  func unsupportedArrays(_ name: String) throws {
    let error = try #require(try fault(of: ExchangeFixture.bytes("\(name).npy"), .npy))
    #expect(error.kind == .unsupported)
    #expect(
      [
        "numbers of type <i4 are not read", "an array of 1 dimensions",
        "the array's elements have several parts",
      ]
      .contains { error.problem.hasPrefix($0) }, "\(error)")
  }

  @Test(
    "Indexes of other kinds are refused by name",
    arguments: [("ivf", "IwFl"), ("hnsw-without-vectors", "left out")])
  func unsupportedIndexes(_ name: String, _ word: String) throws {
    let error = try #require(try fault(of: ExchangeFixture.bytes("\(name).faiss"), .faiss))
    #expect(error.kind == .unsupported)
    #expect(error.problem.contains(word), "\(error)")
  }

  @Test("A whole number that a float does not hold is refused")
  func inexact() throws {
    var bytes = try ExchangeFixture.bytes("rows.ivecs")
    bytes.replaceSubrange(8..<12, with: [1, 0, 0, 1])
    let error = try #require(try fault(of: bytes, .ivecs))
    #expect(error.place == .byte(8, field: "number 1 of row 0"))
  }
}
