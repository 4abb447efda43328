/// A reader, to be fed with anything.
public struct FuzzTarget: Sendable {
  /// Its name, which is that of its folder in the corpus.
  public let name: String
  /// Reads one input. Errors are what is wanted; whatever else happens is a finding.
  public let read: @Sendable (_ input: [UInt8]) -> Void

  /// All readers.
  public static let all: [FuzzTarget] = [
    FuzzTarget(name: "catalogue", read: readCatalogue),
    FuzzTarget(name: "gguf", read: readGGUF),
    FuzzTarget(name: "html", read: readHTML),
    FuzzTarget(name: "json", read: readJSON),
    FuzzTarget(name: "markdown", read: readMarkdown),
    FuzzTarget(name: "safetensors", read: readSafetensors),
    FuzzTarget(name: "template", read: readTemplate),
    FuzzTarget(name: "tokenizer", read: readTokenizer),
  ]
}
