/// Why a model cannot generate.
public enum GenerationError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The prompt does not fit into the context, and the request did not allow to cut it.
  case promptTooLong(promptTokenCount: Int, contextLength: Int)
  /// There is nothing to continue.
  case emptyPrompt
  /// There is nothing to score: a continuation has no tokens of its own.
  case emptyContinuation
  /// The request must generate `maximumTokens`, for which the context has no room after the prompt.
  case completionTooLong(promptTokenCount: Int, maximumTokens: Int, contextLength: Int)
  /// A context was asked for that is longer than the model's own.
  case contextTooLong(asked: Int, longest: Int)
  /// A token id that the model does not know.
  case unknownToken(Int32, vocabularySize: Int)
  /// The model has no chat template, or none that is the default among those of the names `named`, so messages cannot
  /// be rendered.
  case noChatTemplate(model: String, named: [String] = [])
  /// The model of this name makes vectors of texts and cannot continue them.
  case embeddingModel(name: String)
  /// The model computed something that is no number, so the next token cannot be drawn.
  case notANumber
  /// A completion cannot have a form and what is named.
  case formCannotBeKept(beside: String)
  /// The logit biases, or they and the form of the completion, forbid every token that could come next.
  case everyTokenForbidden
  /// The vocabulary of the model of this name has no token for "yes", or none for "no".
  case noAnswerTokens(model: String)
  /// The text is shorter than one window of the measurement.
  case textTooShort(tokens: Int, needed: Int)

  /// What is wrong, where, and what to do.
  public var description: String {
    switch self {
    case .promptTooLong(let promptTokenCount, let contextLength):
      """
      The prompt has \(promptTokenCount) tokens, but the context holds \(contextLength), and the answer needs room too. \
      Shorten the prompt.
      """
    case .completionTooLong(let promptTokenCount, let maximumTokens, let contextLength):
      """
      The prompt's \(promptTokenCount) tokens and the \(maximumTokens) to be generated do not fit into the context of \
      \(contextLength). Ask for at most \(max(0, contextLength - promptTokenCount)), or shorten the prompt.
      """
    case .contextTooLong(let asked, let longest):
      """
      A context of \(asked) tokens was asked for, but the model was made for \(longest). Ask for at most \(longest).
      """
    case .emptyPrompt:
      "The prompt is empty: there is nothing to continue."
    case .emptyContinuation:
      "A continuation is empty, or its prompt's last token swallows it: there is nothing to score."
    case .unknownToken(let token, let vocabularySize):
      "The token id \(token) is not in the vocabulary of \(vocabularySize) tokens."
    case .noChatTemplate(let model, []):
      """
      The model \(model) has no chat template, so it is no chat model or its file was made without one. \
      Give it plain text: martlet generate --raw.
      """
    case .noChatTemplate(let model, let named):
      """
      The model \(model) has chat templates for a purpose (\(named.joined(separator: ", "))), but none for plain \
      conversations. Give it plain text: martlet generate --raw.
      """
    case .embeddingModel(let name):
      "\(name) is an embedding model; generating text needs a generating model, such as qwen2.5-coder-0.5b-instruct."
    case .notANumber:
      "The model computed a value that is not a number. Its file may be damaged: pull it again."
    case .formCannotBeKept(let other):
      "A completion of a given form ends where the form does, so it excludes \(other). Leave one of them out."
    case .everyTokenForbidden:
      """
      Every token is forbidden, by logit biases or by the form of the completion, so none can be drawn. Take some of the \
      biases back; a form may need characters that the model's vocabulary lacks.
      """
    case .noAnswerTokens(let model):
      """
      The vocabulary of \(model) has no token for "yes" or none for "no", so that it cannot be asked whether a passage \
      answers. Choose another model, or a cross-encoder.
      """
    case .textTooShort(let tokens, let needed):
      "The text has \(tokens) tokens; perplexity needs at least one full window of \(needed)."
    }
  }
}
