import Foundation

/// A folder that the real chromadb made, once for all tests of a process, and what chromadb says is in it.
public struct ChromaFolderFixture: Sendable {
  /// The folder; tests that change it take a copy.
  public let path: String
  /// What `chroma_folder.py` printed: a list of collections in JSON.
  public let told: String

  private static let place = NSTemporaryDirectory() + "martlet-chroma-folder-\(getpid())"

  /// Made when it is first asked for.
  public static let made: Result<ChromaFolderFixture, any Error> = Result {
    try? FileManager.default.removeItem(atPath: place)
    let python = try ChromaPython.found.get()
    atexit { try? FileManager.default.removeItem(atPath: ChromaFolderFixture.place) }
    let script = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "chroma_folder.py").path
    return ChromaFolderFixture(path: place, told: try ChromaPython.output(of: [python, "-B", script, place]))
  }
}
