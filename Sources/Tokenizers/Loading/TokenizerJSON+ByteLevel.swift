import MartletJSON

/// The pre-tokenizer of a byte-level vocabulary: the steps that cut a text.
struct ByteLevelSplitting {
  private(set) var cuts: [TextCut] = []
  private(set) var addsSpace = false
  /// Whether steps see bytes as visible characters already.
  private var isMapped = false

  /// Nil where the member is of another kind.
  /// - Throws: ``TokenizerError`` naming a step beside `ByteLevel` that is not supported.
  init?(_ member: TokenizerMember?) throws(TokenizerError) {
    guard let member else { return nil }
    let steps = try member.flattened("pretokenizers")
    var isByteLevel = false
    for step in steps where try step.type() == "ByteLevel" { isByteLevel = true }
    guard isByteLevel else { return nil }
    for step in steps { try append(step) }
    guard !cuts.isEmpty else {
      throw .unsupported(field: member.name("use_regex"), value: "false without a pattern", known: ["true"])
    }
  }

  private mutating func append(_ step: TokenizerMember) throws(TokenizerError) {
    switch try step.type() {
    case "ByteLevel":
      if try step.bool("add_prefix_space") ?? true { addsSpace = true }
      // A second one would spell what is spelled already.
      guard !isMapped else { throw step.unknownType("ByteLevel behind ByteLevel", []) }
      if try step.bool("use_regex") ?? true, cuts.last != .pattern(.gpt2) { cuts.append(.pattern(.gpt2)) }
      isMapped = true
    case "Digits":
      let isAlone = try step.bool("individual_digits") ?? false
      try append(RunPattern(set: .digits, lengths: isAlone ? 1...1 : 1...Int.max), of: step)
    case "Punctuation":
      let behavior = try step.choice("behavior", default: PreTokenizer.Behavior.isolated)
      guard behavior == .isolated || behavior == .contiguous else {
        throw .unsupported(
          field: step.name("behavior"), value: "\"\(behavior.rawValue)\"", known: ["Isolated", "Contiguous"])
      }
      try append(
        RunPattern(set: .punctuation, lengths: behavior == .isolated ? 1...1 : 1...Int.max), of: step)
    case "Split": try appendSplit(step)
    case let other:
      throw step.unknownType(other, ["ByteLevel", "Digits", "Punctuation", "Split", "Sequence"])
    }
  }

  private mutating func append(_ pattern: RunPattern, of step: TokenizerMember) throws(TokenizerError) {
    guard isMapped else { return cuts.append(.run(pattern)) }
    guard !pattern.takesSpace, let cut = TextCut.byteRun(of: pattern.set, pattern.lengths) else {
      throw try step.required("pattern").unsupported([])
    }
    cuts.append(cut)
  }

  private mutating func appendSplit(_ step: TokenizerMember) throws(TokenizerError) {
    let behavior = try step.choice("behavior", default: PreTokenizer.Behavior.isolated)
    let isInverted = try step.bool("invert") ?? false
    let removesRest = behavior == .removed && isInverted
    guard removesRest || behavior == .isolated else {
      throw .unsupported(
        field: step.name("behavior"), value: "\"\(behavior.rawValue)\"",
        known: ["Isolated", "Removed with invert"])
    }
    let pattern = try step.required("pattern")
    guard let text = try pattern.string("Regex") else { throw pattern.unsupported(["Regex"]) }
    if let known = SplitPattern.published.first(where: { $0.text == text }), !isMapped {
      return cuts.append(.pattern(known.pattern))
    }
    switch TextCut(regex: text, removesRest: removesRest) {
    case .run(let run)?: try append(run, of: step)
    // "$" is the end of a line, too.
    case .spaceAtEnd? where !cuts.contains { $0 == .lineBreaksApart }: throw pattern.unsupported([])
    case let cut? where !isMapped: cuts.append(cut)
    default: throw pattern.unsupported([])
    }
  }

  /// What these steps make of a vocabulary. One pattern, and digits before it, have a quicker way.
  func model(_ pairs: BytePairModel) -> TokenizerModel {
    let digits = TextCut.run(RunPattern(set: .digits, lengths: 1...1))
    switch (cuts.count, cuts.first, cuts.last) {
    case (1, .pattern(let pattern)?, _):
      return .bytePairs(pairs, PatternScanner(pattern), digitsApart: false)
    case (2, digits?, .pattern(let pattern)?):
      return .bytePairs(pairs, PatternScanner(pattern), digitsApart: true)
    default: return .cutBytePairs(pairs, cuts)
    }
  }
}

extension TextCut {
  /// `[\r\n]`
  fileprivate static let lineBreaksApart = TextCut(regex: #"[\r\n]"#, removesRest: false)
}
