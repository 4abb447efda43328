import MartletJSON

/// A decimal number, exactly.
struct Decimal: Hashable, Sendable {
  let isNegative: Bool
  /// The digits without zeros at either end; none for 0.
  let digits: [UInt8]
  /// The power of ten of the last digit.
  let exponent: Int

  init(_ number: JSONNumber) {
    var digits: [UInt8] = []
    var exponent = 0
    var isFraction = false
    var text = Array(number.literal.utf8)[...]
    let isNegative = text.first == 0x2D
    if let mark = text.firstIndex(where: { $0 == 0x65 || $0 == 0x45 }) {
      let written = String(decoding: text[(mark + 1)...], as: UTF8.self)
      // Numbers with larger exponents are all alike: farther from each bound than any number that is made.
      exponent = Int(written) ?? (written.hasPrefix("-") ? -1_000_000 : 1_000_000)
      exponent = max(-1_000_000, min(1_000_000, exponent))
      text = text[..<mark]
    }
    for byte in text {
      if byte == 0x2E { isFraction = true }
      guard case 0x30...0x39 = byte else { continue }
      digits.append(byte - 0x30)
      if isFraction { exponent -= 1 }
    }
    self.init(isNegative: isNegative, digits: digits, exponent: exponent)
  }

  init(isNegative: Bool, digits: [UInt8], exponent: Int) {
    var exponent = exponent
    var significant = digits[...]
    while significant.last == 0 {
      significant.removeLast()
      exponent += 1
    }
    significant = significant.drop { $0 == 0 }
    self.digits = Array(significant)
    self.exponent = significant.isEmpty ? 0 : exponent
    self.isNegative = isNegative && !significant.isEmpty
  }

  var isZero: Bool { digits.isEmpty }
  /// Whether it has no fraction.
  var isInteger: Bool { exponent >= 0 }

  var negated: Decimal { Decimal(isNegative: !isNegative, digits: digits, exponent: exponent) }

  /// The digits before and after the point; nil where that takes more than `limit` of them.
  func places(limit: Int = 400) -> (whole: [UInt8], fraction: [UInt8])? {
    guard digits.count + abs(exponent) <= limit else { return nil }
    if exponent >= 0 {
      return (isZero ? [0] : digits + [UInt8](repeating: 0, count: exponent), [])
    }
    let count = digits.count + exponent
    if count > 0 { return (Array(digits[..<count]), Array(digits[count...])) }
    return ([0], [UInt8](repeating: 0, count: -count) + digits)
  }

  /// As people write it; nil where that takes many digits.
  var text: String? {
    guard let (whole, fraction) = places(limit: 60) else { return nil }
    let digits = { (list: [UInt8]) in list.map(String.init).joined() }
    return (isNegative ? "-" : "") + digits(whole) + (fraction.isEmpty ? "" : "." + digits(fraction))
  }

  /// Whether it is a whole number of times `divisor`; nil where that takes too large numbers.
  func isMultiple(of divisor: Decimal) -> Bool? {
    guard !isZero else { return true }
    guard !divisor.isZero, divisor.digits.count <= 18 else { return nil }
    let modulus = divisor.digits.reduce(UInt64(0)) { $0 * 10 + UInt64($1) }
    let shift = exponent - divisor.exponent
    // The last digit is not 0, so it cannot be divided by ten.
    guard shift >= 0 else { return false }
    var remainder = UInt64(0)
    func multiply(_ value: UInt64, adding digit: UInt64) -> UInt64 {
      let product = value.multipliedFullWidth(by: 10)
      return (modulus.dividingFullWidth(product).remainder + digit) % modulus
    }
    for digit in digits { remainder = multiply(remainder, adding: UInt64(digit)) }
    for _ in 0..<min(shift, 100) where remainder != 0 { remainder = multiply(remainder, adding: 0) }
    return remainder == 0
  }
}

extension Decimal: Comparable {
  static func < (left: Decimal, right: Decimal) -> Bool {
    if left.isNegative != right.isNegative { return left.isNegative }
    return left.isNegative ? right.isSmaller(than: left) : left.isSmaller(than: right)
  }

  /// Whether its magnitude is.
  private func isSmaller(than other: Decimal) -> Bool {
    guard !isZero && !other.isZero else { return isZero && !other.isZero }
    let (size, otherSize) = (digits.count + exponent, other.digits.count + other.exponent)
    return size == otherSize ? digits.lexicographicallyPrecedes(other.digits) : size < otherSize
  }
}

/// A bound of a number.
struct NumberBound: Hashable, Sendable {
  let value: Decimal
  let isInclusive: Bool
}
