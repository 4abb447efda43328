import Foundation
import MartletCheckpoints
import MartletFineTuning
import MartletTokenizers
import MartletTransformers

/// The model that `tune --init` begins with: random weights of the shape that a `config.json` describes.
enum TuneInitialModel {
  static let configuration = Parameter<String?>.option(
    "init", .path("CONFIG.json"),
    help: "Begin with random weights of the shape that this config.json describes, in place of MODEL.")
  static let tokenizer = Parameter<String?>.option(
    "tokenizer", .path("DIR", completing: .folders),
    shownAs: "beside CONFIG.json, else learned from the data",
    help: "The folder with the tokenizer.json of the model that --init makes.")

  /// What a tokenizer consists of, beside `tokenizer.json`.
  private static let tokenizerFiles = [
    "tokenizer_config.json", "special_tokens_map.json", "added_tokens.json", "chat_template.jinja",
    "chat_template.json", "vocab.json", "merges.txt", "generation_config.json",
  ]

  /// The model of a run, which is kept in the run's folder `initial`; it is made for a new one.
  /// - Parameters:
  ///   - run: The run's folder; nil where the model is only looked at.
  ///   - isNew: Whether the run is new, and not one that goes on.
  static func open(
    _ arguments: Arguments, _ configuration: String, run: String?, isNew: Bool, seed: UInt64,
    _ console: Console
  ) throws -> Checkpoint {
    guard let run else {
      let folder = FileManager.default.temporaryDirectory.appending(
        path: "martlet-initial-\(UUID().uuidString)")
      // What is mapped stays readable.
      defer { try? FileManager.default.removeItem(at: folder) }
      return try make(
        at: folder.path(), configuration: configuration, tokenizer: arguments[tokenizer],
        texts: arguments[TuneDataOptions.data], seed: seed, console)
    }
    let folder = "\(run)/\(TrainingRun.initialModelFolder)"
    guard isNew else { return try Checkpoint.open(folder) }
    return try make(
      at: folder, configuration: configuration, tokenizer: arguments[tokenizer],
      texts: arguments[TuneDataOptions.data], seed: seed, console)
  }

  /// Makes the model's folder: configuration, weights and tokenizer, which transformers loads.
  ///
  /// The tokenizer is that of --tokenizer, else the one beside the configuration, else one that is learned from the data,
  /// with as many tokens as the configuration's `vocab_size` says; the data is plain text then.
  /// - Parameters:
  ///   - folder: Where the model is to be; it is made where it is missing.
  ///   - configuration: The path of the `config.json`.
  ///   - tokenizer: The folder with the tokenizer; nil for none.
  ///   - texts: The files of the data, for a tokenizer that is learned.
  ///   - seed: What the weights are drawn by.
  /// - Returns: The model, opened.
  static func make(
    at folder: String, configuration path: String, tokenizer source: String?, texts: [String], seed: UInt64,
    _ console: Console
  ) throws -> Checkpoint {
    let members = try Checkpoint.configurationMembers(ofFile: path)
    try FileSystem.makeFolder(folder)
    let beside = URL(fileURLWithPath: path).deletingLastPathComponent().path
    if let found = [source, source == nil ? beside : nil].compactMap({ $0 }).first(where: hasTokenizer) {
      for name in ["tokenizer.json"] + tokenizerFiles where FileSystem.size("\(found)/\(name)") != nil {
        try OutputFile.write(
          String(contentsOfFile: "\(found)/\(name)", encoding: .utf8), to: "\(folder)/\(name)")
      }
    } else if let source {
      throw ReportedFailure(
        .noInput, "\(source) has no tokenizer.json. ‘martlet tokenizer train’ makes one from a text.")
    } else {
      try learn(from: texts, size: members["vocab_size"]?.intValue, configuration: path).write(
        to: folder, console)
    }
    let tokenizer = try Self.tokenizer(in: folder)
    let initial = try InitialModel(configuration: members, tokenizer: tokenizer, seed: seed)
    initial.warnings.forEach(console.warn)
    try initial.write(to: folder)
    return try Checkpoint.open(folder)
  }

  /// The tokenizer of a folder. `tokenizer_config.json` says which tokens begin and end texts.
  private static func tokenizer(in folder: String) throws -> Tokenizer {
    var tokenizer = try Tokenizer(
      tokenizerJSON: Array(String(contentsOfFile: "\(folder)/tokenizer.json", encoding: .utf8).utf8))
    let settings = "\(folder)/tokenizer_config.json"
    guard FileSystem.size(settings) != nil else { return tokenizer }
    let members = try Checkpoint.configurationMembers(ofFile: settings)
    func id(_ key: String) -> TokenID? {
      let text = members[key]?.stringValue ?? members[key]?["content"]?.stringValue
      return text.flatMap { tokenizer.id(of: $0) }
    }
    let (bos, eos) = (id("bos_token"), id("eos_token"))
    tokenizer.special.bos = bos ?? tokenizer.special.bos
    tokenizer.special.eos = eos ?? tokenizer.special.eos
    return tokenizer
  }

  private static func hasTokenizer(_ folder: String) -> Bool {
    FileSystem.size("\(folder)/tokenizer.json") != nil
  }

  /// A vocabulary that is to be learned.
  private struct Learning {
    let texts: [String]
    let trainer: BytePairTrainer

    func write(to folder: String, _ console: Console) throws {
      let words = try TrainingText.wordCounts(of: texts, console)
      try TrainingText.vocabulary(trainer, words, console).write(to: folder)
    }
  }

  private static func learn(
    from texts: [String], size: Int?, configuration: String
  ) throws -> Learning {
    guard let size else {
      throw ReportedFailure(
        .badData,
        "There is no tokenizer, and \(configuration) has no vocab_size to learn one of. Name a tokenizer with --tokenizer."
      )
    }
    if let other = texts.first(where: { path in
      !["txt", "md", "text"].contains(where: { path.hasSuffix("." + $0) })
    }) {
      throw UsageError(
        "There is no tokenizer, and \(other) is no plain text to learn one from.",
        advice: "Name a folder with a tokenizer.json with --tokenizer; ‘martlet tokenizer train’ makes one.")
    }
    let trainer = BytePairTrainer(vocabularySize: size)
    try trainer.check()
    return Learning(texts: texts, trainer: trainer)
  }
}
