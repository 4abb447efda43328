/// The text of a message as passages: its paragraphs, those apart that are quoted from other messages.
enum MailBody {
  /// The name of the attribute of quoted passages; its value is 1.
  static let quotedAttribute = "quoted"

  /// The paragraphs of a text in plain characters.
  static func sections(_ text: String) -> [Section] {
    var splitter = ParagraphSplitter()
    let paragraphs = splitter.append(Array(text.utf8)) + splitter.finish()
    var isForwarded = false
    var sections: [Section] = []
    for paragraph in paragraphs {
      for run in runs(paragraph.text, isForwarded: &isForwarded) {
        var section = Section(text: run.text, linesFollowFile: false)
        if run.isQuoted { section.attributes[quotedAttribute] = .number(1) }
        sections.append(section)
      }
    }
    return joiningAttributions(sections)
  }

  private struct Run {
    var text: String
    var isQuoted: Bool
  }

  /// Lines that are quoted, and lines that are not.
  private static func runs(_ paragraph: String, isForwarded: inout Bool) -> [Run] {
    var runs: [Run] = []
    for line in paragraph.split(separator: "\n", omittingEmptySubsequences: false) {
      if isOriginalMark(line) { isForwarded = true }
      let isQuoted = isForwarded || line.drop { $0 == " " }.hasPrefix(">")
      if let last = runs.indices.last, runs[last].isQuoted == isQuoted {
        runs[last].text += "\n" + line
      } else {
        runs.append(Run(text: String(line), isQuoted: isQuoted))
      }
    }
    return runs
  }

  /// The line after which Outlook and its like put the whole message that is answered.
  private static func isOriginalMark(_ line: Substring) -> Bool {
    guard line.hasPrefix("-----") else { return false }
    let name = line.drop { $0 == "-" }.drop { $0 == " " }.prefix { $0 != "-" }
    return [
      "Original Message", "Original Appointment", "Ursprüngliche Nachricht", "Message d'origine",
      "Mensaje original",
    ].contains { name.hasPrefix($0) }
  }

  /// "On Tuesday Carl wrote:" belongs to the quotation below it.
  private static func joiningAttributions(_ sections: [Section]) -> [Section] {
    var joined = sections
    for index in sections.indices.dropLast() {
      let next = sections[index + 1]
      guard sections[index].attributes.isEmpty, !next.attributes.isEmpty, next.text.contains(">") else {
        continue
      }
      let text = sections[index].text
      let lines = text.split(separator: "\n")
      if text.last == ":", lines.count <= 3, text.utf8.count <= 300 {
        joined[index].attributes = next.attributes
      }
    }
    return joined
  }
}
