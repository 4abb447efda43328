import Foundation
import MartletCheckpoints
import MartletInspection
import MartletJSON
import MartletTensors
import MartletTestScope
import Testing

/// What the reference tools computed (Fixtures/make_reference.py).
enum Reference {
  static let fixtures = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Fixtures")

  static func read(_ name: String) throws -> JSON {
    try JSON(parsing: [UInt8](Data(contentsOf: fixtures.appending(path: name))))
  }
}

/// The models of the tests.
enum TestModel: String, CaseIterable {
  case tiny, minilm, smollm2

  private static let package = URL(filePath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  var path: String {
    switch self {
    case .tiny: Self.package.appending(path: "Tests/TransformersTests/Fixtures/llama-linear").path()
    case .minilm: "\(ModelCache().root)/all-minilm-l6-v2"
    case .smollm2: "\(ModelCache().root)/smollm2-135m-instruct"
    }
  }

  var isThere: Bool {
    self == .tiny || (!TestScope.isQuick && FileManager.default.fileExists(atPath: path))
  }

  /// Those that have been pulled.
  static var present: [TestModel] { allCases.filter(\.isThere) }

  func checkpoint() throws -> Checkpoint { try Checkpoint.open(path) }

  func open() throws -> InspectedModel {
    try InspectedModel(checkpoint(), name: rawValue, device: Device(threads: 2))
  }
}

extension Trait where Self == ConditionTrait {
  /// Skips where a model has not been pulled, and says how to.
  static func needs(_ model: TestModel) -> Self {
    let name = model == .minilm ? "all-minilm-l6-v2" : "smollm2-135m-instruct"
    return .enabled(if: model.isThere, "needs the model: martlet pull \(name)")
  }
}

extension JSON {
  /// A list of numbers.
  var floats: [Float] { (arrayValue ?? []).map { Float($0.doubleValue ?? .nan) } }
  /// A list of numbers.
  var doubles: [Double] { (arrayValue ?? []).map { $0.doubleValue ?? .nan } }
  /// Rows of numbers.
  var rows: [[Float]] { (arrayValue ?? []).map(\.floats) }
}

/// The largest difference of two lists, relative to the largest number; infinite where their lengths differ.
func difference(_ found: [Float], _ expected: [Float]) -> Float {
  guard found.count == expected.count, !expected.isEmpty else { return .infinity }
  let scale = expected.map(abs).max() ?? 1
  return (zip(found, expected).map { abs($0 - $1) }.max() ?? .infinity) / max(scale, .leastNormalMagnitude)
}
