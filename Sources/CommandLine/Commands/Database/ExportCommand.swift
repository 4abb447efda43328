import MartletJSON
import MartletVectorStore

private let graph = Parameter<Bool>.flag(
  "graph", help: "For FAISS: write an IndexHNSWFlat, whose graph is made for it.")

extension Command {
  /// Writes a collection to a file.
  static let databaseExport: Command = Command(
    name: "db export", summary: "Write a collection's records to a file: JSON lines, NumPy, fvecs or FAISS.",
    discussion: """
      \(FileOptions.explanation)

      FAISS gets an IndexFlat in an IndexIDMap, or with --graph an IndexHNSWFlat, whose graph is made as Martlet's own \
      is (the vectors are kept in memory for that): its ids are the records' where all of them are whole numbers from 0 \
      up, else the numbers of the rows. FAISS has no cosine; a collection compared by it is written as unit vectors \
      compared by inner products, which rank alike. Anything the format cannot hold is reported.

      The file appears once it is whole, in the place of one of that name, and is one state of the collection, whatever \
      is written meanwhile; a Chroma server is read page by page. --json prints an object: file, format, records, \
      ids_file (null where there is none), and notes, the warnings.
      """,
    parameters: [
      DatabaseParameters.collection.definition, FileOptions.writtenFile.definition,
      FileOptions.writtenFormat.definition,
      graph.definition, DatabaseParameters.filter.definition, DatabaseParameters.documentFilter.definition,
    ] + DatabaseParameters.common,
    examples: [
      .init("martlet db export notes notes.jsonl", "All of it:"),
      .init("martlet db export photos photos.faiss --graph", "For FAISS, with a graph:"),
      .init("martlet db export notes - | head -3", "A look at three records:"),
    ]
  ) { arguments, console in
    let format = try FileOptions.format(arguments, of: FileOptions.writtenFile, FileOptions.writtenFormat)
    guard format == .faiss || !arguments[graph] else {
      throw UsageError("\(format.rawValue) holds no graph.", advice: "--graph goes with --format faiss.")
    }
    try DatabaseParameters.withCollection(arguments, console, .readOnly) { collection, _ in
      if arguments[FileOptions.writtenFile] == "-" {
        if arguments[StoreParameters.json] {
          throw UsageError("--json needs a FILE other than -.", advice: "Standard output is the file.")
        }
        return try printLines(collection, arguments, console)
      }
      let summary = try export(collection, format, arguments, console)
      if arguments[StoreParameters.json] {
        let object: JSON = [
          "file": .string(arguments[FileOptions.writtenFile]), "format": .string(format.rawValue),
          "records": JSON(summary.count), "ids_file": summary.idsPath.map { .string($0) } ?? .null,
          "notes": .array(summary.notes.map { .string($0) }),
        ]
        return try console.result(object.serialized() + "\n")
      }
      console.note(
        printable("\(count(summary.count, "record")) written to \(arguments[FileOptions.writtenFile]).\n"))
      summary.notes.forEach(console.warn)
    }
  }
}

private func export(
  _ collection: any RecordCollection, _ format: VectorFileFormat, _ arguments: Arguments, _ console: Console
) throws -> VectorFileSummary {
  let configuration = collection.configuration
  let writer = try VectorFileWriter(
    path: arguments[FileOptions.writtenFile], format: format, dimension: configuration.dimension,
    distance: configuration.distance, makesGraph: arguments[graph])
  let bar = ProgressBar("Exporting", unit: .count("records"), total: try collection.count(), console: console)
  defer { bar.finish() }
  var done = 0
  try collection.forEachBatch(of: 1024, where: DatabaseParameters.filter(arguments)) { records in
    try Task.checkCancellation()
    try writer.append(records)
    done += records.count
    bar.update(done: done)
  }
  return try writer.finish()
}

private func printLines(_ collection: any RecordCollection, _ arguments: Arguments, _ console: Console) throws
{
  var leftOut = 0
  try collection.forEachBatch(of: 64, where: DatabaseParameters.filter(arguments)) { records in
    try Task.checkCancellation()
    for record in records {
      leftOut += record.path == nil ? 0 : 1
      try console.result(record.jsonText + "\n")
    }
  }
  VectorFileSummary(leftOutPathCount: leftOut).notes.forEach(console.warn)
}
