import MartletVectorStore

/// What `db export` and `db import` say of files.
enum FileOptions {
  static let readFile = Parameter<String>.argument(
    "FILE", .path("FILE"), default: "", help: "The file to read; - is standard input, for JSON lines.")
  static let writtenFile = Parameter<String>.argument(
    "FILE", .path("FILE"), default: "", help: "The file to write; - is standard output, for JSON lines.")
  static let format = Parameter<VectorFileFormat?>.option(
    "format", .choice("FORMAT"), shownAs: "what the file's name says", help: "How the file holds vectors.")
  /// The same for writing.
  static let writtenFormat = Parameter<VectorFileFormat?>.option(
    "format", .choice("FORMAT", where: \.isWritten), shownAs: "what the file's name says",
    help: "How the file holds vectors.")

  static let explanation = """
    jsonl (.jsonl, .ndjson) is one object a line: id, embedding (an array), document, metadata (an object) and uri; \
    all of a record. npy is NumPy's array, fvecs the rows of INRIA's data sets, and faiss (.faiss, .index) an index \
    file of FAISS. These hold only vectors. Ids that such a file cannot hold are in FILE.ids beside it, one JSON \
    string per line.
    """
  static let readOnlyExplanation = """
    bvecs and ivecs are read, too. chroma is a folder that chromadb.PersistentClient wrote, all of its records; \
    FOLDER#COLLECTION says which collection where there are several.
    """

  /// The format that is asked for, or that the file's name tells.
  ///
  /// - Parameter parameter: The command's own `--format`.
  static func format(
    _ arguments: Arguments, of file: Parameter<String>, _ parameter: Parameter<VectorFileFormat?>
  ) throws(UsageError) -> VectorFileFormat {
    let path = arguments[file]
    try StoreParameters.checkPath(path, file.definition.placeholder)
    let names = parameter.definition.choices
    let choice = names.dropLast().joined(separator: ", ") + " or " + (names.last ?? "")
    let format = arguments[parameter] ?? (path == "-" ? .jsonl : VectorFileFormat(path: path))
    guard let format else {
      throw UsageError("The name of \(path) does not tell its format.", advice: "Say --format \(choice).")
    }
    guard names.contains(format.rawValue) else {
      throw UsageError(
        "\(path) would be \(format.rawValue), which is only read.", advice: "Say --format \(choice).")
    }
    guard path != "-" || format == .jsonl else {
      throw UsageError("Only JSON lines go through a pipe, not \(format.rawValue).", advice: "Name a file.")
    }
    return format
  }
}
