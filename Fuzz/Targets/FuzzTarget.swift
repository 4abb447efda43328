/// A reader, to be fed with anything.
public struct FuzzTarget: Sendable {
  /// Its name, which is that of its folder in the corpus.
  public let name: String
  /// Reads one input. Errors are what is wanted; whatever else happens is a finding.
  public let read: @Sendable (_ input: [UInt8]) -> Void

  /// All readers.
  public static let all: [FuzzTarget] = [
    FuzzTarget(name: "answer", read: readChromaAnswer),
    FuzzTarget(name: "archive", read: readArchive),
    FuzzTarget(name: "catalogue", read: readCatalogue),
    FuzzTarget(name: "chroma", read: readChromaRequest),
    FuzzTarget(name: "events", read: readServerSentEvents),
    FuzzTarget(name: "experiment", read: readExperiment),
    FuzzTarget(name: "faiss", read: readFAISSIndex),
    FuzzTarget(name: "folder", read: readModelFolder),
    FuzzTarget(name: "gguf", read: readGGUF),
    FuzzTarget(name: "gpt2", read: readGPT2Files),
    FuzzTarget(name: "grammar", read: readGrammar),
    FuzzTarget(name: "graph", read: readChromaGraph),
    FuzzTarget(name: "html", read: readHTML),
    FuzzTarget(name: "http", read: readHTTPHead),
    FuzzTarget(name: "ignore", read: readIgnoreRules),
    FuzzTarget(name: "json", read: readJSON),
    FuzzTarget(name: "location", read: readLocation),
    FuzzTarget(name: "markdown", read: readMarkdown),
    FuzzTarget(name: "markup", read: readMarkup),
    FuzzTarget(name: "notebook", read: readNotebook),
    FuzzTarget(name: "npy", read: readNumPyArray),
    FuzzTarget(name: "pdf", read: readPDFPages),
    FuzzTarget(name: "record", read: readRecord),
    FuzzTarget(name: "records", read: readRecordLines),
    FuzzTarget(name: "rtf", read: readRTF),
    FuzzTarget(name: "safetensors", read: readSafetensors),
    FuzzTarget(name: "sharded", read: readShardedModel),
    FuzzTarget(name: "source", read: readSourceCode),
    FuzzTarget(name: "csv", read: readCSV),
    FuzzTarget(name: "mail", read: readMail),
    FuzzTarget(name: "mailbox", read: readMailbox),
    FuzzTarget(name: "store", read: readStore),
    FuzzTarget(name: "task", read: readTask),
    FuzzTarget(name: "template", read: readTemplate),
    FuzzTarget(name: "text", read: readText),
    FuzzTarget(name: "tokenizer", read: readTokenizer),
    FuzzTarget(name: "vecs", read: readVecs),
    FuzzTarget(name: "yaml", read: readYAML),
    FuzzTarget(name: "zip", read: readZIP),
  ]
}
