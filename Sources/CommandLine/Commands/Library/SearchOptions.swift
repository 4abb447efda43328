/// What `search` takes, and what its help says.
enum SearchOptions {
  static let query = Parameter<String>.argument(
    "QUERY", .text("TEXT"), default: "", help: "What to look for.")
  static let count = Parameter<Int>.option(
    "count", short: "k", .integer(in: 1...1000), default: 5, help: "How many passages to show.")

  static let definitions =
    [
      query.definition, count.definition, StoreParameters.way.definition, StoreParameters.rerank.definition,
      StoreParameters.candidates.definition,
    ] + FilterOptions.definitions + [
      StoreParameters.store.definition,
      StoreParameters.collection.definition, ModelParameters.threads.definition,
      StoreParameters.json.definition,
    ]

  static let summary = "Find the passages of indexed documents that match a query."
  static let discussion = """
    Semantic, by keywords, or hybrid: the two scores of a passage are then added. Nearness in meaning counts in \
    standard deviations, words as the share of the query's words that the passage has, the rarer the more. Scores \
    are higher for better matches, and comparable within one search only.

    Words are found whatever their case, accents or compatibility forms. Function words ("the", "that") are looked \
    for only where there are no others; another form of an English word counts for half. In Chinese, Japanese, \
    Korean, Thai and their like a word is found within longer runs of characters.

    --rerank MODEL has a model read the best --candidates passages, each together with the query, and ranks them by its \
    score. That takes some seconds more, and finds passages that answer rather than resemble.

    \(FilterOptions.discussion)

    --json prints an object with "results", best first: id, score (the reranker's, with --rerank), path (absolute), page (null where there are \
    none), start_line and end_line (from 1, inclusive; null in a PDF), place (null, or an object with one of message, slide, sheet, cell and time), attributes (of mail from, to, cc, date in seconds since 1970, subject, message_id, thread, attachment and quoted), and text. A passage that \
    begins in the midst of a table has the table's header at the head of its text; its lines do not count the header, \
    whose own are in header_start_line and header_end_line. "warnings" (texts) says \
    where a query is longer than the embedder reads, so that semantic search looked for its beginning only.
    """
  static let examples: [Command.Example] = [
    .init("martlet search \"how is the ladder inspected\"", "Search by meaning and by words:"),
    .init(
      "martlet search --from \"Carl Worth\" --since 2009-11 \"how are tags stored\"", "Mail of one sender:"),
    .init(
      "martlet search --by keyword --json -k 20 \"anemometer\"", "Twenty passages with a word, for a program:"
    ),
  ]
}
