import Foundation
import MartletCheckpoints
import MartletJSON
import MartletTokenizers

private let files = Parameter<[String]>.arguments(
  "FILE", .path("FILE"), minimum: 1, help: "Texts in UTF-8; ‘-’ is standard input.")
private let vocabularySize = Parameter<Int?>.option(
  "vocab-size", .integer(in: 1...10_000_000),
  help: "How many tokens the vocabulary is to have, special ones and the 256 bytes among them. Required.")
private let minimumFrequency = Parameter<Int>.option(
  "min-frequency", .integer(atLeast: 0), default: 0,
  help: "How often a pair has to occur to become a token.")
private let special = Parameter<[String]>.options(
  "special", .text("TOKEN"),
  help: "A token that stands for no text, such as <|endoftext|>; as often as needed. They get the first ids.")
private let output = Parameter<String?>.option(
  "output", short: "o", .path("DIR", completing: .folders),
  help: "The folder that the tokenizer is written into. Required.")
private let force = Parameter<Bool>.flag("force", help: "Replace a tokenizer that is in DIR.")
private let json = Parameter<Bool>.flag("json", help: "Print one JSON object at the end.")

extension Command {
  /// Commands that make tokenizers.
  static let tokenizers: Command = .group(
    name: "tokenizer",
    summary: "Make a tokenizer.",
    discussion: "A model from nothing needs one before it can be trained.",
    subcommands: [.tokenizerTrain])

  /// Learns a vocabulary.
  static let tokenizerTrain: Command = Command(
    name: "tokenizer train",
    summary: "Learn a tokenizer's vocabulary from texts.",
    discussion: """
      Learns byte pairs (BPE) as GPT-2 has them: the special tokens, a token for each of the 256 bytes, and then, again \
      and again, the most frequent pair of neighbours. Tokens and merges are those that Hugging Face tokenizers learns \
      with its BpeTrainer, byte-level pre-tokenizer and byte alphabet, in the same order.

      A text is read once, line by line, and may be larger than memory. Without --special there is one special token, \
      <|endoftext|>. It ends texts; where others are given, <|endoftext|> or else the first one does.

      DIR gets tokenizer.json and tokenizer_config.json, which transformers and Martlet load.

      --json prints an object: output, tokens, merges, special (a list), bytes (of the texts), words (different ones) \
      and seconds.
      """,
    parameters: [
      files.definition, vocabularySize.definition, minimumFrequency.definition, special.definition,
      output.definition, force.definition, json.definition,
    ],
    examples: [
      .init("martlet tokenizer train book.txt --vocab-size 8000 -o tokenizer", "From a book:"),
      .init(
        "martlet tokenizer train *.md --vocab-size 4000 --special \"<|endoftext|>\" --special \"<|pad|>\" -o tok",
        "With two special tokens:"),
    ]
  ) { arguments, console in
    let start = ContinuousClock.now
    guard let size = arguments[vocabularySize] else {
      throw UsageError(
        "--vocab-size is missing.", advice: "Say how many tokens, for example --vocab-size 8000.")
    }
    guard let folder = arguments[output] else {
      throw UsageError("-o is missing.", advice: "Name the folder that the tokenizer is written into.")
    }
    let tokens = arguments[special]
    let trainer = BytePairTrainer(
      vocabularySize: size, minimumFrequency: arguments[minimumFrequency],
      specialTokens: tokens.isEmpty ? ["<|endoftext|>"] : tokens)
    try trainer.check()
    let place = "\(folder)/tokenizer.json"
    if FileSystem.size(place) != nil, !arguments[force] {
      throw UsageError(
        "\(place) exists already.", advice: "Name another folder, or add --force to replace it.")
    }
    let words = try TrainingText.wordCounts(of: arguments[files], console)
    let vocabulary = try TrainingText.vocabulary(trainer, words, console)
    try vocabulary.write(to: folder)
    if arguments[json] {
      let object: JSON = [
        "output": .string(folder), "tokens": JSON(vocabulary.tokens.count),
        "merges": JSON(vocabulary.merges.count),
        "special": .array(vocabulary.specialTokens.map { .string($0) }), "bytes": JSON(words.byteCount),
        "words": JSON(words.count), "seconds": JSON((ContinuousClock.now - start).inSeconds),
      ]
      return try console.result(object.serialized() + "\n")
    }
    console.note(
      "Learned \(count(vocabulary.tokens.count, "token")) from \(formatBytes(words.byteCount)) in "
        + "\(formatDecimal((ContinuousClock.now - start).inSeconds, 1)) s: \(folder)/tokenizer.json\n")
  }
}

/// Texts that a vocabulary is learned from.
enum TrainingText {
  /// The words of files, which are read in parts.
  static func wordCounts(of paths: [String], _ console: Console) throws -> WordCounts {
    var words = WordCounts()
    let total = paths.reduce(into: Int?(0)) { sum, path in
      sum = sum.flatMap { sum in FileSystem.size(path).map { sum + $0 } }
    }
    let bar = ProgressBar("Reading", unit: .bytes, total: total, console: console)
    defer { bar.finish() }
    for path in paths {
      var lines = try LineBlocks(path: path)
      var offset = 0
      while let block = try lines.next() {
        do { try words.add(lines: block) } catch {
          guard case .notUTF8(let inBlock) = error else { throw error }
          throw ReportedFailure(
            .badData,
            "\(lines.name) is not UTF-8 at byte \(offset + inBlock). Convert it first, for example with iconv."
          )
        }
        offset += block.count
        bar.update(done: words.byteCount)
      }
      guard offset > 0 else {
        throw ReportedFailure(.badData, "\(lines.name) is empty. Give texts to learn from.")
      }
    }
    return words
  }

  /// Learns a vocabulary, and warns where it is smaller than was asked for.
  static func vocabulary(
    _ trainer: BytePairTrainer, _ words: WordCounts, _ console: Console
  ) throws -> BytePairVocabulary {
    let bar = ProgressBar(
      "Learning", unit: .count("tokens"), total: trainer.vocabularySize, console: console)
    defer { bar.finish() }
    let vocabulary = try trainer.train(on: words) { bar.update(done: $0) }
    bar.finish()
    if vocabulary.tokens.count < trainer.vocabularySize {
      let reason =
        trainer.minimumFrequency > 1
        ? "no other pair occurs \(trainer.minimumFrequency) times" : "every word is a token"
      console.warn(
        "The vocabulary has \(vocabulary.tokens.count) tokens, not \(trainer.vocabularySize): \(reason). "
          + "A larger text gives more.")
    }
    return vocabulary
  }
}

extension BytePairVocabulary {
  /// Writes tokenizer.json and tokenizer_config.json into a folder, which is made where it is missing.
  func write(to folder: String) throws {
    try FileSystem.makeFolder(folder)
    for (name, value) in [
      ("tokenizer_config.json", tokenizerConfiguration()), ("tokenizer.json", tokenizerJSON()),
    ] {
      let place = "\(folder)/\(name)"
      do {
        try OutputFile.write(value.serialized() + "\n", to: place + ".partial")
        try FileSystem.rename(place + ".partial", to: place)
      } catch {
        try? FileSystem.remove(place + ".partial")
        throw error
      }
    }
  }
}
