import Foundation

/// A year, a month, a day, a minute or a second, as a user writes it: `2024`, `2024-05`, `2024-05-17`,
/// `2024-05-17T09:30`, `2024-05-17T09:30:00+02:00`.
struct DatePeriod: Sendable, Equatable {
  /// The first moment, in seconds since 1970.
  let start: Double
  /// The moment after the last one.
  let end: Double

  /// Nil where the text is no date.
  /// - Parameter zone: Where the date is meant, unless it has a `Z` or an offset at its end.
  init?(_ text: String, in zone: TimeZone = .current) {
    let form = /(\d{4})(?:-(\d{2})(?:-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2}))?(Z|[+-]\d{2}:\d{2})?)?)?)?/
    guard let match = text.wholeMatch(of: form)?.output else { return nil }
    var parts = DateComponents()
    parts.year = Int(match.1)
    parts.month = match.2.flatMap { Int($0) } ?? 1
    parts.day = match.3.flatMap { Int($0) } ?? 1
    parts.hour = match.4.flatMap { Int($0) } ?? 0
    parts.minute = match.5.flatMap { Int($0) } ?? 0
    parts.second = match.6.flatMap { Int($0) } ?? 0
    var calendar = Calendar(identifier: .gregorian)
    calendar.timeZone = match.7.flatMap { Self.zone($0) } ?? zone
    parts.calendar = calendar
    parts.timeZone = calendar.timeZone
    let unit: Calendar.Component =
      match.6 != nil
      ? .second : match.4 != nil ? .minute : match.3 != nil ? .day : match.2 != nil ? .month : .year
    guard parts.isValidDate(in: calendar), let first = calendar.date(from: parts),
      let next = calendar.date(byAdding: unit, value: 1, to: first)
    else { return nil }
    (start, end) = (first.timeIntervalSince1970, next.timeIntervalSince1970)
  }

  private static func zone(_ text: Substring) -> TimeZone? {
    guard text != "Z" else { return TimeZone(secondsFromGMT: 0) }
    let numbers = text.dropFirst().split(separator: ":").compactMap { Int($0) }
    guard numbers.count == 2 else { return nil }
    return TimeZone(secondsFromGMT: (text.first == "-" ? -1 : 1) * (numbers[0] * 3600 + numbers[1] * 60))
  }
}

extension ValueType where Value == DatePeriod {
  /// A date, or the year, month or day that it lies in.
  static func date(_ placeholder: String = "DATE") -> Self {
    ValueType(placeholder: placeholder, choices: []) { (text) throws(InvalidValue) in
      guard let period = DatePeriod(text) else {
        throw InvalidValue(
          problem: "needs a date such as 2024, 2024-05, 2024-05-17 or 2024-05-17T09:30, not ‘\(text)’")
      }
      return period
    }
  }
}
