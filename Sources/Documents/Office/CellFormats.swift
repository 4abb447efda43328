/// How the numbers of a workbook are shown.
struct CellFormats {
  /// The number format of each cell style: its id, and its code where it is not built in.
  private var formats: [NumberFormat] = []
  private let startsIn1904: Bool

  init(_ styles: XMLElement?, startsIn1904: Bool) {
    self.startsIn1904 = startsIn1904
    var codes: [Int: String] = [:]
    for format in styles?.first("x:numFmts")?.all("x:numFmt") ?? [] {
      if let id = format["numFmtId"].flatMap({ Int($0) }) { codes[id] = format["formatCode"] }
    }
    for style in styles?.first("x:cellXfs")?.all("x:xf") ?? [] {
      let id = style["numFmtId"].flatMap { Int($0) } ?? 0
      formats.append(NumberFormat(code: codes[id] ?? NumberFormat.builtin[id] ?? "General"))
    }
  }

  /// A number as its cell shows it.
  func shown(_ value: String, style: Int) -> String {
    guard let number = Double(value), number.isFinite else { return value }
    let format = formats.indices.contains(style) ? formats[style] : NumberFormat(code: "General")
    return format.shown(number, startsIn1904: startsIn1904)
  }
}

/// A number format of a spreadsheet, as "#,##0.00" or "yyyy-mm-dd".
struct NumberFormat {
  /// The codes of formats that files name by number alone (ECMA-376 part 1, 18.8.30).
  static let builtin: [Int: String] = [
    0: "General", 1: "0", 2: "0.00", 3: "#,##0", 4: "#,##0.00", 9: "0%", 10: "0.00%", 11: "0.00E+00",
    14: "yyyy-mm-dd", 15: "yyyy-mm-dd", 16: "yyyy-mm-dd", 17: "yyyy-mm-dd", 18: "h:mm", 19: "h:mm:ss",
    20: "h:mm", 21: "h:mm:ss", 22: "yyyy-mm-dd h:mm", 37: "#,##0", 38: "#,##0", 39: "#,##0.00",
    40: "#,##0.00", 45: "h:mm:ss", 46: "[h]:mm:ss", 47: "h:mm:ss", 49: "@",
  ]

  private enum Form {
    case general
    case date(hasDay: Bool, hasTime: Bool, isDuration: Bool)
    case number(decimals: Int, grouped: Bool, percent: Bool, before: String, after: String)
  }

  private let form: Form

  init(code: String) { form = Self.parse(code) }

  func shown(_ number: Double, startsIn1904: Bool) -> String {
    switch form {
    case .general: return Self.general(number)
    case .date(let hasDay, let hasTime, let isDuration):
      return SpreadsheetDate.text(
        number, startsIn1904: startsIn1904, hasDay: hasDay, hasTime: hasTime, isDuration: isDuration)
        ?? Self.general(number)
    case .number(let decimals, let grouped, let percent, let before, let after):
      let text = Self.fixed(abs(number) * (percent ? 100 : 1), decimals: decimals, grouped: grouped)
      let isZero = !text.contains { $0 != "0" && $0 != "." && $0 != "," }
      return (number < 0 && !isZero ? "-" : "") + before + text + (percent ? "%" : "") + after
    }
  }

  /// Fifteen digits, as many as a spreadsheet keeps.
  static func general(_ number: Double) -> String {
    if number == number.rounded(), abs(number) < 1e15 { return String(Int(number)) }
    return FormattedNumber.general(number, digits: 15)
  }

  static func fixed(_ number: Double, decimals: Int, grouped: Bool) -> String {
    guard number < 1e17 else { return general(number) }
    // Halves are rounded up as decimals have them, whatever their binary form.
    let text = FormattedNumber.fixed(number + number.ulp * 2, decimals: min(decimals, 15))
    guard grouped else { return text }
    let parts = text.split(separator: ".", maxSplits: 1)
    let digits = Array(parts.first ?? "0")
    var whole = ""
    for (index, digit) in digits.enumerated() {
      if index > 0, (digits.count - index) % 3 == 0 { whole.append(",") }
      whole.append(digit)
    }
    return parts.count > 1 ? whole + "." + parts[1] : whole
  }

