import Foundation
import MartletJSON
import Testing

/// What `transformers` computed for one of the tiny models (Fixtures/make_models.py).
struct Reference {
  struct Sequence {
    let ids: [Int32]
    let segmentIDs: [Int]?
    let hiddenStates: [[[Float]]]
    let final: [[Float]]?
    let logits: [[Float]]?
    let nextSentence: [[Float]]?
  }
  let sequences: [Sequence]

  static let fixtures = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Fixtures")

  /// Reads `file` of the model `name`.
  init(_ name: String, file: String = "reference.json") throws {
    try self.init(at: Self.fixtures.appending(path: name).appending(path: file))
  }

  /// Reads a file wherever it lies.
  init(at url: URL) throws {
    let json = try JSON(parsing: [UInt8](Data(contentsOf: url)))
    sequences = try #require(json["sequences"]?.arrayValue).map { sequence in
      Sequence(
        ids: try #require(sequence["ids"]?.arrayValue).map { Int32($0.intValue ?? -1) },
        segmentIDs: sequence["type_ids"]?.arrayValue?.map { $0.intValue ?? -1 },
        hiddenStates: sequence["hidden_states"]?.arrayValue?.map(Self.matrix) ?? [],
        final: sequence["final"].map(Self.matrix), logits: sequence["logits"].map(Self.matrix),
        nextSentence: sequence["next_sentence"].map(Self.matrix))
    }
  }

  private static func matrix(_ json: JSON) -> [[Float]] {
    (json.arrayValue ?? []).map { row in (row.arrayValue ?? []).map { Float($0.doubleValue ?? .nan) } }
  }
}

/// Fails unless the rows agree within `tolerance` of the largest value.
func expectEqual(
  _ found: [[Float]], _ expected: [[Float]], within tolerance: Float, _ what: String,
  sourceLocation: SourceLocation = #_sourceLocation
) {
  #expect(found.count == expected.count, "\(what): rows", sourceLocation: sourceLocation)
  let scale = expected.joined().map(abs).max() ?? 1
  for (row, (found, expected)) in zip(found, expected).enumerated() {
    let difference = zip(found, expected).map { abs($0 - $1) }.max() ?? .infinity
    #expect(
      found.count == expected.count && difference <= tolerance * scale,
      "\(what), row \(row): off by \(difference) of \(scale)", sourceLocation: sourceLocation)
  }
}
