import MartletGrammars

/// Changes or forbids tokens before one is drawn: penalties and biases do, and what holds a completion to a form.
///
/// A processor belongs to one generation. It reads the prompt, is told each token that is drawn, and is asked before each
/// draw. ``LocalModel/generate(_:processors:)`` takes processors of your own.
///
/// ```swift
/// /// Forbids the token that was drawn last.
/// struct NoRepeats: LogitProcessor {
///   private var last: Int32?
///
///   mutating func accept(_ token: Int32) { last = token }
///
///   func process(_ logits: inout [Float]) {
///     if let last { logits[Int(last)] = -.infinity }
///   }
/// }
/// ```
public protocol LogitProcessor: Sendable {
  /// Reads the tokens of the prompt, once, before the first draw.
  mutating func begin(after prompt: [Int32])

  /// Is told a token that was drawn. End tokens are not told.
  mutating func accept(_ token: Int32) throws

  /// Changes the logits of the next token: one for each token of the vocabulary; -infinity forbids a token.
  func process(_ logits: inout [Float])

  /// The tokens that may come next; nil where all may.
  func mask() -> TokenMask?

  /// Whether nothing may follow: the completion then ends as if the model had drawn its end token.
  var isFinished: Bool { get }
}

extension LogitProcessor {
  /// Does nothing with the prompt.
  public mutating func begin(after prompt: [Int32]) {}
  /// Does nothing with the token.
  public mutating func accept(_ token: Int32) {}
  /// Changes nothing.
  public func process(_ logits: inout [Float]) {}
  /// Allows all tokens.
  public func mask() -> TokenMask? { nil }
  /// Ends nothing.
  public var isFinished: Bool { false }
}

extension TokenMask {
  /// Forbids all tokens of `logits` that are not in the mask.
  func apply(to logits: inout [Float]) {
    logits.withUnsafeMutableBufferPointer { logits in
      for (number, word) in words.enumerated() where word != .max {
        let start = number * 64
        let end = min(start + 64, logits.count)
        guard start < end else { return }
        for index in start..<end where word & (1 << (index - start)) == 0 { logits[index] = -.infinity }
      }
      // A model may have more logits than its tokenizer has tokens.
      for index in min(words.count * 64, logits.count)..<logits.count { logits[index] = -.infinity }
    }
  }
}
