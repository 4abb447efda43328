/// Cuts normalized text into pieces, none of which a token crosses: the pre-tokenizers of Hugging Face `tokenizers`
/// other than the byte-level ones, which ``PatternScanner`` does.
struct PreTokenizer: Sendable {
  enum Step: Sendable {
    /// `\w+|[^\w\s]+`
    case words
    case delimiter(Delimiter, Behavior)
    case metaspace(Metaspace)
  }

  /// What a text is cut at.
  enum Delimiter: Sendable, Equatable {
    case space
    case punctuation
    case number
    case text([UInt8])
  }

  /// What becomes of a delimiter.
  enum Behavior: String, Sendable, CaseIterable {
    case removed = "Removed"
    case isolated = "Isolated"
    case mergedWithPrevious = "MergedWithPrevious"
    case mergedWithNext = "MergedWithNext"
    case contiguous = "Contiguous"
  }

  /// Spaces as visible signs, and one in front.
  struct Metaspace: Sendable {
    enum Prepends: String, Sendable, CaseIterable { case always, first, never }
    var replacement: [UInt8]
    var prepends: Prepends
    /// Whether each sign begins a piece.
    var splits: Bool
  }

  var steps: [Step] = []

  /// BERT's words: white space away, signs of punctuation apart.
  static let bert = PreTokenizer(steps: [
    .delimiter(.space, .removed), .delimiter(.punctuation, .isolated),
  ])

  /// Whether a sign is put in front of the first piece alone, after other steps have cut: that is a piece which begins
  /// where the text as given does, so ``split(_:spare:isFirst:into:)`` needs to know where pieces came from.
  var asksForOrigin: Bool {
    steps.dropFirst().contains { step in
      if case .metaspace(let metaspace) = step { metaspace.prepends == .first } else { false }
    }
  }

  /// Sets `pieces` to those of `text`, which a step may rewrite; `isFirst` says that it begins the text as given.
  func split(
    _ text: inout MappedText, spare: inout MappedText, isFirst: Bool, into pieces: inout [Range<Int>]
  ) {
    pieces.removeAll(keepingCapacity: true)
    if !text.bytes.isEmpty { pieces.append(0..<text.bytes.count) }
    for (index, step) in steps.enumerated() {
      switch step {
      case .words:
        pieces = pieces.flatMap { Self.words(text.bytes, $0) }
      case .delimiter(let delimiter, let behavior):
        pieces = Self.cut(text.bytes, pieces, delimiter, behavior)
      case .metaspace(let metaspace):
        metaspace.rewrite(&text, spare: &spare, isFirst: isFirst, isCut: index > 0, &pieces)
        if metaspace.splits {
          pieces = Self.cut(text.bytes, pieces, .text(metaspace.replacement), .mergedWithNext)
        }
      }
    }
  }

  /// Runs of word characters, and runs of what is neither that nor white space.
  private static func words(_ text: [UInt8], _ range: Range<Int>) -> [Range<Int>] {
    func kind(_ scalar: UInt32) -> Int {
      if CharacterClasses.flags[scalar] & CharacterClasses.word != 0 { return 1 }
      return CharacterClasses.isSpace(scalar) ? 0 : 2
    }
    var result: [Range<Int>] = []
    var start = range.lowerBound
    var last = 0
    var index = start
    while index < range.upperBound {
      let (scalar, length) = UTF8Scalars.read(text, index)
      let own = kind(scalar)
      if own != last {
        if last != 0 { result.append(start..<index) }
        start = index
        last = own
      }
      index += length
    }
    if last != 0 { result.append(start..<range.upperBound) }
    return result
  }

  private static func cut(
    _ text: [UInt8], _ pieces: [Range<Int>], _ delimiter: Delimiter, _ behavior: Behavior
  ) -> [Range<Int>] {
    var result: [Range<Int>] = []
    result.reserveCapacity(pieces.count)
    for piece in pieces {
      var joiner = PieceJoiner(behavior: behavior, result: result)
      result = []
      var start = piece.lowerBound
      var index = start
      while index < piece.upperBound {
        let (matches, length) = delimiter.match(text, index..<piece.upperBound)
        if matches {
          if start < index { joiner.append(start..<index, isDelimiter: false) }
          joiner.append(index..<index + length, isDelimiter: true)
          start = index + length
        }
        index += length
      }
      if start < piece.upperBound { joiner.append(start..<piece.upperBound, isDelimiter: false) }
      result = joiner.finish()
    }
    return result
  }
}

extension PreTokenizer.Delimiter {
  /// Whether a delimiter stands at the beginning of a range, and the length of it, or of the character there.
  @inline(__always)
  fileprivate func match(_ text: [UInt8], _ range: Range<Int>) -> (Bool, Int) {
    if case .text(let pattern) = self {
      let matches =
        pattern.count <= range.count
        && pattern.indices.allSatisfy { text[range.lowerBound + $0] == pattern[$0] }
      return (matches, matches ? pattern.count : UTF8Scalars.length(text[range.lowerBound]))
    }
    let (scalar, length) = UTF8Scalars.read(text, range.lowerBound)
    switch self {
    case .space: return (CharacterClasses.isSpace(scalar), length)
    case .punctuation:
      return (CharacterClasses.flags[scalar] & CharacterClasses.bertPunctuation != 0, length)
    default: return (CharacterClasses.flags[scalar] & CharacterClasses.numeric != 0, length)
    }
  }
}

extension PreTokenizer.Metaspace {
  /// Replaces the spaces of all pieces, and puts the sign in front of those that want it.
  fileprivate func rewrite(
    _ text: inout MappedText, spare: inout MappedText, isFirst: Bool, isCut: Bool,
    _ pieces: inout [Range<Int>]
  ) {
    func begins(_ piece: Range<Int>) -> Bool {
      isCut && text.isMapped ? text.source(piece.lowerBound).start == 0 : piece.lowerBound == 0
    }
    spare.clear(like: text)
    for index in pieces.indices {
      let piece = pieces[index]
      let start = spare.bytes.count
      let beginsSo = text.bytes[piece].starts(with: replacement) || text.bytes[piece.lowerBound] == 0x20
      if !beginsSo, prepends == .always || prepends == .first && isFirst && begins(piece) {
        let first = text.source(piece.lowerBound)
        spare.append(replacement, from: first)
      }
      for place in piece {
        if text.bytes[place] == 0x20 {
          spare.append(replacement, from: text.source(place))
        } else {
          spare.append(place..<place + 1, of: text)
        }
      }
      pieces[index] = start..<spare.bytes.count
    }
    swap(&text, &spare)
  }
}

/// Joins text and delimiters to pieces as a behaviour has it.
private struct PieceJoiner {
  let behavior: PreTokenizer.Behavior
  private var result: [Range<Int>]
  private let first: Int
  private var last: Bool?

  init(behavior: PreTokenizer.Behavior, result: [Range<Int>]) {
    self.behavior = behavior
    self.result = result
    first = result.count
  }

  mutating func append(_ range: Range<Int>, isDelimiter: Bool) {
    defer { last = isDelimiter }
    let joins: Bool
    switch behavior {
    case .removed:
      if isDelimiter { return }
      joins = false
    case .isolated: joins = false
    case .contiguous: joins = last == isDelimiter
    case .mergedWithPrevious: joins = isDelimiter && last == false
    case .mergedWithNext: joins = !isDelimiter && last == true
    }
    if joins, result.count > first {
      result[result.count - 1] = result[result.count - 1].lowerBound..<range.upperBound
    } else {
      result.append(range)
    }
  }

  consuming func finish() -> [Range<Int>] { result }
}
