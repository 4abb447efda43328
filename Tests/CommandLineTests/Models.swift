import Foundation
import MartletTestScope
import Testing

@testable import MartletCommandLine

/// The real models in the cache, which `make test` fills.
enum Models {
  static let small = "smollm2-135m-instruct"
  static let embedder = "all-minilm-l6-v2"

  static func has(_ name: String) -> Bool {
    !TestScope.isQuick && FileManager.default.fileExists(atPath: "\(Places.models)/\(name)")
  }
}

extension Trait where Self == ConditionTrait {
  /// Skips where a model has not been pulled, and says how to.
  static func needs(_ model: String) -> Self {
    .enabled(if: Models.has(model), "needs the model: martlet pull \(model)")
  }
}
