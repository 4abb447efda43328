/// What stands around one text, and around and between two, when the model's own tokens are wanted.
struct EncodingTemplate: Sendable, Equatable {
  /// A part of an input.
  enum Piece: Sendable, Equatable {
    case first(type: Int32)
    case second(type: Int32)
    case tokens([TokenID], type: Int32)
  }

  /// For one text; empty where the file has no template.
  var single: [Piece] = []
  /// For two texts; empty where the file has no template.
  var pair: [Piece] = []

  init(single: [Piece] = [], pair: [Piece] = []) {
    self.single = single
    self.pair = pair
  }

  /// The tokens before and behind, as BERT has them for one text and two.
  init(prefix: [TokenID], suffix: [TokenID]) {
    guard !prefix.isEmpty || !suffix.isEmpty else { return }
    single = [.tokens(prefix, type: 0), .first(type: 0), .tokens(suffix, type: 0)]
    pair = single + [.second(type: 1), .tokens(suffix, type: 1)]
  }

  /// The tokens before a single text.
  var prefix: [TokenID] {
    Self.tokens(single.prefix { !Self.isText($0) })
  }

  /// The tokens behind a single text.
  var suffix: [TokenID] {
    guard let text = single.firstIndex(where: Self.isText) else { return [] }
    return Self.tokens(single[(text + 1)...])
  }

  /// How many tokens a template adds to its texts.
  static func tokenCount(_ pieces: [Piece]) -> Int { tokens(pieces[...]).count }

  private static func isText(_ piece: Piece) -> Bool {
    if case .tokens = piece { false } else { true }
  }

  private static func tokens(_ pieces: ArraySlice<Piece>) -> [TokenID] {
    pieces.flatMap { piece -> [TokenID] in if case .tokens(let ids, _) = piece { ids } else { [] } }
  }
}
