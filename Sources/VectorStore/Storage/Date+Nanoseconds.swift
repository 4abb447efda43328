import FoundationEssentials

/// Times as the database keeps them. A `Date` is finer than a microsecond in this century; one that was stored comes
/// back as it was.
extension Date {
  /// The time so many nanoseconds after the beginning of 1970.
  package init(nanosecondsSince1970 nanoseconds: Int64) {
    var (seconds, rest) = nanoseconds.quotientAndRemainder(dividingBy: 1_000_000_000)
    if rest < 0 { (seconds, rest) = (seconds - 1, rest + 1_000_000_000) }
    // In two steps: together they would be more than a Double holds.
    self.init(
      timeIntervalSinceReferenceDate: Double(seconds) - Date.timeIntervalBetween1970AndReferenceDate
        + Double(rest) / 1e9)
  }

  /// Nanoseconds since the beginning of 1970; what 64 bits do not hold becomes the nearest that they do.
  package var nanosecondsSince1970: Int64 {
    let whole = timeIntervalSinceReferenceDate.rounded(.down)
    let rest = ((timeIntervalSinceReferenceDate - whole) * 1e9).rounded()
    guard let seconds = Int64(exactly: whole + Date.timeIntervalBetween1970AndReferenceDate) else {
      return timeIntervalSinceReferenceDate < 0 ? .min : .max
    }
    let (product, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
    let (sum, carry) = product.addingReportingOverflow(Int64(rest))
    return overflow || carry ? (seconds < 0 ? .min : .max) : sum
  }
}
