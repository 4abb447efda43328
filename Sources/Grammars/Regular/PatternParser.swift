/// Reads the regular expressions of ECMA-262 (with the flag `u`), as far as they are regular.
struct PatternParser {
  private let text: String
  private let scalars: [UInt32]
  private var position = 0
  private var depth = 0

  private static let maximumDepth = 100
  private static let maximumRepeat = 1_000_000

  /// Reads a whole expression.
  static func parse(_ text: String) throws(GrammarError) -> Pattern {
    var parser = PatternParser(text)
    let pattern = try parser.alternatives()
    if parser.position < parser.scalars.count {
      throw parser.error("a closing parenthesis without its opening one")
    }
    return pattern
  }

  private init(_ text: String) {
    self.text = text
    scalars = text.unicodeScalars.map(\.value)
  }

  private func error(_ problem: String) -> GrammarError {
    .pattern(pattern: text, character: position + 1, problem: problem)
  }

  private var next: Character? {
    position < scalars.count ? Unicode.Scalar(scalars[position]).map(Character.init) : nil
  }

  private mutating func take(_ literal: String) -> Bool {
    let wanted = literal.unicodeScalars.map(\.value)
    guard scalars.dropFirst(position).starts(with: wanted) else { return false }
    position += wanted.count
    return true
  }

  private mutating func alternatives() throws(GrammarError) -> Pattern {
    var parts = [try sequence()]
    while take("|") { parts.append(try sequence()) }
    return parts.count == 1 ? parts[0] : .choice(parts)
  }

  private mutating func sequence() throws(GrammarError) -> Pattern {
    var parts: [Pattern] = []
    while let character = next, character != "|" && character != ")" {
      let atom = try atom(character)
      parts.append(try quantified(atom))
    }
    return parts.count == 1 ? parts[0] : .sequence(parts)
  }

  private mutating func atom(_ character: Character) throws(GrammarError) -> Pattern {
    switch character {
    case "(": return try group()
    case "[": return .set(try bracket())
    case ".":
      position += 1
      return .set(ScalarSet([0x0A...0x0A, 0x0D...0x0D, 0x2028...0x2029]).inverted)
    case "^":
      position += 1
      return .start
    case "$":
      position += 1
      return .end
    case "*", "+", "?": throw error("\(character) has nothing to repeat")
    case "{", "}", "]": throw error("\(character) must be written as \\\(character)")
    case "\\":
      position += 1
      return .set(try escape(inClass: false))
    default:
      position += 1
      return .set(ScalarSet(scalars[position - 1]))
    }
  }

  private mutating func group() throws(GrammarError) -> Pattern {
    for look in ["(?=", "(?!", "(?<=", "(?<!"] where take(look) {
      position -= look.count
      throw error("look-around (\(look)) is not supported")
    }
    if take("(?<") || take("(?P<") {
      while let character = next, character != ">" {
        guard character.isLetter || character.isNumber || character == "_" || character == "$" else {
          throw error("\(character) cannot be in the name of a group")
        }
        position += 1
      }
      guard take(">") else { throw error("the name of a group has no end") }
    } else if !take("(?:") {
      position += 1
      if next == "?" { throw error("groups with (? are supported as (?: and (?<name> only") }
    }
    depth += 1
    guard depth <= Self.maximumDepth else { throw error("groups nest deeper than \(Self.maximumDepth)") }
    let pattern = try alternatives()
    depth -= 1
    guard take(")") else { throw error("a group has no closing parenthesis") }
    return pattern
  }

  private mutating func quantified(_ atom: Pattern) throws(GrammarError) -> Pattern {
    let (minimum, maximum): (Int, Int?)
    switch next {
    case "*": (minimum, maximum) = (0, nil)
    case "+": (minimum, maximum) = (1, nil)
    case "?": (minimum, maximum) = (0, 1)
    case "{": return try counted(atom)
    default: return atom
    }
    position += 1
    return try repeated(atom, minimum, maximum)
  }

  private mutating func counted(_ atom: Pattern) throws(GrammarError) -> Pattern {
    position += 1
    guard let minimum = try number() else { throw error("a repeat needs a number: {2}, {2,} or {2,5}") }
    var maximum: Int? = minimum
    if take(",") { maximum = try number() }
    guard take("}") else { throw error("a repeat has no closing brace") }
    if let maximum, maximum < minimum { throw error("the repeat {\(minimum),\(maximum)} is empty") }
    return try repeated(atom, minimum, maximum)
  }

  /// A `?` behind a repeat makes it lazy, which changes no language.
  private mutating func repeated(_ atom: Pattern, _ minimum: Int, _ maximum: Int?) throws(GrammarError)
    -> Pattern
  {
    if atom == .start || atom == .end { throw error("an anchor cannot be repeated") }
    _ = take("?")
    if let character = next, "*+?{".contains(character) { throw error("\(character) has nothing to repeat") }
    return .repeated(atom, minimum: minimum, maximum: maximum)
  }

