import Foundation
import MartletCheckpoints
import MartletJSON
import MartletTensors
import MartletTestScope
import MartletVectorStore
import Testing

@testable import MartletRetrieval

/// Where the data and the models are that these tests need.
enum Shared {
  static let package = URL(filePath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
  static let data = package.appending(path: "../shared/data").standardized

  static func has(_ set: String) -> Bool {
    FileManager.default.fileExists(atPath: data.appending(path: set).path())
  }
  static func has(model: String) -> Bool {
    !TestScope.isQuick && FileManager.default.fileExists(atPath: "\(ModelCache().root)/\(model)")
  }

  /// The objects of a file of JSON lines.
  static func lines(_ path: String) throws -> [JSON] {
    try String(contentsOf: data.appending(path: path), encoding: .utf8).split(separator: "\n").map {
      try JSON(parsing: String($0))
    }
  }
}

extension Trait where Self == ConditionTrait {
  /// Skips where a model has not been pulled, and says how to.
  static func needs(model: String) -> Self {
    .enabled(if: Shared.has(model: model), "needs the model: martlet pull \(model)")
  }
  /// Skips where a set of the shared data is missing.
  static func needs(data: String) -> Self { .enabled(if: Shared.has(data), "needs ../shared/data/\(data)") }
}

let embedderName = "all-minilm-l6-v2"
let answererName = "qwen2.5-coder-0.5b-instruct"
let smallModelName = "smollm2-135m-instruct"

/// One device for all tests: they run at once, and threads that fight help nobody.
let sharedDevice: Result<Device, any Error> = Result { try Device() }

/// A folder of its own for one test, with a store in it, removed when the test ends.
final class Workplace {
  let folder: URL
  let database: Database

  init() throws {
    folder = URL(filePath: try FileManager.default.temporaryDirectory.path().resolvingLinks)
      .appending(path: "martlet-\(UUID().uuidString)")
    try FileManager.default.createDirectory(
      at: folder.appending(path: "documents"), withIntermediateDirectories: true)
    database = try Database.open(at: folder.appending(path: "store").path())
  }

  deinit {
    try? FileManager.default.removeItem(at: folder)
  }

  var documents: URL { folder.appending(path: "documents") }

  @discardableResult
  func write(_ name: String, _ text: String) throws -> String {
    let url = documents.appending(path: name)
    try FileManager.default.createDirectory(
      at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(text.utf8).write(to: url)
    // A file that was written within the clock's grain of being indexed counts as perhaps changed since.
    try FileManager.default.setAttributes(
      [.modificationDate: Date(timeIntervalSinceNow: -3600)], ofItemAtPath: url.path())
    return url.path()
  }

  func library(precision: Precision = .int8) throws -> Library {
    try Library.openOrCreate(in: database, precision: precision, device: sharedDevice.get())
  }
}

extension String {
  fileprivate var resolvingLinks: String {
    get throws { URL(filePath: self).resolvingSymlinksInPath().path() }
  }
}
