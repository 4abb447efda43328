import MartletJSON
import MartletTensors
import MartletTokenizers

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// A model on disk, opened but not loaded: its configuration, its tensors, its tokenizer and its templates.
///
/// A GGUF file and a Hugging Face folder look the same from here: the configuration has the keys of `config.json`, and
/// tensors have Hugging Face's names.
public struct Checkpoint: Sendable {
  /// What kind of files the model is in.
  public enum Kind: String, Sendable {
    /// One file in the format of llama.cpp, or the parts of one.
    case gguf = "GGUF"
    /// A folder as transformers writes it.
    case huggingFace = "safetensors"
  }

  /// Where the model is: the file or the folder.
  public let path: String
  /// What kind of files the model is in.
  public let kind: Kind
  /// The architecture, by its `model_type`: `llama`, `qwen2`, `bert`.
  public let architecture: String
  /// The members of `config.json`, or what a GGUF file's metadata say in its words. Where an architecture has names of
  /// its own for what all have, such as `n_embd`, the common ones stand in their place.
  public let configuration: JSONObject
  /// The metadata of a GGUF file.
  public let metadata: GGUFMetadata?
  /// The tensors, under Hugging Face's names.
  public let tensors: any TensorSource
  /// The chat templates.
  public let chatTemplates: ChatTemplates
  /// The end tokens, and what the makers advise for sampling.
  public let generationConfiguration: GenerationConfiguration
  /// How a text's vector is made; nil for a model that is no embedder.
  public let sentenceEmbedding: SentenceEmbeddingConfiguration?
  /// What is odd about the files and does not keep the model from being used, such as settings that are not known: a
  /// sentence each.
  public let warnings: [String]
  /// The licence that the files state; nil where none does.
  public let license: String?
  /// The languages that the files state, by their ISO 639-1 codes; empty where none does, or not by such codes.
  public let languages: [String]

  /// Opens a GGUF file, a Hugging Face folder, or a folder that holds one GGUF file. A GGUF model that was split is
  /// opened by its first part, `NAME-00001-of-00003.gguf`, or by a folder that holds its parts alone.
  /// - Throws: ``CheckpointError`` where there is no such model, or a file is malformed or of a kind that is not read.
  public static func open(_ path: String) throws(CheckpointError) -> Checkpoint {
    var status = stat()
    guard stat(path, &status) == 0 else { throw .system(path, "opening it") }
    guard status.st_mode & S_IFMT == S_IFDIR else { return try openFile(path) }
    let folder = ModelFolder(path: path)
    if folder.has("config.json") { return try Checkpoint(folder) }
    let names = try folder.names(endingIn: ".gguf")
    switch names.count {
    case 1: return try Checkpoint(GGUFModel(GGUFFile(path: folder.path(of: names[0]))))
    case 0:
      throw .notFound(
        "\(path) holds no model: there is neither a config.json nor a GGUF file",
        advice: "Name a folder with config.json and model.safetensors, or a GGUF file.")
    default:
      if let first = GGUFPartName.first(of: names) {
        return try Checkpoint(GGUFModel(GGUFFile(path: folder.path(of: first.path))))
      }
      throw .unsupported(
        file: path,
        what: "It holds \(names.count) GGUF files (\(names.prefix(3).joined(separator: ", ")), …)",
        advice: "Name one of them.")
    }
  }

  private static func openFile(_ path: String) throws(CheckpointError) -> Checkpoint {
    let file = try MappedFile(path)
    if path.hasSuffix(".safetensors") {
      throw .unsupported(
        file: path, what: "It is a safetensors file, which does not say what model it holds",
        advice: "Name the folder that it lies in, with its config.json.")
    }
    return try Checkpoint(GGUFModel(GGUFFile(file)))
  }

  private init(_ file: GGUFModel) throws(CheckpointError) {
    let configuration = try GGUFConfiguration.members(of: file)
    path = file.path
    kind = .gguf
    architecture = configuration["model_type"]?.stringValue ?? ""
    self.configuration = configuration
    metadata = file.metadata
    tensors = try GGUFTensors(
      file, heads: configuration["num_attention_heads"]?.intValue,
      keyValueHeads: configuration["num_key_value_heads"]?.intValue)
    chatTemplates = try ChatTemplates(file.metadata)
    generationConfiguration = try GenerationConfiguration(file.metadata, file: file.path)
    sentenceEmbedding = try SentenceEmbeddingConfiguration.reading(file, model: configuration)
    warnings = GGUFVocabulary.warnings(file.metadata)
    license = try file.metadata.string("general.license")
    languages = try ModelCard.codes(file.metadata.array("general.languages")?.strings() ?? [])
  }

  private init(_ folder: ModelFolder) throws(CheckpointError) {
    guard
      let configuration = try folder.members("config.json").map({
        ConfigurationDefaults.completed(ConfigurationAliases.resolved($0))
      }),
      let architecture = configuration["model_type"]?.stringValue
    else {
      throw .malformed(
        file: folder.path(of: "config.json"), field: "model_type", offset: nil,
        problem: "it is missing, so nobody knows what model this is")
    }
    path = folder.path
    kind = .huggingFace
    self.architecture = architecture
    self.configuration = configuration
    metadata = nil
    tensors = try folder.tensors()
    let tokenizer = try folder.members("tokenizer_config.json")
    chatTemplates = try ChatTemplates(folder, tokenizerConfiguration: tokenizer)
    generationConfiguration = try GenerationConfiguration(
      generation: try folder.members("generation_config.json"), model: configuration, folder: folder)
    var warnings: [String] = []
    sentenceEmbedding = try SentenceEmbeddingConfiguration.reading(
      folder, model: configuration, tokenizer: tokenizer, warnings: &warnings)
    try TokenizerSettings.check(folder, isEmbedder: sentenceEmbedding != nil, warnings: &warnings)
    self.warnings = warnings
    let card = ModelCard(of: folder)
    (license, languages) = (card.license, card.languages)
  }
}
