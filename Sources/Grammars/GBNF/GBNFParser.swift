/// An expression of a grammar in GBNF.
indirect enum GBNFExpression: Sendable {
  case pattern(Pattern)
  case reference(String, line: Int)
  case sequence([GBNFExpression])
  case choice([GBNFExpression])
  case repeated(GBNFExpression, minimum: Int, maximum: Int?)
}

/// A rule of a grammar in GBNF.
struct GBNFRule: Sendable {
  let name: String
  let line: Int
  let expression: GBNFExpression
}

/// Reads grammars in llama.cpp's GBNF.
struct GBNFParser {
  private let scalars: [UInt32]
  private var position = 0
  private var line = 1
  private var depth = 0

  private static let maximumDepth = 100
  private static let maximumRepeat = 1_000_000

  /// The rules in their order.
  static func parse(_ text: String) throws(GrammarError) -> [GBNFRule] {
    var parser = GBNFParser(text)
    var rules: [GBNFRule] = []
    parser.skipSpace(andBreaks: true)
    while !parser.isAtEnd {
      rules.append(try parser.rule())
      parser.skipSpace(andBreaks: true)
    }
    return rules
  }

  private init(_ text: String) { scalars = text.unicodeScalars.map(\.value) }

  private var isAtEnd: Bool { position >= scalars.count }
  private var next: UInt32? { isAtEnd ? nil : scalars[position] }

  private func error(_ problem: String) -> GrammarError { .gbnf(line: line, problem: problem) }

  private mutating func take(_ literal: String) -> Bool {
    let wanted = literal.unicodeScalars.map(\.value)
    guard scalars.dropFirst(position).starts(with: wanted) else { return false }
    position += wanted.count
    return true
  }

  /// Skips blanks and comments, and line breaks where those may stand.
  private mutating func skipSpace(andBreaks: Bool) {
    while let scalar = next {
      switch scalar {
      case 0x20, 0x09: position += 1
      case 0x23: while let inside = next, inside != 0x0A && inside != 0x0D { position += 1 }
      case 0x0A where andBreaks:
        line += 1
        position += 1
      case 0x0D where andBreaks: position += 1
      default: return
      }
    }
  }

  private mutating func name() -> String? {
    let start = position
    while let scalar = next, let character = Unicode.Scalar(scalar), character.isASCII,
      character.properties.isAlphabetic || (0x30...0x39).contains(scalar) || scalar == 0x2D || scalar == 0x5F
    {
      position += 1
    }
    guard position > start else { return nil }
    return String(String.UnicodeScalarView(scalars[start..<position].compactMap(Unicode.Scalar.init)))
  }

  private mutating func rule() throws(GrammarError) -> GBNFRule {
    let start = line
    guard let name = name() else { throw error("the name of a rule should stand here") }
    skipSpace(andBreaks: false)
    guard take("::=") else { throw error("::= should follow the name \(name)") }
    skipSpace(andBreaks: true)
    let expression = try alternatives(isNested: false)
    if let scalar = next, scalar != 0x0A && scalar != 0x0D {
      throw error("the rule \(name) should end here: \(shown(scalar)) is not expected")
    }
    return GBNFRule(name: name, line: start, expression: expression)
  }

  private func shown(_ scalar: UInt32) -> String {
    Unicode.Scalar(scalar).map { String(Character($0)) } ?? "?"
  }

  private mutating func alternatives(isNested: Bool) throws(GrammarError) -> GBNFExpression {
    var parts = [try sequence(isNested: isNested)]
    while take("|") {
      skipSpace(andBreaks: true)
      parts.append(try sequence(isNested: isNested))
    }
    return parts.count == 1 ? parts[0] : .choice(parts)
  }

  private mutating func sequence(isNested: Bool) throws(GrammarError) -> GBNFExpression {
    var parts: [GBNFExpression] = []
    while let scalar = next {
      let part: GBNFExpression
      switch scalar {
      case 0x22: part = .pattern(.sequence(try literal()))
      case 0x5B: part = .pattern(.set(try characterClass()))
      case 0x2E:
        position += 1
        part = .pattern(.set(.all))
      case 0x28: part = try group()
      case 0x3C, 0x21: throw error("tokens (<…>) are not supported; write the text that they stand for")
      default:
        let start = position
        guard let name = name() else { return .sequence(parts) }
        // The name of the next rule ends this one.
        let place = position
        skipSpace(andBreaks: false)
        if take("::=") {
          position = start
          return .sequence(parts)
        }
        position = place
        part = .reference(name, line: line)
      }
      skipSpace(andBreaks: isNested)
      parts.append(try repeats(of: part, isNested: isNested))
    }
    return .sequence(parts)
  }

