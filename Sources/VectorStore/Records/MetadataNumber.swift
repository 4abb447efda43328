import MartletJSON

/// A number as JSON has it: with a point or an exponent it is a double, without them an integer.
enum MetadataNumber {
  case integer(Int)
  case double(Double)

  /// - Throws: For a number that 64 bits do not hold.
  init(_ number: JSONNumber) throws(UnusableNumber) {
    let marks: [UInt8] = [UInt8(ascii: "."), UInt8(ascii: "e"), UInt8(ascii: "E")]
    if number.literal.utf8.contains(where: marks.contains) {
      guard number.doubleValue.isFinite else { throw UnusableNumber(number, "is no finite number") }
      self = .double(number.doubleValue)
    } else {
      guard let whole = Int(number.literal) else { throw UnusableNumber(number, "does not fit into 64 bits") }
      self = .integer(whole)
    }
  }
}

/// A number that 64 bits do not hold.
struct UnusableNumber: Error {
  let literal: String
  let problem: String

  init(_ number: JSONNumber, _ problem: String) {
    literal = number.literal.count > 60 ? number.literal.prefix(60) + "…" : number.literal
    self.problem = problem
  }
}
