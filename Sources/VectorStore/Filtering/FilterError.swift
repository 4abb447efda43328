/// Why a filter is none.
public struct FilterError: Error, Sendable, Equatable, CustomStringConvertible {
  /// Where in the filter: `where.$and[1].year.$gt`. Empty where it is the whole.
  public private(set) var path: String
  /// What is wrong there.
  public let reason: String

  init(_ reason: String) {
    path = ""
    self.reason = reason
  }

  /// Where, and what is wrong there.
  public var description: String { path.isEmpty ? reason : "\(path): \(reason)" }

  /// The same error, seen from one step further out: a key or an operator, or the place in a list (`[1]`).
  func inside(_ step: String) -> FilterError {
    var error = self
    let joint = path.isEmpty || path.utf8.first == UInt8(ascii: "[") ? "" : "."
    error.path = Self.shown(step) + joint + path
    return error
  }

  /// A key or another text of the user's, cut so that a message stays a message.
  static func shown(_ text: String) -> String { text.count > 60 ? text.prefix(60) + "…" : text }
}
