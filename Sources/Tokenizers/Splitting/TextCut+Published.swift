extension RunPattern {
  /// The pattern of a regular expression: one set of characters, so many times, perhaps with `\s?` before it.
  ///
  /// `[\r\n]`, `\s?\p{L}+`, `\p{N}{1,3}` and `[0-9][0-9][0-9]` are such; nil where the text is none.
  init?(_ text: String) {
    var rest = text[...]
    takesSpace = rest.hasPrefix(#"\s?"#)
    if takesSpace { rest = rest.dropFirst(3) }
    guard let name = Self.takeClass(&rest), let set = ScalarSet(name.inside) else { return nil }
    self.set = set
    var count = 1
    while rest.hasPrefix(name.whole) {
      rest = rest.dropFirst(name.whole.count)
      count += 1
    }
    switch rest {
    case "": lengths = count...count
    case "+" where count == 1: lengths = 1...Int.max
    default:
      guard count == 1, rest.hasPrefix("{"), rest.hasSuffix("}") else { return nil }
      let bounds = rest.dropFirst().dropLast().split(separator: ",", omittingEmptySubsequences: false)
      let numbers = bounds.compactMap { Int($0) }
      // Looking far ahead at each place would take long.
      guard numbers.count == bounds.count, (1...2).contains(numbers.count), numbers[0] >= 1,
        numbers[0] <= numbers[numbers.count - 1], numbers[0] <= 64
      else { return nil }
      lengths = numbers[0]...numbers[numbers.count - 1]
    }
  }

  /// `[…]` or `\p{…}` at the beginning, and what ``ScalarSet`` reads of it.
  private static func takeClass(_ text: inout Substring) -> (whole: Substring, inside: Substring)? {
    if text.hasPrefix(#"\p{"#), let end = text.firstIndex(of: "}") {
      let whole = text[...end]
      text = text[text.index(after: end)...]
      return (whole, whole)
    }
    guard text.hasPrefix("[") else { return nil }
    var index = text.index(after: text.startIndex)
    while index < text.endIndex, text[index] != "]" {
      if text[index] == "\\" { text.formIndex(after: &index) }
      if index < text.endIndex { text.formIndex(after: &index) }
    }
    guard index < text.endIndex else { return nil }
    let whole = text[...index]
    text = text[text.index(after: index)...]
    return (whole, whole.dropFirst().dropLast())
  }
}

extension TextCut {
  /// The step of a `Split` with this regular expression; nil where it is not known.
  ///
  /// - Parameter removesRest: What does not match is dropped, instead of being pieces too.
  init?(regex text: String, removesRest: Bool) {
    if removesRest {
      guard let words = Self.clipWords[text] else { return nil }
      self = .clip(words: words.map { Array($0.utf8) })
    } else if text == Self.deepSeekText {
      self = .deepSeek
    } else if text == #"\s+$"# {
      self = .spaceAtEnd
    } else if let pattern = RunPattern(text) {
      self = .run(pattern)
    } else {
      return nil
    }
  }

  private static let deepSeekText =
    ##"[!"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+|[^\##r\##n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+| ?[\p{P}\p{S}]+[\##r\##n]*|\s*[\##r\##n]+|\s+(?!\S)|\s+"##

  /// CLIP's pattern, and that with its two ends, as transformers writes it since version 5.
  private static let clipWords: [String: [String]] = {
    let contractions = ["'s", "'t", "'re", "'ve", "'m", "'ll", "'d"]
    let pattern = #"'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+"#
    return [
      pattern: contractions,
      #"<\|startoftext\|>|<\|endoftext\|>|"# + pattern: ["<|startoftext|>", "<|endoftext|>"] + contractions,
    ]
  }()
}

extension TextCut {
  /// The steps of a `tokenizer.ggml.pre`, as the `tokenizer.json` of the same models has them; nil where a
  /// ``SplitPattern`` is all.
  static func gguf(_ name: String?) -> [TextCut]? {
    switch name {
    case "falcon":
      return [
        .run(RunPattern(set: .punctuation)), .pattern(.gpt2), .byteRun(of: .digits, 1...Int.max),
        .byteRun(of: ScalarSet("0-9"), 3...3),
      ].compactMap { $0 }
    case "deepseek-v3": return published([#"\p{N}{1,3}"#, "[一-龥\u{3040}-ゟ゠-ヿ]+", deepSeekText])
    case "deepseek-coder":
      return published(["[\\r\\n]", #"\s?\p{L}+"#, #"\s?\p{P}+"#, ideographs, #"\p{N}"#])
    case "deepseek-llm":
      return published([
        "[\\r\\n]", #"\s?["# + casedLetters + "]+", "\\s?[!-/:-~！-／：-～‘-‟\u{3000}-。]+", #"\s+$"#, ideographs,
        #"\p{N}"#,
      ])
    default: return nil
    }
  }

  private static func published(_ patterns: [String]) -> [TextCut] {
    patterns.compactMap { TextCut(regex: $0, removesRest: false) }
  }

  private static let ideographs = "[一-龥ࠀ-一가-\u{D7FF}]+"

  /// The letters with case that the first DeepSeek models keep together.
  private static let casedLetters =
    """
    A-Za-zµÀ-ÖØ-öø-ƺƼ-ƿǄ-ʓʕ-ʯͰ-ͳͶͷͻ-ͽͿΆΈ-ΊΌΎ-ΡΣ-ϵϷ-ҁҊ-ԯԱ-ՖႠ-ჅᎠ-Ᏽᏸ-ᏽᲐ-ᲺᲽ-Ჿᴀ-ᴫᵫ-ᵷᵹ-ᶚḀ-\
    ἕἘ-Ἕἠ-ὅὈ-Ὅὐ-ὗὙὛὝὟ-ώᾀ-ᾴᾶ-ᾼιῂ-ῄῆ-ῌῐ-ΐῖ-Ίῠ-Ῥῲ-ῴῶ-ῼℂℇℊ-ℓℕℙ-ℝℤΩℨK-ℭℯ-ℴℹℼ-ℿⅅ-ⅉⅎↃↄⰀ-ⱻⱾ-\
    ⳤⳫ-ⳮⳲⳳꙀ-ꙭꚀ-ꚛꜢ-ꝯꝱ-ꞇꞋ-ꞎꭰ-ꮿﬀ-ﬆﬓ-ﬗＡ-Ｚａ-ｚ𐐀-𐑏𐒰-𐓓𐓘-𐓻𐲀-𐲲𐳀-𐳲𑢠-𑣟𞤀-𞥃
    """

  /// A run of bytes whose visible characters are in a set.
  static func byteRun(of set: ScalarSet?, _ lengths: ClosedRange<Int>) -> TextCut? {
    set.map { set in .byteRun(ByteAlphabet.scalars.map { set.contains($0) }, lengths) }
  }
}
