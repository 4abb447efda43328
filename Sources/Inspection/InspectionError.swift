/// Why a look into a model fails.
public enum InspectionError: Error, Equatable, Sendable, CustomStringConvertible {
  /// There is no layer of this number.
  case noSuchLayer(Int, layers: ClosedRange<Int>)
  /// A layer has no head of this number.
  case noSuchHead(Int, heads: ClosedRange<Int>)
  /// The text has more tokens than the model reads.
  case textTooLong(tokens: Int, limit: Int, model: String)
  /// The text has no token.
  case emptyText
  /// The model of this name is an encoder, which has no next token.
  case noNextToken(model: String)
  /// Fewer texts, words or tokens than can be compared or placed.
  case tooFew(what: String, count: Int, minimum: Int)
  /// More texts than can be compared or placed.
  case tooMany(what: String, count: Int, maximum: Int)
  /// A perplexity that so many texts do not allow.
  case perplexityOutOfRange(Double, count: Int)
  /// A picture of so many cells would be too large to look at.
  case pictureTooLarge(cells: Int, maximum: Int)
  /// What is asked for would take so many bytes of memory.
  case tooLarge(what: String, bytes: Int, maximum: Int)
  /// A number came out as infinite, or as none at all: the weights are damaged, or out of range.
  case notFinite(what: String)

  /// What is wrong, where, and what to do.
  public var description: String {
    switch self {
    case .noSuchLayer(let layer, let layers):
      "There is no layer \(layer): the model has the layers \(layers.lowerBound) to \(layers.upperBound)."
    case .noSuchHead(let head, let heads):
      "There is no head \(head): each layer has the heads \(heads.lowerBound) to \(heads.upperBound)."
    case .textTooLong(let tokens, let limit, let model):
      "The text has \(tokens) tokens, but \(model) reads \(limit) at once. Give a shorter text."
    case .emptyText:
      "The text has no tokens. Give a text that is not empty."
    case .noNextToken(let model):
      "\(model) is an encoder, which sees a text whole and has no next token; name a generating model."
    case .tooFew(let what, let count, let minimum):
      "Too few \(what): there \(count == 1 ? "is 1" : "are \(count)"), and at least \(minimum) are needed."
    case .tooMany(let what, let count, let maximum):
      "Too many \(what): there are \(count), and at most \(maximum) are taken at once."
    case .perplexityOutOfRange(let perplexity, let count):
      """
      A perplexity of \(perplexity) is out of range: for \(count) points it must be at least 1 and at most \
      \((count - 1) / 3), a third of the other points.
      """
    case .pictureTooLarge(let cells, let maximum):
      """
      A picture of all layers and heads would have \(cells) cells, but at most \(maximum) are drawn. Choose a layer \
      or a head, or give a shorter text.
      """
    case .tooLarge(let what, let bytes, let maximum):
      """
      \(what) would take \(bytes >> 20) MiB of memory, but at most \(maximum >> 20) MiB are kept. Choose a layer, or \
      give a shorter text.
      """
    case .notFinite(let what):
      "\(what) came out as infinite or not a number. The model's weights are damaged, or out of its precision's range."
    }
  }
}