  private static func parse(_ code: String) -> Form {
    // The first of up to four sections is that of positive numbers.
    var decimals = 0
    var (hasDay, hasTime, isDuration) = (false, false, false)
    var (hasDigit, isPoint, grouped, percent, isOther) = (false, false, false, false, false)
    var (before, after) = ("", "")
    func literal(_ text: String) { if hasDigit { after += text } else { before += text } }
    var rest = Substring(code)
    scan: while let character = rest.popFirst() {
      switch character {
      case ";": break scan
      case "\"":
        literal(String(rest.prefix { $0 != "\"" }))
        rest = rest.drop { $0 != "\"" }.dropFirst()
      case "\\": if let next = rest.popFirst() { literal(String(next)) }
      case "_": _ = rest.popFirst()
      case "*": _ = rest.popFirst()
      case "[":
        let inside = rest.prefix { $0 != "]" }
        rest = rest.drop { $0 != "]" }.dropFirst()
        if inside.hasPrefix("$") {
          literal(String(inside.dropFirst().prefix { $0 != "-" }))
        } else if ["h", "hh", "m", "mm", "s", "ss"].contains(inside.lowercased()) {
          (hasTime, isDuration) = (true, true)
        }
      case "0", "#", "?":
        hasDigit = true
        if isPoint { decimals += 1 }
      case ".": isPoint = true
      case ",": grouped = true
      case "%": percent = true
      case "y", "Y", "d", "D": hasDay = true
      case "h", "H", "s", "S": hasTime = true
      case "m", "M": if !hasTime { hasDay = hasDay || !rest.lowercased().hasPrefix("m:s") }
      case "E", "/", "@", "G": isOther = true
      case "$", "€", "£", "¥", "+", "-", " ", ":": literal(String(character))
      default: break
      }
    }
    if hasDay || hasTime { return .date(hasDay: hasDay, hasTime: hasTime, isDuration: isDuration) }
    guard hasDigit, !isOther else { return .general }
    return .number(
      decimals: decimals, grouped: grouped, percent: percent, before: before,
      after: after.trimmingSuffix { $0 == " " })
  }
}

extension String {
  fileprivate func trimmingSuffix(while predicate: (Character) -> Bool) -> String {
    var text = self[...]
    while let last = text.last, predicate(last) { text.removeLast() }
    return String(text)
  }
}

/// Dates and times of spreadsheets: days since the end of 1899, or since 1904 began.
enum SpreadsheetDate {
  static func text(
    _ number: Double, startsIn1904: Bool, hasDay: Bool, hasTime: Bool, isDuration: Bool
  ) -> String? {
    guard number >= 0, number < 2_958_466 else { return nil }
    var seconds = Int((number * 86_400).rounded())
    if isDuration {
      return "\(seconds / 3600):\(two(seconds / 60 % 60)):\(two(seconds % 60))"
    }
    var days = seconds / 86_400
    seconds %= 86_400
    var parts: [String] = []
    if hasDay {
      // Excel counts a 29 February 1900 that never was.
      days += startsIn1904 ? -24_107 : (days < 60 ? 1 : 0) - 25_569
      parts.append(date(days))
    }
    if hasTime || (seconds > 0 && hasDay) {
      let time = "\(two(seconds / 3600)):\(two(seconds / 60 % 60))"
      parts.append(seconds % 60 == 0 ? time : time + ":" + two(seconds % 60))
    }
    return parts.joined(separator: " ")
  }

  private static func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }

  /// The date so many days after 1970 began (H. Hinnant, "chrono-Compatible Low-Level Date Algorithms").
  private static func date(_ days: Int) -> String {
    let z = days + 719_468
    let era = (z >= 0 ? z : z - 146_096) / 146_097
    let dayOfEra = z - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let month = (5 * dayOfYear + 2) / 153
    let day = dayOfYear - (153 * month + 2) / 5 + 1
    let realMonth = month < 10 ? month + 3 : month - 9
    let year = yearOfEra + era * 400 + (realMonth <= 2 ? 1 : 0)
    let padded = String(repeating: "0", count: max(0, 4 - String(year).count)) + String(year)
    return "\(padded)-\(two(realMonth))-\(two(day))"
  }
}
