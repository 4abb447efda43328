import MartletJSON

extension Normalizer {
  /// The member `normalizer`; none where there is none.
  init(_ member: TokenizerMember?) throws(TokenizerError) {
    self.init()
    guard let member else { return }
    let type = try member.type()
    if type == "Sequence" {
      for part in try member.elements("normalizers") { steps += try Normalizer(part).steps }
    } else {
      steps = [try NormalizerStep(type, member)]
    }
  }
}

extension NormalizerStep {
  private static let known = [
    "BertNormalizer", "Lowercase", "NFC", "NFD", "NFKC", "NFKD", "Nmt", "Precompiled", "Prepend", "Replace",
    "Sequence", "Strip", "StripAccents",
  ]

  fileprivate init(_ type: String, _ member: TokenizerMember) throws(TokenizerError) {
    switch type {
    case "BertNormalizer":
      let lowercases = try member.bool("lowercase") ?? true
      self = .bert(
        BertNormalizer(
          cleansText: try member.bool("clean_text") ?? true,
          separatesChinese: try member.bool("handle_chinese_chars") ?? true,
          stripsAccents: try member.bool("strip_accents") ?? lowercases, lowercases: lowercases))
    case "Lowercase": self = .lowercase
    case "NFC": self = .form(.nfc)
    case "NFD": self = .form(.nfd)
    case "NFKC": self = .form(.nfkc)
    case "NFKD": self = .form(.nfkd)
    case "Nmt": self = .nmt
    case "Precompiled":
      let field = member.name("precompiled_charsmap")
      guard let text = try member.string("precompiled_charsmap") else { throw .missing(field: field) }
      guard let bytes = Base64.decode(text) else { throw .malformed(field: field, problem: "is not base64") }
      self = .characterMap(try CharacterMap(bytes, matchesGraphemes: true, field: field))
    case "Prepend": self = .prepend(Array((try member.string("prepend") ?? "").utf8))
    case "Replace": self = try Self.replacement(member)
    case "Strip":
      self = .strip(
        left: try member.bool("strip_left") ?? true, right: try member.bool("strip_right") ?? true)
    case "StripAccents": self = .stripAccents
    default: throw member.unknownType(type, Self.known)
    }
  }

  private static func replacement(_ member: TokenizerMember) throws(TokenizerError) -> NormalizerStep {
    guard let content = try member.string("content") else { throw .missing(field: member.name("content")) }
    if let pattern = try member.literalPattern() {
      return .replace(pattern: pattern, content: Array(content.utf8))
    }
    // The regular expressions that published files have here are about runs of spaces.
    switch try member["pattern"]?.string("Regex") {
    case " +": return .collapseSpaces(minimum: 1, content: Array(content.utf8))
    case " {2,}": return .collapseSpaces(minimum: 2, content: Array(content.utf8))
    case #"\s+"#: return .collapseWhiteSpace(content: Array(content.utf8))
    default:
      throw try member.required("pattern").unsupported(["strings", #"the Regex " {2,}", " +" and "\s+""#])
    }
  }
}

/// The encoding of bytes that RFC 4648 calls base64.
enum Base64 {
  /// The bytes of a text; nil where it is not base64 with its padding.
  static func decode(_ text: String) -> [UInt8]? {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(text.utf8.count * 3 / 4)
    var bits: UInt32 = 0
    var count = 0
    var characters = 0
    var padding = 0
    for character in text.utf8 {
      characters += 1
      if character == 0x3D {
        padding += 1
        continue
      }
      guard padding == 0, let value = value(character) else { return nil }
      bits = bits << 6 | value
      count += 6
      if count >= 8 {
        count -= 8
        bytes.append(UInt8(truncatingIfNeeded: bits >> UInt32(count)))
      }
    }
    return characters % 4 == 0 && padding <= 2 ? bytes : nil
  }

  private static func value(_ character: UInt8) -> UInt32? {
    switch character {
    case 0x41...0x5A: UInt32(character - 0x41)
    case 0x61...0x7A: UInt32(character - 0x61 + 26)
    case 0x30...0x39: UInt32(character - 0x30 + 52)
    case 0x2B: 62
    case 0x2F: 63
    default: nil
    }
  }
}
