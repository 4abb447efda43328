import MartletDocuments
import MartletGeneration
import MartletJSON
import MartletRetrieval

/// Why each passage was found, and what became of it: what `--show-prompt` tells.
struct AskReasons {
  /// What a passage was used for.
  enum Use: String {
    case shown
    case noRoom = "no_room"
    case quotes

    /// The same for people.
    var text: String {
      switch self {
      case .shown: "shown to the model"
      case .noRoom: "no room for it"
      case .quotes: "searched for quotes only"
      }
    }
  }

  let evidence: Evidence
  /// What the model was shown; nil where it was not asked.
  let prompt: AnswerPrompt?
  let rendered: ShownPrompt?

  init(_ evidence: Evidence, _ prompt: AnswerPrompt?, _ rendered: ShownPrompt?) {
    self.evidence = evidence
    self.prompt = prompt
    self.rendered = rendered
  }

  /// What became of the passage of that rank.
  func use(of number: Int) -> Use {
    if prompt?.numbers.contains(number) == true { return .shown }
    return prompt?.leftOut.contains(number) == true ? .noRoom : .quotes
  }
}

/// An answer for programs.
struct AskJSON {
  private let answer: Answer
  private let warnings: [String]
  private let reasons: AskReasons?

  init(_ answer: Answer, warnings: [String], _ reasons: AskReasons?) {
    self.answer = answer
    self.warnings = warnings
    self.reasons = reasons
  }

  var object: JSON {
    let results = answer.evidence.results
    var object = JSONObject([
      ("answer", .string(answer.text)), ("answered", .bool(answer.isAnswered)),
      ("refusal", answer.refusal.map { .string($0.rawValue) } ?? .null),
      ("supported", answer.isAnswered ? .bool(answer.isSupported) : .null),
      ("sources", .array(answer.shownPassages.map { source(number: $0, results[$0 - 1]) })),
      ("supported_by", .array(answer.supportingPassages.map { JSON($0) })),
      ("unknown_citations", .array(answer.unknownCitations.map { JSON($0) })),
      ("quotes", .array(answer.evidence.relevantQuotes.map(quote))),
      ("strength", JSON(answer.evidence.strength)), ("threshold", JSON(answer.evidence.threshold)),
      ("unmentioned", .array(answer.evidence.unmentioned.map { .string($0) })),
      ("results", .array(results.map(\.json))),
      ("finish_reason", answer.finishReason.map { .string($0.rawValue) } ?? .null),
      ("warnings", .array(warnings.map { .string($0) })),
    ])
    guard let reasons else { return .object(object) }
    object["prompt"] = reasons.rendered.map { .string($0.text) } ?? .null
    object["passages"] = .array(
      zip(1..., results).map { number, result in
        [
          "number": JSON(number), "id": .string(result.id), "score": JSON(result.score),
          "meaning": rank(result.semantic), "words": rank(result.keyword),
          "use": .string(reasons.use(of: number).rawValue),
        ]
      })
    return .object(object)
  }

  /// A place in one of the two rankings; null where the passage was not found so.
  private func rank(_ place: SearchResult.Place?) -> JSON {
    place.map { ["rank": JSON($0.rank), "score": JSON($0.score)] } ?? .null
  }

  private func source(number: Int, _ result: SearchResult) -> JSON {
    place(
      number, result.id, result.path, result.page, result.startLine, result.endLine, result.place,
      result.attributes)
  }

  private func quote(_ quote: Quote) -> JSON {
    var object =
      place(
        quote.number, quote.id, quote.path, quote.page, quote.startLine, quote.endLine, quote.place,
        quote.attributes
      ).objectValue ?? [:]
    object["text"] = .string(quote.text)
    object["header"] = quote.header.map { .string($0) } ?? .null
    object["score"] = JSON(quote.score)
    return .object(object)
  }

  private func place(
    _ number: Int, _ id: String, _ path: String, _ page: Int?, _ start: Int?, _ end: Int?,
    _ place: Place?, _ attributes: [String: Attribute]
  ) -> JSON {
    [
      "number": JSON(number), "id": .string(id), "path": .string(path),
      "page": page.map { JSON($0) } ?? .null,
      "start_line": start.map { JSON($0) } ?? .null, "end_line": end.map { JSON($0) } ?? .null,
      "place": place?.json ?? .null, "attributes": attributes.json,
    ]
  }
}
