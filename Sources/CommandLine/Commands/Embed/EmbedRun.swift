import MartletEmbedding
import MartletJSON
import MartletTensors
import MartletVectorStore

/// `embed`: reads texts in groups, embeds each group at once, and writes its vectors before it reads the next.
struct EmbedRun {
  private let arguments: Arguments
  private let console: Console
  /// Enough for packed batches of texts of like length, little enough to stay in step with a pipe.
  private static let groupSize = 256
  /// A group of long texts ends sooner, so that memory stays bounded by one of them.
  private static let groupBytes = 4 << 20

  init(_ arguments: Arguments, _ console: Console) {
    self.arguments = arguments
    self.console = console
  }

  func run() throws {
    let isLines = arguments[EmbedOptions.format] == .jsonl
    var source = EmbedSource(texts: arguments[EmbedOptions.texts], isRecords: isLines)
    if isLines, !arguments[EmbedOptions.texts].isEmpty {
      throw UsageError("--format jsonl takes no TEXT.", advice: "It reads records from standard input.")
    }
    if let number = arguments[EmbedOptions.texts].firstIndex(where: { $0.allSatisfy(\.isWhitespace) }) {
      throw UsageError(
        arguments[EmbedOptions.texts].count == 1 ? "TEXT is empty." : "TEXT number \(number + 1) is empty.",
        advice: "An empty text has no meaning to embed; leave it out.")
    }
    try checkOutput()
    let embedder = try openEmbedder()
    let sink = try makeSink(dimension: embedder.dimension)
    var truncated = 0
    var total = 0
    var ending: Result<Void, any Error>?
    while ending == nil {
      var group: [EmbedSource.Item] = []
      var bytes = 0
      do {
        while ending == nil, group.count < Self.groupSize, bytes < Self.groupBytes {
          guard let item = try source.next() else {
            ending = .success(())
            break
          }
          bytes += item.text.utf8.count
          group.append(item)
        }
      } catch {
        // A malformed line ends the run, after the lines before it.
        ending = .failure(error)
      }
      try Task.checkCancellation()
      for (item, embedding) in zip(
        group, try embedder.embed(group.map(\.text), as: arguments[EmbedOptions.role]))
      {
        total += 1
        if embedding.isTruncated {
          truncated += 1
          try refuseIfAsked(item, embedding, embedder)
        }
        try sink.add(item, embedding, console)
      }
      try console.flush()
    }
    try ending?.get()
    try sink.finish()
    if truncated > 0 {
      let verb = truncated == 1 ? "was" : "were"
      console.warn(
        "\(truncated) of \(total) texts \(verb) longer than the \(embedder.maximumTokens) tokens that "
          + "\(embedder.name) reads, and \(verb) cut there. --overflow error refuses such texts.")
    }
  }

  private func openEmbedder() throws -> SentenceEmbedder {
    try OpenModel.embedder(
      named: arguments[ModelParameters.embedder], precision: arguments[EmbedOptions.precision].precision,
      arguments, console)
  }

  private func checkOutput() throws(UsageError) {
    guard let path = arguments[EmbedOptions.output], !path.hasSuffix(".npy") else { return }
    throw UsageError(
      "--output ‘\(path)’ does not end in .npy.",
      advice: "NumPy's format is the only one that is written to a file; redirect standard output for others."
    )
  }

  private func makeSink(dimension: Int) throws -> EmbedSink {
    guard let path = arguments[EmbedOptions.output] else {
      return .lines(isRecords: arguments[EmbedOptions.format] == .jsonl)
    }
    return .array(try NumPyFile(path: path, columns: dimension))
  }

  private func refuseIfAsked(
    _ item: EmbedSource.Item, _ embedding: SentenceEmbedder.Embedding, _ embedder: SentenceEmbedder
  ) throws {
    guard arguments[EmbedOptions.overflow] == .error else { return }
    throw ReportedFailure(
      .badData,
      "\(item.place): the text has \(embedding.uncutTokenCount) tokens, but \(embedder.name) reads \(embedder.maximumTokens). "
        + "Split it, or allow cutting with --overflow cut.")
  }
}

/// Where the texts come from: the command line, or lines of standard input that are texts or records.
struct EmbedSource: ~Copyable {
  struct Item {
    let text: String
    let record: RawJSONObject?
    /// Where it stands, for messages.
    let place: String
  }

  private var arguments: ArraySlice<String>
  private let isRecords: Bool
  private let readsInput: Bool
  private var reader = LineReader()
  private var count = 0

  init(texts: [String], isRecords: Bool) {
    arguments = texts[...]
    self.isRecords = isRecords
    readsInput = texts.isEmpty
  }

  mutating func next() throws -> Item? {
    if let text = arguments.popFirst() {
      count += 1
      return Item(text: text, record: nil, place: "text \(count)")
    }
    guard readsInput, let bytes = try reader.next() else { return nil }
    let place = "\(reader.name), line \(reader.lineNumber)"
    guard isRecords else {
      let line = try decodedText(bytes, from: place)
      // Left out, it would shift all later vectors against the lines of their texts.
      guard !line.allSatisfy(\.isWhitespace) else {
        throw RecordError(
          source: reader.name, line: reader.lineNumber,
          problem: "the line is empty: it holds no text. Remove such lines first, for example with "
            + "grep '[^[:space:]]'.")
      }
      return Item(text: line, record: nil, place: place)
    }
    if bytes.allSatisfy({ $0 == 0x20 || $0 == 0x09 }) { return try next() }
    let record = try RawJSONObject.record(bytes, source: reader.name, line: reader.lineNumber)
    let text = try record.string("text", source: reader.name, line: reader.lineNumber)
    guard !text.allSatisfy(\.isWhitespace) else {
      throw RecordError(source: reader.name, line: reader.lineNumber, problem: "\"text\" is empty.")
    }
    return Item(text: text, record: record, place: place)
  }
}

/// Where the vectors go.
enum EmbedSink {
  case lines(isRecords: Bool)
  case array(NumPyFile)

  func add(_ item: EmbedSource.Item, _ embedding: SentenceEmbedder.Embedding, _ console: Console) throws {
    switch self {
    case .array(let file): try file.append(embedding.vector)
    case .lines:
      let vector = Self.json(embedding.vector)
      guard var record = item.record else { return try console.result(vector + "\n") }
      record.set("embedding", rawJSON: vector)
      if embedding.isTruncated { record.set("truncated", true) }
      try console.result(record.text + "\n")
    }
  }

  func finish() throws {
    if case .array(let file) = self { try file.finish() }
  }

  /// A vector as JSON: the shortest numbers that read back as the same floats.
  private static func json(_ vector: [Float]) -> String {
    var text = "["
    for (index, value) in vector.enumerated() {
      if index > 0 { text += ", " }
      text += value.description
    }
    return text + "]"
  }
}
