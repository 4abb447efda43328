/// Why a file could not be read, in words for the person who asked.
public struct DocumentError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The kinds of failure, each of which a program can tell apart.
  public enum Problem: Sendable, Equatable, CustomStringConvertible {
    /// There is no such file or folder.
    case notFound
    /// There is no such file or folder, nor anything else where it was when it was indexed: a disk may not be mounted.
    case mayBeUnmounted
    /// The system does not let this user read it.
    case noPermission
    /// The system refused for another reason: `reason` is its own wording.
    case unreadable(reason: String)
    /// The file holds NUL bytes, the first at `offset`.
    case binary(offset: Int)
    /// The PDF asks for a password.
    case encrypted
    /// The file is not what its name says, or is broken; `detail` is the reader's own wording.
    case damaged(detail: String)
    /// Not one of the PDF's pages has text: it was scanned, most likely.
    case noTextLayer(pages: Int)
    /// The file is larger than this reader takes, in bytes.
    case tooLarge(size: Int, limit: Int)
    /// A program that reading needs is not installed.
    case missingProgram(name: String, package: String)
    /// The PDF's characters belong to collections that pdftotext has no data for.
    case missingLanguageData(collections: [String])
    /// Reading took longer than allowed.
    case timeLimit(seconds: Int)
    /// Reading needed more memory than allowed.
    case memoryLimit(megabytes: Int)
    /// The file is of a known format that is not read; the format says what converts it.
    case unsupported(UnsupportedFormat)
    /// The document is locked `by` a password or by digital rights management.
    case protected(by: String)
    /// The file is made in a way that would do harm, as a ZIP bomb or a bomb of XML entities is; `detail` says which.
    case hostile(detail: String)
    /// The file changed while it was read.
    case changed
    /// The task that read it was cancelled.
    case cancelled
  }

  /// The file.
  public let path: String
  /// What was wrong.
  public let problem: Problem

  /// Creates an error about a file.
  public init(path: String, problem: Problem) {
    self.path = path
    self.problem = problem
  }

  /// The error itself where it is one of a document, else one that carries its wording.
  static func from(_ error: any Error, path: String) -> DocumentError {
    if let error = error as? DocumentError { return error }
    if error is CancellationError { return DocumentError(path: path, problem: .cancelled) }
    return DocumentError(path: path, problem: .unreadable(reason: "\(error)"))
  }

  /// What was wrong, where, and what to do next.
  public var description: String { "\(path): \(explanation)" }

  /// The description without the path, for lists that show the path already.
  public var explanation: String { problem.description }
}

extension DocumentError.Problem {
  /// What the system's refusal means.
  package init(_ error: SystemError) {
    self = error.isMissing ? .notFound : error.isDenied ? .noPermission : .unreadable(reason: error.reason)
  }

  /// What was wrong and what to do next, to be read after the path.
  public var description: String {
    switch self {
    case .notFound: "does not exist"
    case .mayBeUnmounted:
      "does not exist, and its folder is missing or empty, perhaps because a disk is not mounted; its passages stay in "
        + "the index (use --force to drop them)"
    case .noPermission: "cannot be read: permission denied; have its owner let you read it"
    case .unreadable(let reason): "cannot be read: \(reason)"
    case .binary(let offset): "is a binary file (it has a NUL byte at offset \(offset)), not text"
    case .encrypted:
      "is encrypted and asks for a password; remove it with `qpdf --decrypt --password=… IN OUT` and index again"
    case .damaged(let detail): "is damaged or not what its name says: \(detail)"
    case .noTextLayer(let pages):
      "has no text layer on any of its \(pages) \(pages == 1 ? "page" : "pages"); "
        + "it is probably scanned: run it through OCR (for example `ocrmypdf IN OUT`) and index again"
    case .tooLarge(let size, let limit):
      "has \(size) bytes; files of this kind are read up to \(limit)"
    case .missingProgram(let name, let package):
      "needs the program \(name), which is not installed: sudo apt install \(package)"
    case .missingLanguageData(let collections):
      "needs poppler's data for the characters of \(collections.joined(separator: ", ")): "
        + "sudo apt install \(PDFLanguageData.package)"
    case .timeLimit(let seconds): "took longer than \(seconds) seconds to read and was given up"
    case .memoryLimit(let megabytes): "needed more than \(megabytes) MB of memory to read and was given up"
    case .unsupported(let format): "is \(format.name), which is not read; \(format.advice)"
    case .protected(let lock): "is locked by \(lock); save it unlocked and index again"
    case .hostile(let detail): "was not read, since it may be made to do harm: \(detail)"
    case .changed: "changed while it was being read; index again"
    case .cancelled: "was not read to its end, as that was broken off"
    }
  }
}
