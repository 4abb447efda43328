import MartletLanguageModels
import MartletRetrieval

/// What `ask` takes, and what its help says.
enum AskOptions {
  static let question = Parameter<String>.argument(
    "QUESTION", .text("TEXT"), default: "", help: "The question.")
  static let count = Parameter<Int>.option(
    "count", short: "k", .integer(in: 1...100), default: 5,
    help: "How many of the passages found are kept and searched for quotes.")
  static let shown = Parameter<Int>.option(
    "passages", .integer(in: 1...100), default: AskSettings().shownPassageCount,
    help:
      "How many of those the model is shown at most: the strongest, and others nearly as strong, as far "
      + "as they fit into its context.")
  static let maximumTokens = Parameter<Int>.option(
    "max-tokens", short: "n", .integer(atLeast: 1), default: 256, help: "The most tokens of the answer.")
  static let showPrompt = Parameter<Bool>.flag(
    "show-prompt",
    help: "Print exactly what the model sees, and why each passage was chosen, before the answer.")
  static let strict = Parameter<Bool>.flag(
    "strict",
    help: "Refuse an answer that no passage supports; without a supported answer the exit code is 1.")
  static let anyway = Parameter<Bool>.flag(
    "anyway", help: "Ask the model even where the documents do not seem to hold an answer.")
  static let quotes = Parameter<Int>.option(
    "quotes", .integer(in: 0...20), default: 3, help: "How many sentences of the sources to quote.")
  /// What the answers were measured with (docs/answers.md), whatever a model's makers advise.
  static let measured = SamplingParameters.greedy
  static let sampling = SamplingOptions(fixed: measured)

  static let definitions: [ParameterDefinition] =
    [
      question.definition, ModelParameters.answererOrProvider.definition,
      AdapterOptions.adapters.definition, count.definition,
      StoreParameters.way.definition, StoreParameters.rerank.definition,
      StoreParameters.candidates.definition,
    ]
    + [
      shown.definition, quotes.definition, strict.definition, anyway.definition, showPrompt.definition,
      maximumTokens.definition,
    ]
    + sampling.definitions
    + [
      StoreParameters.store.definition, StoreParameters.collection.definition,
      ModelParameters.context.definition,
      ModelParameters.threads.definition, LogOptions.isOff.definition, StoreParameters.json.definition,
    ] + ProviderParameters.definitions

  static let summary = "Answer a question from the indexed documents, with sources."
  static let discussion = """
    Retrieves passages, shows the best of them to the model, and prints its answer, with the sources that hold its \
    words as numbers: [1]. Then come the sentences of the sources that bear on the question most, word for word and \
    with their places, so that a mistake of a small model is seen at once, and the list of the sources. Sentences that \
    say next to nothing of the question are not quoted.

    An answer whose words, or whose numbers, are in none of the passages is marked before its text: most such answers \
    are wrong. --strict refuses them, with exit code 1. "Supported" means that a passage has the answer's words and \
    numbers, not that they answer the question.

    When the documents do not seem to hold an answer, the nearest passages are listed, with their strength and the one \
    that an answer needs, or with the names in the question (--option, some_function, SVG) that none of them has. The exit code is then 0, or 1 with --strict. --anyway asks the model nevertheless, and \
    --show-prompt tells why each passage was found.

    Passages are shown to the model as quotations. What they ask of their reader is not meant for the model; small \
    models do not always keep to that.

    A question about documents as a whole ("What is this document about?", "Summarize handbook.pdf", "Worum geht es in \
    diesem Dokument?") is answered from their first passages, where it names one document or there are no more of \
    them than --count. Such questions are recognised in English, German, French and Spanish.

    The model takes the most probable token each time, as its answers were measured, and not its makers' sampling \
    values; --temperature and the options beside it change that.

    \(ProviderParameters.discussion)

    --json prints an object with "answer" (the model's own words), "answered" (false when the question was \
    refused), "refusal" (null, weak_evidence or unsupported), "supported" (whether a passage holds the answer's words and numbers; \
    null without an answer), "sources", which the model was shown (number, id, path, page, start_line, end_line), "supported_by" (the \
    numbers of those that hold the answer's words; none is a reason to doubt it), "unknown_citations" (numbers that \
    the model cites and was not shown), "quotes", best first (the fields of a source with text, score, and header, the \
    columns' names where the quote is a row of a table), "strength", "threshold" (which "strength" has to reach), "unmentioned" (names in the question that no passage found has), "results", best first, with the fields that search gives them, "finish_reason" (stop or length), and "warnings" (texts). With --show-prompt there are "prompt" too (null where the model \
    was not asked) and "passages": number, id, score, meaning and \
    words (rank and score, null where it was not found so), and use (shown, no_room, quotes).
    """
  static let examples: [Command.Example] = [
    .init("martlet ask \"How often is the ladder inspected?\"", "Ask the documents:"),
    .init(
      "martlet ask --strict \"How often is the ladder inspected?\"",
      "Fail unless a passage has the answer's words:"),
    .init("martlet ask --show-prompt \"How often is the ladder inspected?\"", "See what the model saw:"),
  ]
}
