import MartletGeneration

/// Reads files of examples, and turns them into tokens as a model sees them.
///
/// The format is that of the file's name: JSON lines or a JSON array (`.jsonl`, `.ndjson`, `.json`), separated values with
/// a row of names (`.csv`, `.tsv`), or else plain text. Each row has `prompt` and `completion`, or `messages`, or
/// `instruction`, `input` and `output`, or `text`.
public struct TrainingDataReader: Sendable {
  let encoder: PromptEncoder
  let options: TrainingDataOptions

  /// A reader for a model.
  /// - Parameters:
  ///   - encoder: The model's tokenizer and chat template.
  ///   - options: How rows become examples.
  public init(_ encoder: PromptEncoder, options: TrainingDataOptions = TrainingDataOptions()) {
    (self.encoder, self.options) = (encoder, options)
  }

  /// Reads one file.
  /// - Throws: As ``read(_:code:limit:)`` does.
  public func read(_ path: String) throws(TrainingDataError) -> TrainingSet { try read([path]) }

  /// Reads files of examples, then folders of code.
  /// - Parameters:
  ///   - paths: Files of examples, read row by row.
  ///   - code: Source files and folders of them. They are cut at declarations; where the tokenizer has the tokens, half of
  ///     the pieces become gaps to be filled, drawn by the seed.
  ///   - limit: Reading ends with this many examples; nil reads all.
  /// - Throws: ``TrainingDataError`` where a file cannot be read, a row is bad and that is fatal, or nothing is left to
  ///   learn from.
  public func read(
    _ paths: [String], code: [String] = [], limit: Int? = nil
  ) throws(TrainingDataError) -> TrainingSet {
    var collector = ExampleCollector(encoder, options, limit: limit)
    for path in paths where !collector.isFull { try collector.readFile(path) }
    try collector.readCode(code)
    return try collector.finish(files: paths + code)
  }
}
