/// Cuts documents into chunks: at headings, pages and declarations first, then between paragraphs, then between
/// sentences (in code, verse and logs: lines), and inside a sentence only where one alone is too long.
///
/// A row of a table is cut only where it alone is too long, and each chunk that begins in the midst of a table repeats the
/// table's header.
///
/// Sizes are measured in the embedder's own tokens, by a closure, since a model cuts what is longer than it takes
/// without a word (MiniLM: 256 tokens, two of which are its own). No chunk is longer than `maximumTokens`.
public struct Chunker: Sendable {
  /// The most tokens of a chunk, its heading context included, without the special tokens that the model adds.
  public let maximumTokens: Int
  /// How much of a chunk's end is said again at the start of the next one, where the cut is not at a heading or page.
  public let overlapTokens: Int
  /// Whether the headings above a chunk are put before it for the embedder.
  public let addsHeadingContext: Bool
  let countTokens: @Sendable (String) -> Int

  /// Creates a chunker.
  ///
  /// - Parameters:
  ///   - maximumTokens: At least 1; smaller values are taken as 1.
  ///   - overlapTokens: Taken as half of `maximumTokens` where it is more.
  ///   - addsHeadingContext: Whether the headings above a chunk count into it.
  ///   - countTokens: The tokens of a text without special ones. It should be cheap: each text is counted twice.
  public init(
    maximumTokens: Int, overlapTokens: Int, addsHeadingContext: Bool = true,
    countTokens: @escaping @Sendable (String) -> Int
  ) {
    self.maximumTokens = max(1, maximumTokens)
    self.overlapTokens = max(0, min(overlapTokens, self.maximumTokens / 2))
    self.addsHeadingContext = addsHeadingContext
    self.countTokens = countTokens
  }

  /// The chunks of a document in memory.
  public func chunks(of document: LoadedDocument) -> [Chunk] {
    var stream = ChunkStream(self)
    var chunks = [Chunk]()
    for section in document.sections { chunks += stream.append(section) }
    return chunks + stream.finish()
  }

  /// A chunker that takes sections one by one, for documents that do not fit into memory.
  public func makeStream() -> ChunkStream { ChunkStream(self) }

  /// The chunks of some sections of a document, as of one message of a mailbox.
  ///
  /// - Parameters:
  ///   - sections: The sections, in order.
  ///   - ordinal: The position of the first chunk in its document, counted from 0.
  public func chunks(of sections: [Section], from ordinal: Int) -> [Chunk] {
    var stream = ChunkStream(self, from: ordinal)
    var chunks: [Chunk] = []
    for section in sections { chunks += stream.append(section) }
    return chunks + stream.finish()
  }

  /// The tokens of a text; but at least one for sixteen bytes, since some tokenizers give a word of any length one
  /// token ("unknown"), and a chunk of them would have no end.
  func size(_ text: String) -> Int {
    max(countTokens(text), text.utf8.count / 16)
  }
}

/// Chunks made from sections as they come.
public struct ChunkStream: Sendable {
  private let chunker: Chunker
  private var pieces = [Piece]()
  private var tokens = 0
  private var ordinal: Int
  private var headings = [String]()
  private var contextTokens = 0
  private var finished = [Chunk]()

  init(_ chunker: Chunker, from ordinal: Int = 0) {
    self.chunker = chunker
    self.ordinal = ordinal
  }

  /// Takes the next section, and gives the chunks that are complete.
  public mutating func append(_ section: Section) -> [Chunk] {
    if let last = pieces.last {
      let isNewPlace = section.headings != last.headings || section.role == .heading
      // A new heading starts a new chunk unless the one before it is only a few words.
      if last.ends(before: section) || (isNewPlace && tokens >= chunker.maximumTokens / 4) {
        close(overlapping: false)
      }
    }
    enter(section.headings)
    let new = section.pieces(chunker, budget: budget)
    if section.table != nil {
      // A table that fits into one chunk is not divided between two.
      let total = new.reduce(0) { $0 + $1.tokens }
      if total <= budget, !pieces.isEmpty, tokens + total > budget { close(overlapping: true) }
    }
    for piece in new { append(piece) }
    return takeFinished()
  }

  /// The last chunks.
  public mutating func finish() -> [Chunk] {
    close(overlapping: false)
    return takeFinished()
  }

  /// The tokens that are left for text beside the heading context.
  private var budget: Int { max(1, chunker.maximumTokens - contextTokens) }

  private mutating func enter(_ headings: [String]) {
    guard headings != self.headings else { return }
    self.headings = headings
    guard chunker.addsHeadingContext else { return }
    // Headings take a quarter of the chunk at most.
    let context = HeadingContext(headings, chunker: chunker, limit: chunker.maximumTokens / 4)
    contextTokens = max(contextTokens, context.tokens)
    if pieces.isEmpty { contextTokens = context.tokens }
  }

  private mutating func takeFinished() -> [Chunk] {
    defer { finished = [] }
    return finished
  }

  private mutating func append(_ piece: Piece) {
    if !pieces.isEmpty, tokens + piece.tokens > budget {
      close(overlapping: true)
      // What is said again must leave room for what is new.
      while let first = pieces.first, first.isOverlap, tokens + room(for: piece) > budget {
        tokens -= pieces.removeFirst().tokens
      }
      // Headings that leave none are a chunk of their own.
      if !pieces.isEmpty, tokens + room(for: piece) > budget { close(overlapping: false) }
    }
    tokens += room(for: piece)
    pieces.append(piece)
  }

