import Foundation
import MartletJSON
import MartletJinja

/// What Jinja2 and transformers made of the templates in `Fixtures`; `make_fixtures.py` there writes it.
enum Fixture {
  static let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Fixtures")

  static func json(_ name: String) throws -> JSON {
    try JSON(parsing: [UInt8](Data(contentsOf: folder.appending(path: name))))
  }

  static func text(_ name: String) throws -> String {
    String(decoding: try Data(contentsOf: folder.appending(path: name)), as: UTF8.self)
  }

  /// Members as a template's variables.
  static func context(_ json: JSON?) -> [String: JSON] {
    var context: [String: JSON] = [:]
    for (key, value) in json?.objectValue ?? [:] { context[key] = value }
    return context
  }
}

/// What came of rendering, and whether it is what Jinja2 did.
enum Outcome: Equatable {
  case output(String)
  case raised(String)
  case error
  /// Refused as not supported: never a wrong prompt, but listed in the tests.
  case unsupported(String)

  init(rendering source: String, with context: [String: JSON]) {
    do {
      self = .output(try Template(source).render(context))
    } catch {
      switch error.problem {
      case .raised(let message): self = .raised(message)
      case .unsupported(let what): self = .unsupported(what)
      default: self = .error
      }
    }
  }

  /// The outcome that a fixture recorded.
  init(_ record: JSON) {
    if let output = record["output"]?.stringValue {
      self = .output(output)
    } else if let message = record["raised"]?.stringValue {
      self = .raised(message)
    } else {
      self = .error
    }
  }

  static func == (left: Outcome, right: Outcome) -> Bool {
    switch (left, right) {
    case (.output(let a), .output(let b)), (.raised(let a), .raised(let b)): a.utf8.elementsEqual(b.utf8)
    case (.error, .error): true
    case (.unsupported(let a), .unsupported(let b)): a == b
    default: false
    }
  }
}
