import MartletVectorStore

/// Which passages a search may find, by what is known of them: of mail the sender, the recipients, the date and the
/// subject, and of all passages whatever their metadata has.
///
/// ```swift
/// let filter = try PassageFilter(from: "Carl Worth", since: 1_258_416_000).filter()
/// let results = try library.search("how are tags stored", limit: 5, where: filter)
/// ```
public struct PassageFilter: Sendable, Equatable {
  /// Words of the sender's name, or an address; nil takes all.
  public var from: String?
  /// Words or an address of a recipient, copies included; nil takes all.
  public var to: String?
  /// Words of the subject; nil takes all.
  public var subject: String?
  /// The first moment, in seconds since 1970; nil takes all, those without a date, too.
  public var since: Double?
  /// The moment after the last one, in seconds since 1970; nil takes all, those without a date, too.
  public var until: Double?
  /// What else is asked of the passage's metadata.
  public var condition: Filter?

  /// Creates a filter. All that is not nil must hold.
  public init(
    from: String? = nil, to: String? = nil, subject: String? = nil, since: Double? = nil,
    until: Double? = nil,
    condition: Filter? = nil
  ) {
    self.from = from
    self.to = to
    self.subject = subject
    self.since = since
    self.until = until
    self.condition = condition
  }

  /// The same in the language of the store; nil where nothing is asked.
  ///
  /// - Throws: `PassageFilterError` where a text has no words.
  public func filter() throws(PassageFilterError) -> Filter? {
    var filters: [Filter] = []
    for (name, text) in [("from", from), ("to", to), ("subject", subject)] {
      guard let text else { continue }
      let words = AttributeWords.wanted(text)
      guard !words.isEmpty else { throw .noWords(name: name, text: text) }
      filters += words.map { .metadata("\(name)_words", .contains(.string($0))) }
    }
    if let since { filters.append(.metadata("date", .greaterThanOrEqual(.double(since)))) }
    if let until { filters.append(.metadata("date", .lessThan(.double(until)))) }
    if let condition { filters.append(condition) }
    return filters.isEmpty ? nil : filters.count == 1 ? filters[0] : .all(filters)
  }
}

/// Why passages cannot be chosen so.
public enum PassageFilterError: Error, Sendable, Equatable, CustomStringConvertible {
  /// There is no word in what is looked for in `from`, `to` or `subject`.
  case noWords(name: String, text: String)

  /// What is wrong, and what to do.
  public var description: String {
    switch self {
    case .noWords(let name, let text):
      "‘\(text)’ has no words, by which \(name) could be searched. Give a name, a word or an address."
    }
  }
}
