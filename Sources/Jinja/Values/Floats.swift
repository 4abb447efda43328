#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

extension Number {
  /// Python's `divmod` of floats: the remainder has the divisor's sign.
  static func floorDivision(_ a: Double, _ b: Double) -> (quotient: Double, remainder: Double) {
    var remainder = fmod(a, b)
    var quotient = (a - remainder) / b
    if remainder != 0 {
      if (b < 0) != (remainder < 0) {
        remainder += b
        quotient -= 1
      }
    } else {
      remainder = copysign(0, b)
    }
    guard quotient != 0 else { return (copysign(0, a / b), remainder) }
    var floored = quotient.rounded(.down)
    if quotient - floored > 0.5 { floored += 1 }
    return (floored, remainder)
  }

  /// Python's `**` of floats.
  static func power(_ base: Double, _ exponent: Double) throws(TemplateError) -> Double {
    if base == 0, exponent < 0 {
      throw TemplateError(.operation("zero cannot be raised to a negative power"))
    }
    if base < 0, exponent.isFinite, exponent.rounded() != exponent {
      throw TemplateError(.unsupported("a negative number to a fractional power, which is complex"))
    }
    let result = pow(base, exponent)
    if result.isInfinite, base.isFinite, exponent.isFinite { throw overflow }
    return result
  }

  /// Rounds to decimal digits as Python does: exactly, halves to even.
  static func rounded(_ value: Double, digits: Int) -> Double {
    guard value.isFinite else { return value }
    return Double(fixed(value, digits: digits)) ?? value
  }

  /// The decimal text with `digits` digits behind the point, rounded exactly.
  static func fixed(_ value: Double, digits: Int) -> String { formatted("%.\(digits)f", value) }

  /// C's `printf` of one number; `format` is one of ours, never a template's.
  static func formatted(_ format: String, _ value: Double) -> String {
    withVaList([value]) { arguments in
      var buffer = [CChar](repeating: 0, count: 512)
      let count = vsnprintf(&buffer, buffer.count, format, arguments)
      guard count > 0, count < buffer.count else { return "\(value)" }
      return String(decoding: buffer[..<Int(count)].map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
  }
}

/// The text of a float as Python's `repr` writes it: the shortest that reads back, with an exponent where it
/// is below -4 or at least 16.
func pythonText(of value: Double) -> String {
  guard value.isFinite else { return value.isNaN ? "nan" : value < 0 ? "-inf" : "inf" }
  let sign = value.sign == .minus ? "-" : ""
  let (digits, exponent) = shortestDigits(of: value.magnitude)
  if exponent < -4 || exponent >= 16 {
    let fraction = digits.count > 1 ? "." + String(decoding: digits.dropFirst(), as: UTF8.self) : ""
    let power = abs(exponent) < 10 ? "0\(abs(exponent))" : "\(abs(exponent))"
    return "\(sign)\(Character(Unicode.Scalar(digits[0])))\(fraction)e\(exponent < 0 ? "-" : "+")\(power)"
  }
  let text = String(decoding: digits, as: UTF8.self)
  if exponent < 0 { return sign + "0." + String(repeating: "0", count: -exponent - 1) + text }
  if digits.count <= exponent + 1 {
    return sign + text + String(repeating: "0", count: exponent + 1 - digits.count) + ".0"
  }
  let point = exponent + 1
  return sign + String(decoding: digits[..<point], as: UTF8.self) + "."
    + String(decoding: digits[point...], as: UTF8.self)
}

/// The shortest decimal digits of a number, without zeros around them, and the first one's power of ten.
private func shortestDigits(of value: Double) -> (digits: [UInt8], exponent: Int) {
  let parts = value.description.utf8.split(separator: 0x65, omittingEmptySubsequences: false)
  let written = parts.count > 1 ? Int(String(decoding: parts[1], as: UTF8.self)) ?? 0 : 0
  let whole = parts[0].prefix { $0 != 0x2E }
  var digits = parts[0].filter { $0 != 0x2E }
  var exponent = whole.count - 1 + written
  let leading = digits.prefix { $0 == 0x30 }.count
  if leading == digits.count { return ([0x30], 0) }
  digits.removeFirst(leading)
  exponent -= leading
  while digits.last == 0x30 { digits.removeLast() }
  return (Array(digits), exponent)
}
