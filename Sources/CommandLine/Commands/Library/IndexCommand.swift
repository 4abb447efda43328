import MartletEmbedding
import MartletJSON
import MartletRetrieval
import MartletTensors
import MartletVectorStore

extension Command {
  /// Indexes files and folders.
  static let index: Command = Command(
    name: "index", summary: IndexOptions.summary, discussion: IndexOptions.discussion,
    parameters: IndexOptions.definitions, examples: IndexOptions.examples
  ) { arguments, console in
    let settings = IndexSettings(
      exclude: arguments[IndexOptions.exclude], chunkTokens: arguments[IndexOptions.chunkTokens],
      overlapTokens: arguments[IndexOptions.overlapTokens], force: arguments[IndexOptions.force])
    if arguments[IndexOptions.preview] { return try IndexPreview(arguments, console).run(settings) }
    // A misspelt model leaves no store behind.
    if let name = arguments[IndexOptions.embedder] { _ = try OpenModel.checkpoint(name) }
    let library = try Library.openOrCreate(
      in: StoreParameters.open(StoreParameters.location(arguments), .readWrite),
      collection: arguments[StoreParameters.collection],
      embedder: arguments[IndexOptions.embedder],
      defaultEmbedder: ModelParameters.defaultEmbedder,
      precision: arguments[IndexOptions.precision].precision,
      device: Device(threads: arguments[ModelParameters.threads]))
    let bar = ProgressBar("Indexing", unit: .bytes, console: console)
    defer { bar.finish() }
    let report = try Interruption.shared.announcing(on: console) {
      try library.index(arguments[IndexOptions.paths], settings: settings) { progress in
        let file = printable(progress.path.split(separator: "/").last.map(String.init) ?? "")
        bar.update(
          done: progress.doneBytes, total: progress.totalBytes,
          detail:
            "\(progress.doneFiles) of \(progress.totalFiles) files, \(progress.chunkCount) chunks  \(file)")
      }
    }
    bar.finish()
    let total = try library.documents.records.count()
    if arguments[StoreParameters.json] {
      try console.result(report.json(library.documents.records, total: total).serialized() + "\n")
    } else {
      try console.prose(report.summary(library.documents.records, total: total))
    }
    library.takeWarnings().forEach(console.warn)
    report.notes(for: try library.embedder().identity.name).forEach { console.note(printable($0) + "\n") }
    if let failed = report.failedRoots.first { throw failed }
  }
}
