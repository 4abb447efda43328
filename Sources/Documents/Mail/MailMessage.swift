/// A message that was read from a file or a mailbox.
public struct MailMessage: Sendable, Equatable {
  /// Its position in its mailbox, counted from 1.
  public var number: Int
  /// What makes two copies of a message one: a hash of its id, its sender, date and subject and its body, in 16
  /// hexadecimal digits.
  public var digest: String
  /// Its passages: subject, sender and date, the text, then forwarded messages and attachments. Empty where the message
  /// could not be read, which the reader's warnings tell.
  public var sections: [Section]

  /// Creates a message.
  public init(number: Int, digest: String, sections: [Section]) {
    self.number = number
    self.digest = digest
    self.sections = sections
  }
}

/// What messages had in them that was not read.
struct MailWarnings {
  /// How many warnings of single messages are listed; more are counted.
  private static let mostListed = 50

  private var listed: [String] = []
  private var unlisted = 0
  /// The messages with parts of each type that no reader takes.
  private var unread: [String: [Int?]] = [:]

  /// What is to be said of a message, as "is encrypted".
  ///
  /// - Parameter number: Its position in its mailbox; nil for a file that is one message.
  mutating func add(_ text: String, number: Int?) {
    guard listed.count < Self.mostListed else { return unlisted += 1 }
    listed.append(number.map { "has a message, number \($0), that \(text)" } ?? text)
  }

  /// A part of a type that is not read, such as `image/png`.
  mutating func addUnread(_ type: String, number: Int?) { unread[type, default: []].append(number) }

  /// The warnings, each to be read after the file's name.
  var texts: [String] {
    var texts = listed
    if unlisted > 0 { texts.append("has \(unlisted) more warnings about messages") }
    for (type, numbers) in unread.sorted(by: { $0.key < $1.key }) {
      let count = numbers.count == 1 ? "an attachment" : "\(numbers.count) attachments"
      let messages = Set(numbers.compactMap(\.self)).sorted()
      let some =
        messages.prefix(5).map { "\($0)" }.joined(separator: ", ") + (messages.count > 5 ? ", …" : "")
      let place = messages.isEmpty ? "" : " (\(messages.count == 1 ? "message" : "messages") \(some))"
      texts.append("has \(count) of type \(type) that cannot be read\(place)")
    }
    return texts
  }
}
