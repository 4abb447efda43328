import MartletJSON
import MartletVectorStore

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

  /// What `embed` reads.
  /// - Throws: `UsageError` where the command line is wrong.
  init(_ arguments: Arguments) throws(UsageError) {
    let texts = arguments[EmbedOptions.texts]
    let isRecords = arguments[EmbedOptions.format] == .jsonl
    if isRecords, !texts.isEmpty {
      throw UsageError("--format jsonl takes no TEXT.", advice: "It reads records from standard input.")
    }
    if let number = texts.firstIndex(where: { $0.allSatisfy(\.isWhitespace) }) {
      throw UsageError(
        texts.count == 1 ? "TEXT is empty." : "TEXT number \(number + 1) is empty.",
        advice: "An empty text has no meaning to embed; leave it out.")
    }
    if let path = arguments[EmbedOptions.output], !path.hasSuffix(".npy") {
      throw UsageError(
        "--output ‘\(path)’ does not end in .npy.",
        advice:
          "NumPy's format is the only one that is written to a file; redirect standard output for others."
      )
    }
    self.init(texts: texts, isRecords: isRecords)
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

  init(_ arguments: Arguments, dimension: Int) throws {
    guard let path = arguments[EmbedOptions.output] else {
      self = .lines(isRecords: arguments[EmbedOptions.format] == .jsonl)
      return
    }
    self = .array(try NumPyFile(path: path, columns: dimension))
  }

  func add(_ item: EmbedSource.Item, _ numbers: [Float], isTruncated: Bool, _ console: Console) throws {
    switch self {
    case .array(let file): try file.append(numbers)
    case .lines:
      let vector = Self.json(numbers)
      guard var record = item.record else { return try console.result(vector + "\n") }
      record.set("embedding", rawJSON: vector)
      if isTruncated { record.set("truncated", true) }
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
