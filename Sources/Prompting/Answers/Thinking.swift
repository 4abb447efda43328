/// The part of a reply in which a model thinks, `<think>…</think>`, which is no part of its answer.
public enum Thinking {
  /// The reply without what was thought, and without white space before what is left; nil where the thinking never ends,
  /// so that there is no answer. A reply that begins inside the thinking, because the prompt opened it, is cut at
  /// `</think>`.
  public static func answer(in reply: String) -> String? {
    var answer = ""
    var rest = reply
    var thought = false
    if let end = PlainText.split(rest, at: close), !PlainText.contains(end.before, open) {
      (rest, thought) = (end.after, true)
    }
    while let start = PlainText.split(rest, at: open) {
      guard let end = PlainText.split(start.after, at: close) else { return nil }
      answer += start.before
      (rest, thought) = (end.after, true)
    }
    answer += rest
    guard thought else { return reply }
    return String(answer.unicodeScalars.drop(while: PlainText.isSpace))
  }

  private static let open = "<think>"
  private static let close = "</think>"
}