  /// The tokens of a piece, and those of the header that is repeated before it where it begins a chunk.
  private func room(for piece: Piece) -> Int {
    piece.tokens + (pieces.isEmpty ? piece.header?.tokens ?? 0 : 0)
  }

  private mutating func close(overlapping: Bool) {
    guard pieces.contains(where: { !$0.isOverlap }) else {
      pieces = []
      tokens = 0
      return
    }
    var next = [Piece]()
    // A heading goes with what it heads.
    if overlapping {
      while pieces.count > 1, let last = pieces.last, last.headsNext {
        next.insert(pieces.removeLast(), at: 0)
      }
      if next.isEmpty { next = overlap() }
    }
    emit(pieces)
    pieces = next
    tokens = next.reduce(0) { $0 + $1.tokens }
    let context = HeadingContext(headings, chunker: chunker, limit: chunker.maximumTokens / 4)
    contextTokens = chunker.addsHeadingContext ? context.tokens : 0
  }

  /// The last sentences of the open chunk, as many as the overlap allows; none of a table, whose rows need nothing said
  /// again but the header.
  private func overlap() -> [Piece] {
    var taken = [Piece]()
    var left = chunker.overlapTokens
    guard left > 0 else { return [] }
    for piece in pieces.reversed() where piece.kind != .heading {
      if piece.kind == .row || piece.kind == .header { return taken }
      for sentence in piece.units(chunker).reversed() {
        guard sentence.tokens <= left else { return taken }
        left -= sentence.tokens
        taken.insert(sentence.asOverlap(), at: 0)
      }
    }
    return taken
  }

  private mutating func emit(_ pieces: [Piece]) {
    var pieces = pieces
    var rest = [Piece]()
    while let first = pieces.first {
      let chunk = chunk(of: pieces)
      // Tokens of parts need not add up to those of the whole; the whole is what counts.
      if chunk.tokenCount > chunker.maximumTokens, pieces.count > 1 {
        rest.insert(pieces.removeLast(), at: 0)
        while pieces.count > 1, let last = pieces.last, last.headsNext {
          rest.insert(pieces.removeLast(), at: 0)
        }
        continue
      }
      if chunk.tokenCount > chunker.maximumTokens, first.canBeCut {
        rest = first.cut(chunker, budget: max(1, first.tokens / 2)) + rest
      } else {
        finished.append(chunk)
        ordinal += 1
      }
      pieces = rest
      rest = []
    }
  }

  /// The chunk that pieces make, with the header of a table before them where they begin in its midst.
  private func chunk(of pieces: [Piece]) -> Chunk {
    let own = pieces.first { $0.kind != .heading && !$0.isOverlap } ?? pieces.first
    let headings = own?.headings ?? []
    var text = ""
    var parts: [Chunk.Part] = []
    func append(_ piece: String, _ kind: Chunk.Part.Kind, after separator: String = "") {
      text += separator
      let start = text.utf8.count
      text += piece
      // Sentences and lines of one section are one part again.
      let continues = kind != .row && !separator.hasPrefix("\n\n") && parts.last?.kind == kind
      let first = continues ? parts.removeLast().byteRange.lowerBound : start
      parts.append(.init(kind: kind, byteRange: first..<text.utf8.count))
    }
    var repeated: Chunk.RepeatedHeader?
    if let header = pieces.first?.header?.row {
      append(header.text, .header)
      text += "\n"
      repeated = .init(
        lineBreaks: text.utf8.count { $0 == 0x0A }, startLine: header.startLine, endLine: header.endLine)
    }
    for (index, piece) in pieces.enumerated() {
      append(piece.text, piece.kind, after: index > 0 ? piece.separator : "")
    }
    var context = ""
    if chunker.addsHeadingContext {
      let missing = headings.filter { !text.contains($0) }
      context = HeadingContext(missing, chunker: chunker, limit: chunker.maximumTokens / 4).text
    }
    var chunk = Chunk(
      text: text, context: context, page: pieces.first?.page, startLine: pieces.first?.startLine,
      endLine: pieces.last?.endLine, headings: headings, ordinal: ordinal)
    chunk.place = Self.place(of: pieces)
    chunk.attributes = Self.attributes(of: pieces)
    chunk.parts = parts
    chunk.repeatedHeader = repeated
    chunk.tokenCount = chunker.size(chunk.embeddingText)
    return chunk
  }
}

extension ChunkStream {
  /// The place of the first piece; of a recording the time from the first piece to the last.
  fileprivate static func place(of pieces: [Piece]) -> Place? {
    guard case .time(let first)? = pieces.first?.place, case .time(let last)? = pieces.last?.place else {
      return pieces.first?.place
    }
    return .time(first.lowerBound...max(first.upperBound, last.upperBound))
  }

  /// What all pieces have in common, those aside that are only repeated, or name others.
  fileprivate static func attributes(of pieces: [Piece]) -> [String: Attribute] {
    let own = pieces.filter { !$0.isOverlap && !$0.headsNext }
    guard let first = own.first ?? pieces.first else { return [:] }
    return own.dropFirst().reduce(first.attributes) { common, piece in
      piece.attributes == common ? common : common.filter { piece.attributes[$0.key] == $0.value }
    }
  }
}

/// The headings above a chunk as one line, within a limit of tokens: the innermost are kept.
struct HeadingContext {
  private(set) var text = ""
  private(set) var tokens = 0

  init(_ headings: [String], chunker: Chunker, limit: Int) {
    guard !headings.isEmpty else { return }
    for first in headings.indices {
      let candidate = headings[first...].joined(separator: " > ")
      let count = chunker.size(candidate)
      if count <= limit {
        (text, tokens) = (candidate, count)
        return
      }
    }
  }
}
