import MartletJSON

extension TokenizerMember {
  /// The parts of a sequence, however deep; a part that is none is alone.
  func flattened(_ key: String) throws(TokenizerError) -> [TokenizerMember] {
    guard try type() == "Sequence" else { return [self] }
    var parts: [TokenizerMember] = []
    for part in try elements(key) { parts += try part.flattened(key) }
    return parts
  }
}

extension PreTokenizer {
  /// The member `pre_tokenizer`; none where there is none.
  init(_ member: TokenizerMember?) throws(TokenizerError) {
    guard let member else { return }
    for part in try member.flattened("pretokenizers") { steps += try Self.steps(part) }
  }

  private static let known = [
    "BertPreTokenizer", "ByteLevel (for BPE)", "CharDelimiterSplit", "Digits", "Metaspace", "Punctuation",
    "Sequence", "Split", "Whitespace", "WhitespaceSplit",
  ]

  private static func steps(_ member: TokenizerMember) throws(TokenizerError) -> [Step] {
    switch try member.type() {
    case "BertPreTokenizer": return PreTokenizer.bert.steps
    case "CharDelimiterSplit":
      return [.delimiter(.text(Array((try member.string("delimiter") ?? " ").utf8)), .removed)]
    case "Digits":
      let single = try member.bool("individual_digits") ?? false
      return [.delimiter(.number, single ? .isolated : .contiguous)]
    case "Metaspace": return [.metaspace(try Metaspace(member))]
    case "Punctuation":
      return [.delimiter(.punctuation, try member.choice("behavior", default: .isolated))]
    case "Split":
      guard let pattern = try member.literalPattern() else {
        throw try member.required("pattern").unsupported(["strings"])
      }
      if try member.bool("invert") == true {
        throw .unsupported(field: member.name("invert"), value: "true", known: ["false"])
      }
      return pattern.isEmpty
        ? [] : [.delimiter(.text(pattern), try member.choice("behavior", default: .isolated))]
    case "Whitespace": return [.words]
    case "WhitespaceSplit": return [.delimiter(.space, .removed)]
    case let other: throw member.unknownType(other, known)
    }
  }
}

extension PreTokenizer.Metaspace {
  fileprivate init(_ member: TokenizerMember) throws(TokenizerError) {
    replacement = try member.metaspaceSign()
    splits = try member.bool("split") ?? true
    prepends = try member.metaspacePrepends()
  }
}

extension TokenizerMember {
  fileprivate func metaspaceSign() throws(TokenizerError) -> [UInt8] {
    let text = try string("replacement") ?? "▁"
    guard text.unicodeScalars.count == 1 else {
      throw .malformed(field: name("replacement"), problem: "must be one character")
    }
    return Array(text.utf8)
  }

  /// Older files have `add_prefix_space` for `prepend_scheme`.
  fileprivate func metaspacePrepends() throws(TokenizerError) -> PreTokenizer.Metaspace.Prepends {
    let adds = try bool("add_prefix_space") ?? true
    return try choice("prepend_scheme", default: adds ? .always : .never)
  }
}

extension TokenDecoder {
  private static let known = [
    "ByteFallback", "ByteLevel", "Fuse", "Metaspace", "Replace", "Sequence", "Strip", "WordPiece",
  ]

  /// The member `decoder`; where there is none, tokens have spaces between them.
  init(_ member: TokenizerMember?) throws(TokenizerError) {
    self.init([])
    guard let member else {
      steps = [.spaced]
      return
    }
    var isFused = false
    for part in try member.flattened("decoders") {
      let type = try part.type()
      if type == "Fuse" {
        isFused = true
      } else if isFused {
        guard type == "Strip" else { throw part.unknownType("\(type) after Fuse", ["Strip"]) }
        leading = try Self.leading(part)
      } else {
        steps.append(try Self.step(type, part))
      }
    }
  }

  private static func step(_ type: String, _ member: TokenizerMember) throws(TokenizerError) -> Step {
    switch type {
    case "ByteFallback": return .bytes
    case "ByteLevel": return .byteLevel
    case "Metaspace":
      let prepends = try member.metaspacePrepends()
      return .metaspace(replacement: try member.metaspaceSign(), dropsFirst: prepends != .never)
    case "Replace":
      guard let pattern = try member.literalPattern() else {
        throw try member.required("pattern").unsupported(["strings"])
      }
      return .replace(pattern: pattern, content: Array((try member.string("content") ?? "").utf8))
    case "Strip":
      let strip = try Self.strip(member)
      return .strip(content: strip.content, start: strip.start, stop: strip.stop)
    case "WordPiece":
      return .words(
        prefix: Array((try member.string("prefix") ?? "##").utf8),
        cleansUp: try member.bool("cleanup") ?? true)
    default: throw member.unknownType(type, known)
    }
  }

  private static func strip(
    _ member: TokenizerMember
  ) throws(TokenizerError) -> (content: [UInt8], start: Int, stop: Int) {
    let content = Array((try member.string("content") ?? " ").utf8)
    let start = try member.count("start", default: 0)
    let stop = try member.count("stop", default: 0)
    // No token is longer than its bytes; a larger number would only cost time.
    return (content, min(start, 1 << 16), min(stop, 1 << 16))
  }

  /// What is taken off the whole text: from its end it cannot be, since a stream has none yet.
  private static func leading(_ member: TokenizerMember) throws(TokenizerError) -> (
    content: [UInt8], count: Int
  ) {
    let strip = try strip(member)
    guard strip.stop == 0 else {
      throw .unsupported(field: member.name("stop"), value: "\(strip.stop) after Fuse", known: ["0"])
    }
    return strip.content.isEmpty ? ([], 0) : (strip.content, strip.start)
  }
}
