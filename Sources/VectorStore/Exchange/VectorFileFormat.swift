/// How a file holds vectors.
public enum VectorFileFormat: String, Sendable, Equatable, CaseIterable {
  /// One object a line, with "id", "embedding", "document", "metadata" and "uri": all that a record is.
  case jsonl
  /// NumPy's array of one row a vector.
  case npy
  /// Rows of a dimension and as many floats, as the data sets of INRIA have them.
  case fvecs
  /// The same with bytes; only read.
  case bvecs
  /// The same with 32-bit integers; only read.
  case ivecs
  /// An index file of FAISS: flat, or a graph (HNSW) over a flat one, with or without a map of ids.
  case faiss
  /// A folder that `chromadb.PersistentClient` wrote, with all that its records are; only read. The path may go on with
  /// `#COLLECTION`, or `#TENANT/DATABASE/COLLECTION`, where there are several.
  case chroma

  /// The format that a file's name, or what is in a folder, tells; nil where neither does.
  public init?(path: String) {
    if ChromaFolder.isOne(path) {
      self = .chroma
      return
    }
    let name = path.split(separator: "/").last ?? ""
    switch name.split(separator: ".").last?.lowercased() {
    case "jsonl", "ndjson": self = .jsonl
    case "npy": self = .npy
    case "fvecs": self = .fvecs
    case "bvecs": self = .bvecs
    case "ivecs": self = .ivecs
    case "faiss", "index": self = .faiss
    default: return nil
    }
  }

  /// Whether files of this format are written, too.
  public var isWritten: Bool { self != .bvecs && self != .ivecs && self != .chroma }

  /// The file beside one of this format that has its ids, where they are not the rows' numbers.
  static func idsPath(of path: String) -> String { path + ".ids" }
}
