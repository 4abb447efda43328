import MartletRetrieval

/// A passage of other code of the project, which a model sees before it completes.
public struct CodePassage: Sendable, Equatable {
  /// The file.
  public var path: String
  /// Its first and last line in the file, from 1; nil where that is not known.
  public var lines: ClosedRange<Int>?
  /// The passage, word for word.
  public var text: String

  /// A passage.
  public init(path: String, lines: ClosedRange<Int>? = nil, text: String) {
    (self.path, self.lines, self.text) = (path, lines, text)
  }
}

/// Where passages are found.
public protocol CodePassageSource: Sendable {
  /// The passages that are most like a piece of code, best first.
  func passages(like code: String, limit: Int) throws -> [CodePassage]
}

extension Library: CodePassageSource {
  /// The passages of a library of indexed code, found by meaning and by words.
  public func passages(like code: String, limit: Int) throws -> [CodePassage] {
    try search(code, limit: limit).map { result in
      var lines: ClosedRange<Int>?
      if let first = result.startLine, let last = result.endLine, first <= last { lines = first...last }
      return CodePassage(path: result.path, lines: lines, text: result.text)
    }
  }
}