  private mutating func number() throws(GrammarError) -> Int? {
    var value: Int?
    while position < scalars.count, case 0x30...0x39 = scalars[position] {
      value = (value ?? 0) * 10 + Int(scalars[position] - 0x30)
      guard let value, value <= Self.maximumRepeat else {
        throw error("a repeat is above \(Self.maximumRepeat)")
      }
      position += 1
    }
    return value
  }
}

extension PatternParser {
  private mutating func bracket() throws(GrammarError) -> ScalarSet {
    position += 1
    let isNegated = take("^")
    var ranges: [ClosedRange<UInt32>] = []
    while !take("]") {
      guard next != nil else { throw error("a class has no closing bracket") }
      let low = try classAtom()
      guard next == "-", position + 1 < scalars.count, scalars[position + 1] != 0x5D else {
        ranges += low.ranges
        continue
      }
      position += 1
      let high = try classAtom()
      guard let first = low.single, let last = high.single else {
        throw error("a class such as \\d bounds no range")
      }
      guard first <= last else { throw error("a range of a class runs backwards") }
      ranges.append(first...last)
    }
    let set = ScalarSet(ranges)
    return isNegated ? set.inverted : set
  }

  private mutating func classAtom() throws(GrammarError) -> ScalarSet {
    guard position < scalars.count else { throw error("a class has no closing bracket") }
    position += 1
    return scalars[position - 1] == 0x5C ? try escape(inClass: true) : ScalarSet(scalars[position - 1])
  }

  /// What stands behind a backslash.
  private mutating func escape(inClass: Bool) throws(GrammarError) -> ScalarSet {
    guard let character = next else { throw error("a backslash at the end") }
    position += 1
    switch character {
    case "d": return .digits
    case "D": return ScalarSet.digits.inverted
    case "w": return .wordCharacters
    case "W": return ScalarSet.wordCharacters.inverted
    case "s": return .spaces
    case "S": return ScalarSet.spaces.inverted
    case "t": return ScalarSet(0x09)
    case "n": return ScalarSet(0x0A)
    case "v": return ScalarSet(0x0B)
    case "f": return ScalarSet(0x0C)
    case "r": return ScalarSet(0x0D)
    case "0":
      if position < scalars.count, case 0x30...0x39 = scalars[position] {
        throw error("octal escapes are not supported")
      }
      return ScalarSet(0)
    case "b" where inClass: return ScalarSet(0x08)
    case "b", "B": throw error("word boundaries (\\\(character)) are not supported")
    case "c":
      guard let letter = next?.asciiValue, Character(Unicode.Scalar(letter)).isLetter else {
        throw error("\\c needs a letter")
      }
      position += 1
      return ScalarSet(UInt32(letter % 32))
    case "x": return ScalarSet(try hexadecimal(2))
    case "u": return ScalarSet(try unicode())
    case "p": return try category()
    case "P": return try category().inverted
    case "k", "1", "2", "3", "4", "5", "6", "7", "8", "9": throw error("back-references are not supported")
    default:
      guard !character.isLetter && !character.isNumber && character != "_" else {
        throw error("\\\(character) is no escape")
      }
      return ScalarSet(scalars[position - 1])
    }
  }

  private mutating func hexadecimal(_ count: Int) throws(GrammarError) -> UInt32 {
    var value: UInt32 = 0
    for _ in 0..<count {
      guard let digit = next?.hexDigitValue else {
        throw error("\(count) hexadecimal digits should stand here")
      }
      value = value * 16 + UInt32(digit)
      position += 1
    }
    return value
  }

  /// `\uXXXX`, two of them as a surrogate pair, or `\u{XXXXX}`.
  private mutating func unicode() throws(GrammarError) -> UInt32 {
    var value: UInt32 = 0
    if take("{") {
      while let digit = next?.hexDigitValue, value <= 0x10FFFF {
        value = value * 16 + UInt32(digit)
        position += 1
      }
      guard take("}"), Unicode.Scalar(value) != nil else {
        throw error("\\u{} needs the number of a character")
      }
      return value
    }
    value = try hexadecimal(4)
    if case 0xD800...0xDBFF = value, take("\\u") {
      let low = try hexadecimal(4)
      guard case 0xDC00...0xDFFF = low else { throw error("half a surrogate pair") }
      return 0x10000 + (value - 0xD800) << 10 + (low - 0xDC00)
    }
    guard Unicode.Scalar(value) != nil else { throw error("half a surrogate pair") }
    return value
  }

  private mutating func category() throws(GrammarError) -> ScalarSet {
    guard take("{") else { throw error("\\p needs a category in braces, such as \\p{L}") }
    var name = ""
    while let character = next, character != "}" {
      name.append(character)
      position += 1
    }
    guard take("}") else { throw error("\\p{ has no closing brace") }
    guard let set = ScalarSet.category(named: name) else {
      throw error("\\p{\(name)} is not supported; general categories such as \\p{L} are")
    }
    return set
  }
}

extension ScalarSet {
  /// The one value, if there is only one.
  fileprivate var single: UInt32? {
    ranges.count == 1 && ranges[0].count == 1 ? ranges[0].lowerBound : nil
  }
}
