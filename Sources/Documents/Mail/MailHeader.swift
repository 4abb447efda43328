import MartletCGMime

/// What the header of a message says of it.
struct MailHeader: Sendable, Equatable {
  /// The senders, as "Carl Worth <cworth@example.org>".
  var from: String?
  /// The recipients.
  var to: String?
  /// Those who get a copy.
  var cc: String?
  var subject: String?
  /// Seconds since 1970.
  var date: Double?
  /// The date as the header writes it.
  var dateText: String?
  /// Without brackets.
  var messageID: String?
  /// What all messages of a conversation have in common: the id of its first message as far as References or In-Reply-To
  /// tell it, else the message's own id, else its subject without "Re:".
  var thread: String?

  init(_ message: UnsafeMutablePointer<GMimeMessage>) {
    from =
      Self.addresses(g_mime_message_get_from(message)) ?? Self.addresses(g_mime_message_get_sender(message))
    to = Self.addresses(g_mime_message_get_to(message))
    cc = Self.addresses(g_mime_message_get_cc(message))
    subject = Self.text(g_mime_message_get_subject(message))
    if let time = g_mime_message_get_date(message) { date = Double(g_date_time_to_unix(time)) }
    dateText = Self.text(martlet_mime_header(message, "Date"))
    messageID = Self.text(g_mime_message_get_message_id(message))
    thread =
      Self.firstReference(martlet_mime_header(message, "References"))
      ?? Self.firstReference(martlet_mime_header(message, "In-Reply-To")) ?? messageID
      ?? subject.map(Self.withoutReplyMarks)
  }

  /// The attributes of each passage of the message.
  var attributes: [String: Attribute] {
    var attributes: [String: Attribute] = [:]
    attributes["from"] = from.map { .text($0) }
    attributes["to"] = to.map { .text($0) }
    attributes["cc"] = cc.map { .text($0) }
    attributes["subject"] = subject.map { .text($0) }
    attributes["date"] = date.map { .number($0) }
    attributes["message_id"] = messageID.map { .text($0) }
    attributes["thread"] = thread.map { .text($0) }
    return attributes
  }

  /// Whether it has any of the fields that make a message of a text.
  var isEmpty: Bool { from == nil && to == nil && subject == nil && dateText == nil && messageID == nil }

  /// One line, without white space at its ends; nil where nothing is left.
  private static func text(_ pointer: UnsafePointer<CChar>?) -> String? {
    guard let pointer else { return nil }
    let words = repairedText(pointer).split(whereSeparator: \.isWhitespace)
    return words.isEmpty ? nil : words.joined(separator: " ")
  }

  private static func addresses(_ list: UnsafeMutablePointer<InternetAddressList>?) -> String? {
    guard let made = martlet_mime_addresses(list) else { return nil }
    defer { g_free(made) }
    return text(made)
  }

  private static func firstReference(_ header: UnsafePointer<CChar>?) -> String? {
    guard let header, let made = martlet_mime_first_reference(header) else { return nil }
    defer { g_free(made) }
    return text(made)
  }

  private static func withoutReplyMarks(_ subject: String) -> String {
    var rest = subject[...]
    while let mark = rest.prefixMatch(of: /\s*(?:re|aw|fwd?|wg|sv|antw)(?:\[\d+\])?:\s*/.ignoresCase()) {
      rest = rest[mark.range.upperBound...]
    }
    return String(rest)
  }
}
