import Foundation
import MartletSQLite
import MartletSeededRandom
import MartletTestScope
import Testing

@testable import MartletVectorStore

/// Snapshots that somebody made, with checksums that fit and content that does not: they are refused, or answer
/// whatever they answer, and nothing is read that is not theirs.
@Suite struct HostileSnapshotTests {
  private let folder: TemporaryFolder
  private let dimension = 8
  private let count = 8600
  /// As in `IndexSnapshot`: nineteen numbers, then place, bytes and checksum of ten sections, and the header's checksum.
  private let fields = 19
  private let sections = 10

  init() throws {
    folder = try TemporaryFolder()
    let database = try Database.open(at: folder.path)
    let collection = try database.createCollection(.test(dimension: dimension))
    var random = SplitMix64(seed: 51)
    let same = [Float](repeating: 0.5, count: dimension)
    try collection.add(
      (0..<count).map { number in
        Record(
          id: "\(number)",
          // Some are equal and hang on one another.
          embedding: number % 40 == 0
            ? same : (0..<dimension).map { _ in .random(in: -1...1, using: &random) })
      })
    try collection.finishIndex()
    database.close()
  }

  private var snapshot: URL { URL(fileURLWithPath: folder.path + "/collection-1.graph") }

  private func word(_ place: Int, of bytes: [UInt8]) -> Int {
    bytes.withUnsafeBytes { Int($0.loadUnaligned(fromByteOffset: place * 8, as: Int64.self)) }
  }

  private func set(_ place: Int, of bytes: inout [UInt8], to value: UInt64) {
    withUnsafeBytes(of: value.littleEndian) { bytes.replaceSubrange(place * 8..<place * 8 + 8, with: $0) }
  }

  /// Gives the sections that lie in the file, and the header, checksums that fit.
  private func seal(_ bytes: inout [UInt8]) {
    for section in 0..<sections {
      let place = fields + 3 * section
      let (start, length) = (word(place, of: bytes), word(place + 1, of: bytes))
      guard start >= 0, length >= 0, start <= bytes.count, length <= bytes.count - start else { continue }
      let hash = bytes.withUnsafeBytes {
        XXHash64.hash(UnsafeRawBufferPointer(rebasing: $0[start..<start + length]))
      }
      set(place + 2, of: &bytes, to: hash)
    }
    let end = fields + 3 * sections
    let hash = bytes.withUnsafeBytes { XXHash64.hash(UnsafeRawBufferPointer(rebasing: $0[..<(end * 8)])) }
    set(end, of: &bytes, to: hash)
  }

  @Test(.long) func `Whatever a sealed snapshot says, searches end and read nothing beyond it`() throws {
    let whole = [UInt8](try Data(contentsOf: snapshot))
    var resealed = whole
    seal(&resealed)
    #expect(resealed == whole, "the test seals as the store does")
    var random = SplitMix64(seed: 52)
    var refused = 0
    let interesting: [UInt64] = [0, 1, .max, .max - 1, 1 << 31, 1 << 32, 1 << 62, UInt64(count) + 1, 65_536]
    for round in 0..<45 {
      var bytes = whole
      let section = round % sections
      let (start, length) = (word(fields + 3 * section, of: bytes), word(fields + 3 * section + 1, of: bytes))
      switch round / sections % 3 {
      case 0 where length > 8:
        // Numbers that lead elsewhere, all over a section.
        for _ in 0..<max(1, length / 64) {
          let place = (start + Int.random(in: 0..<length - 8, using: &random)) / 4 * 4
          let value = UInt32(truncatingIfNeeded: interesting.randomElement(using: &random) ?? 0)
          withUnsafeBytes(of: value) { bytes.replaceSubrange(place..<place + 4, with: $0) }
        }
      case 1:
        // A section's place or length.
        let place = fields + 3 * section + Int.random(in: 0..<2, using: &random)
        set(place, of: &bytes, to: interesting.randomElement(using: &random) ?? 0)
      default:
        set(
          Int.random(in: 1..<fields, using: &random), of: &bytes,
          to: interesting.randomElement(using: &random) ?? 0)
      }
      seal(&bytes)
      try Data(bytes).write(to: snapshot)
      let database = try Database.open(at: folder.path, mode: .readOnly)
      let collection = try database.collection(named: "test")
      for _ in 0..<5 {
        let query = (0..<dimension).map { _ in Float.random(in: -1...1, using: &random) }
        _ = try? collection.nearestIDs(to: query, limit: 10)
      }
      _ = try? collection.nearestIDs(to: [Float](repeating: 0.5, count: dimension), limit: 50)
      refused += database.takeWarnings().isEmpty ? 0 : 1
      _ = try? database.check()
    }
    #expect(refused > 8)
  }
}
