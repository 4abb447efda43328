import Foundation
import MartletDocuments
import MartletJSON

/// Where a passage is, for a person: the file as they would name it, with the page, the lines, the message or the like.
struct ShownPlace {
  let path: String
  var page: Int?
  var startLine: Int?
  var endLine: Int?
  var place: Place?
  var attributes: [String: Attribute] = [:]

  /// A path relative to the working folder where it lies in it, with the place in it, for a terminal.
  var text: String {
    let folder = FileManager.default.currentDirectoryPath + "/"
    var parts = [printable(path.hasPrefix(folder) ? String(path.dropFirst(folder.count)) : path)]
    let details = Self.details(place, attributes)
    if !details.isEmpty { parts.append(details) }
    if let page {
      parts.append("page \(page)")
    } else if let startLine, let endLine {
      parts.append(startLine == endLine ? "line \(startLine)" : "lines \(startLine)–\(endLine)")
    }
    return parts.joined(separator: ", ")
  }

  /// The place and what is known of a message: "message 12 (2009-11-18, Carl Worth, “Tags”)".
  static func details(_ place: Place?, _ attributes: [String: Attribute]) -> String {
    var parts: [String] = []
    if let place { parts.append(text(of: place)) }
    let facts = [
      attributes["date"]?.number.map(day), attributes["from"]?.text.map(name),
      attributes["subject"]?.text.map { "“\(printable(oneLine($0)))”" },
    ].compactMap(\.self)
    // Other documents may have a date or a subject of their own.
    if attributes["from"] != nil || attributes["message_id"] != nil, !facts.isEmpty {
      let message = "(\(facts.joined(separator: ", ")))"
      if parts.isEmpty { parts.append(message) } else { parts[0] += " " + message }
    }
    if let file = attributes["attachment"]?.text { parts.append("attachment \(printable(oneLine(file)))") }
    return parts.joined(separator: ", ")
  }

  private static func text(of place: Place) -> String {
    switch place {
    case .slide(let number): "slide \(number)"
    case .sheet(let name): "sheet \(printable(oneLine(name)))"
    case .message(let number): "message \(number)"
    case .cell(let number): "cell \(number)"
    case .time(let range): "\(time(range.lowerBound))–\(time(range.upperBound))"
    }
  }

  /// "1:02:03" or "2:03".
  private static func time(_ seconds: Double) -> String {
    let whole = Int(exactly: seconds.rounded(.down)) ?? 0
    let (hours, minutes, rest) = (whole / 3600, whole / 60 % 60, whole % 60)
    let end = rest < 10 ? "0\(rest)" : "\(rest)"
    return hours > 0 ? "\(hours):\(minutes < 10 ? "0" : "")\(minutes):\(end)" : "\(minutes):\(end)"
  }

  /// The day in the time zone of the reader.
  private static func day(_ seconds: Double) -> String {
    var calendar = Calendar(identifier: .gregorian)
    calendar.timeZone = .current
    let parts = calendar.dateComponents([.year, .month, .day], from: Date(timeIntervalSince1970: seconds))
    func digits(_ number: Int?, _ count: Int) -> String {
      let text = "\(number ?? 0)"
      return String(repeating: "0", count: max(0, count - text.count)) + text
    }
    return "\(digits(parts.year, 4))-\(digits(parts.month, 2))-\(digits(parts.day, 2))"
  }

  /// The name of a sender without the address, where there is one.
  private static func name(_ sender: String) -> String {
    let name = sender.prefix { $0 != "<" }.filter { $0 != "\"" }
    let words = oneLine(String(name))
    return printable(words.isEmpty ? oneLine(sender) : words)
  }
}

extension Attribute {
  var text: String? { if case .text(let text) = self { text } else { nil } }
  var number: Double? { if case .number(let number) = self { number } else { nil } }

  var json: JSON {
    switch self {
    case .text(let text): .string(text)
    case .number(let number): Int(exactly: number).map { JSON($0) } ?? JSON(number)
    }
  }
}

extension [String: Attribute] {
  /// The attributes in the order of their names.
  var json: JSON { .object(JSONObject(sorted { $0.key < $1.key }.map { ($0.key, $0.value.json) })) }
}

extension Place {
  /// An object with one member: `{"message": 12}`; a time has its first and its last second.
  var json: JSON {
    switch self {
    case .slide(let number): ["slide": JSON(number)]
    case .sheet(let name): ["sheet": .string(name)]
    case .message(let number): ["message": JSON(number)]
    case .cell(let number): ["cell": JSON(number)]
    case .time(let range): ["time": .array([JSON(range.lowerBound), JSON(range.upperBound)])]
    }
  }
}
