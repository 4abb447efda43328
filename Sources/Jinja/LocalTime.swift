#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// A time of day on a date, in the local time zone: what `strftime_now` formats.
public struct LocalTime: Sendable, Equatable {
  /// The year.
  public var year: Int
  /// The month, 1 to 12.
  public var month: Int
  /// The day of the month, from 1.
  public var day: Int
  /// Hours, 0 to 23.
  public var hour: Int
  /// Minutes.
  public var minute: Int
  /// Seconds.
  public var second: Int

  /// The given time.
  public init(year: Int, month: Int, day: Int, hour: Int = 0, minute: Int = 0, second: Int = 0) {
    self.year = year
    self.month = month
    self.day = day
    self.hour = hour
    self.minute = minute
    self.second = second
  }

  /// The present time, by the machine's clock and time zone.
  public static func current() -> LocalTime {
    var seconds = time(nil)
    var parts = tm()
    localtime_r(&seconds, &parts)
    return LocalTime(
      year: Int(parts.tm_year) + 1900, month: Int(parts.tm_mon) + 1, day: Int(parts.tm_mday),
      hour: Int(parts.tm_hour), minute: Int(parts.tm_min), second: Int(parts.tm_sec))
  }

  /// Days since the beginning of the year, from 0.
  var dayOfYear: Int {
    let lengths = [31, isLeapYear ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
    return lengths.prefix(max(0, min(month, 12) - 1)).reduce(0, +) + day - 1
  }

  /// Days since the last Sunday (Sakamoto's method).
  var weekday: Int {
    let shifts = [0, 3, 2, 5, 0, 3, 5, 1, 4, 6, 2, 4]
    let year = month < 3 ? self.year - 1 : self.year
    let sum = year + year / 4 - year / 100 + year / 400 + shifts[max(0, min(month, 12) - 1)] + day
    return (sum % 7 + 7) % 7
  }

  private var isLeapYear: Bool { year % 4 == 0 && year % 100 != 0 || year % 400 == 0 }
}

extension LocalTime {
  /// The time in a `strftime` format, with the English names of the C locale.
  func formatted(_ format: String) throws(TemplateError) -> String {
    var scalars = ArraySlice(format.unicodeScalars)
    var result = ""
    while let scalar = scalars.popFirst() {
      guard scalar == "%" else {
        result.unicodeScalars.append(scalar)
        continue
      }
      let isBare = scalars.first == "-"
      if isBare { scalars.removeFirst() }
      guard let directive = scalars.popFirst(), let text = try text(of: directive, isBare: isBare) else {
        throw TemplateError(.unsupported("the time format '\(format)' of strftime_now"))
      }
      result += text
    }
    return result
  }

  private func text(of directive: Unicode.Scalar, isBare: Bool) throws(TemplateError) -> String? {
    func padded(_ number: Int, _ width: Int, with fill: String = "0") -> String {
      let digits = String(number)
      return isBare ? digits : String(repeating: fill, count: max(0, width - digits.count)) + digits
    }
    switch directive {
    case "Y": return String(year)
    case "y": return padded(year % 100, 2)
    case "m": return padded(month, 2)
    case "d": return padded(day, 2)
    case "e": return padded(day, 2, with: " ")
    case "H": return padded(hour, 2)
    case "I": return padded((hour + 11) % 12 + 1, 2)
    case "M": return padded(minute, 2)
    case "S": return padded(second, 2)
    case "j": return padded(dayOfYear + 1, 3)
    case "p": return hour < 12 ? "AM" : "PM"
    case "B": return Self.months[max(0, min(month, 12) - 1)]
    case "b", "h": return String(Self.months[max(0, min(month, 12) - 1)].prefix(3))
    case "A": return Self.weekdays[weekday]
    case "a": return String(Self.weekdays[weekday].prefix(3))
    case "w": return String(weekday)
    case "u": return String(weekday == 0 ? 7 : weekday)
    case "F" where !isBare: return try formatted("%Y-%m-%d")
    case "T" where !isBare, "X" where !isBare: return try formatted("%H:%M:%S")
    case "R" where !isBare: return try formatted("%H:%M")
    case "D" where !isBare, "x" where !isBare: return try formatted("%m/%d/%y")
    case "c" where !isBare: return try formatted("%a %b %e %H:%M:%S %Y")
    case "%": return "%"
    case "n": return "\n"
    case "t": return "\t"
    default: return nil
    }
  }

  private static let months = [
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
    "November", "December",
  ]
  private static let weekdays = [
    "Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday",
  ]
}
