import MartletJSON
import MartletRetrieval
import MartletVectorStore

/// What `search` and `ask` take to say which passages may be found.
enum FilterOptions {
  static let from = Parameter<String?>.option(
    "from", .text("SENDER"), help: "Only mail of this sender: words of the name, or an address.")
  static let to = Parameter<String?>.option(
    "to", .text("RECIPIENT"), help: "Only mail to this recipient, copies included.")
  static let since = Parameter<DatePeriod?>.option(
    "since", .date(), help: "Only mail of this day, month or year, or later.")
  static let until = Parameter<DatePeriod?>.option(
    "until", .date(), help: "Only mail of this day, month or year, or earlier.")
  static let subject = Parameter<String?>.option(
    "subject", .text("WORDS"), help: "Only mail with these words in its subject.")
  static let condition = Parameter<String?>.option(
    "where", .text("JSON"),
    help: "Only passages whose metadata meet a condition, such as '{\"page\": {\"$lt\": 10}}'.")

  static let definitions = [
    from.definition, to.definition, since.definition, until.definition, subject.definition,
    condition.definition,
  ]

  static let discussion = """
    --from, --to, --subject, --since and --until choose among mail; all that are given must hold. Names and subjects \
    match by whole words, whatever their case and accents; an address matches as a whole. A date is a year, a month, a \
    day or a time (2024, 2024-05, 2024-05-17, 2024-05-17T09:30), in the local time zone unless it ends with Z or an \
    offset; --until includes all of it. --where takes a condition on the metadata in the filter language of the \
    store: {"attachment": "report.pdf"}, {"message": {"$gt": 100}}, joined by {"$and": […]} or {"$or": […]}.
    """

  /// What the parameters ask for; nil where none is given.
  static func filter(_ arguments: Arguments) throws -> Filter? {
    var condition: Filter?
    if let text = arguments[Self.condition] {
      do { condition = try Filter(where: JSON(parsing: text)) } catch {
        throw UsageError(
          "--where has no filter: \(error)",
          advice: "Write one as {\"page\": 3} or {\"date\": {\"$gte\": 1262304000}}."
        )
      }
    }
    let (since, until) = (arguments[since]?.start, arguments[until]?.end)
    if let since, let until, since >= until {
      throw UsageError("--since is later than --until.", advice: "No date is both.")
    }
    do {
      return try PassageFilter(
        from: arguments[from], to: arguments[to], subject: arguments[subject], since: since, until: until,
        condition: condition
      ).filter()
    } catch {
      throw UsageError(
        "--\(error.name) has no words to look for.", advice: "Give a name, a word or an address.")
    }
  }
}

extension PassageFilterError {
  fileprivate var name: String {
    switch self {
    case .noWords(let name, _): name
    }
  }
}