  private mutating func group() throws(GrammarError) -> GBNFExpression {
    position += 1
    depth += 1
    guard depth <= Self.maximumDepth else { throw error("groups nest deeper than \(Self.maximumDepth)") }
    skipSpace(andBreaks: true)
    let inside = try alternatives(isNested: true)
    guard take(")") else { throw error("a group has no closing parenthesis") }
    depth -= 1
    return inside
  }

  private mutating func repeats(of given: GBNFExpression, isNested: Bool) throws(GrammarError)
    -> GBNFExpression
  {
    var part = given
    var count = 0
    while let scalar = next {
      count += 1
      guard count <= 4 else { throw error("too many repeats of repeats") }
      switch scalar {
      case 0x2A: part = .repeated(part, minimum: 0, maximum: nil)
      case 0x2B: part = .repeated(part, minimum: 1, maximum: nil)
      case 0x3F: part = .repeated(part, minimum: 0, maximum: 1)
      case 0x7B:
        part = try counted(part)
        position -= 1
      default: return part
      }
      position += 1
      skipSpace(andBreaks: isNested)
    }
    return part
  }

  private mutating func counted(_ part: GBNFExpression) throws(GrammarError) -> GBNFExpression {
    position += 1
    skipSpace(andBreaks: false)
    let minimum = try number()
    skipSpace(andBreaks: false)
    var maximum = minimum
    if take(",") {
      skipSpace(andBreaks: false)
      maximum = try number()
      skipSpace(andBreaks: false)
    } else if minimum == nil {
      throw error("a repeat needs a number: {2}, {2,} or {2,5}")
    }
    guard take("}") else { throw error("a repeat has no closing brace") }
    if let maximum, maximum < minimum ?? 0 { throw error("the repeat {\(minimum ?? 0),\(maximum)} is empty") }
    return .repeated(part, minimum: minimum ?? 0, maximum: maximum)
  }

  private mutating func number() throws(GrammarError) -> Int? {
    var value: Int?
    while let scalar = next, case 0x30...0x39 = scalar {
      let longer = (value ?? 0) * 10 + Int(scalar - 0x30)
      guard longer <= Self.maximumRepeat else { throw error("a repeat is above \(Self.maximumRepeat)") }
      value = longer
      position += 1
    }
    return value
  }

  private mutating func literal() throws(GrammarError) -> [Pattern] {
    position += 1
    var parts: [Pattern] = []
    while !take("\"") {
      guard next != nil && next != 0x0A else { throw error("a text has no closing quote") }
      parts.append(.set(ScalarSet(try character())))
    }
    return parts
  }

  private mutating func characterClass() throws(GrammarError) -> ScalarSet {
    position += 1
    let isNegated = take("^")
    var ranges: [ClosedRange<UInt32>] = []
    while !take("]") {
      guard next != nil && next != 0x0A else { throw error("a class has no closing bracket") }
      let low = try character()
      var high = low
      if next == 0x2D, position + 1 < scalars.count, scalars[position + 1] != 0x5D {
        position += 1
        high = try character()
      }
      guard low <= high else { throw error("a range of a class runs backwards") }
      ranges.append(low...high)
    }
    let set = ScalarSet(ranges)
    return isNegated ? set.inverted : set
  }

  private mutating func character() throws(GrammarError) -> UInt32 {
    guard let scalar = next else { throw error("the text ends too early") }
    position += 1
    guard scalar == 0x5C else { return scalar }
    guard let letter = next else { throw error("a backslash at the end") }
    position += 1
    switch letter {
    case 0x78: return try hexadecimal(2)
    case 0x75: return try hexadecimal(4)
    case 0x55: return try hexadecimal(8)
    case 0x74: return 0x09
    case 0x72: return 0x0D
    case 0x6E: return 0x0A
    case 0x5C, 0x22, 0x5B, 0x5D: return letter
    default: throw error("\\\(shown(letter)) is no escape")
    }
  }

  private mutating func hexadecimal(_ count: Int) throws(GrammarError) -> UInt32 {
    var value: UInt64 = 0
    for _ in 0..<count {
      guard let scalar = next, let digit = Unicode.Scalar(scalar).flatMap({ Character($0).hexDigitValue })
      else {
        throw error("\(count) hexadecimal digits should stand here")
      }
      value = value * 16 + UInt64(digit)
      position += 1
    }
    guard let scalar = Unicode.Scalar(UInt32(clamping: value)) else {
      throw error("an escape is no character")
    }
    return scalar.value
  }
}
