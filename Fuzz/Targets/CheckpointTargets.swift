import Foundation
import MartletCheckpoints
import MartletJSON
import MartletTensors
import MartletTokenizers

func readCatalogue(_ input: [UInt8]) {
  guard let catalogue = try? Catalogue(json: input, file: "catalogue.json") else { return }
  for entry in catalogue.entries {
    _ = catalogue.find(entry.name)
    _ = (entry.byteCount, entry.isPinned, entry.sources.map(\.summary))
  }
  _ = catalogue.suggestions(for: "smollm")
}

func readGGUF(_ input: [UInt8]) {
  withFile(input, "gguf") { path in
    guard let file = try? GGUFFile(path: path) else { return }
    readAll(file)
    for key in file.metadata.keys {
      guard case .array(let array)? = file.metadata[key] else { continue }
      _ = (try? array.strings(), try? array.integers(), try? array.floats())
    }
    guard let checkpoint = try? Checkpoint.open(path) else { return }
    readAll(checkpoint.tensors)
    if let tokenizer = try? checkpoint.makeTokenizer() { use(tokenizer) }
    for (ending, scheme) in [("", nil), (".gguf", QuantizationScheme.float16), (".gguf", .q4_K_M)] {
      convert(checkpoint, to: path + "-converted" + ending, scheme)
    }
  }
}

/// Converts a model and removes the result.
func convert(
  _ checkpoint: Checkpoint, to path: String, _ scheme: QuantizationScheme?, tokenizer: Bool = true
) {
  defer { try? FileManager.default.removeItem(atPath: path) }
  guard let device else { return }
  var options = ModelConversion.Options(scheme: scheme)
  options.allowsRequantizing = true
  options.keepsTokenizer = tokenizer
  try? ModelConversion(of: checkpoint, to: path, options: options).run(device: device)
}

private let device = try? Device(threads: 1)

func readSafetensors(_ input: [UInt8]) {
  withFile(input, "safetensors") { path in
    if let file = try? SafetensorsFile(path: path) { readAll(file) }
  }
}

func readTokenizer(_ input: [UInt8]) {
  if let tokenizer = try? Tokenizer(tokenizerJSON: input) { use(tokenizer) }
  if let json = try? JSON(parsing: input), let vocabulary = try? GGUFVocabulary(tokenizerJSON: json, size: 8)
  {
    if let tokenizer = try? Tokenizer(gguf: vocabulary) { use(tokenizer) }
    _ = try? vocabulary.tokenizerJSON()
  }
}

/// Touches the bytes of all tensors.
func readAll(_ source: any TensorSource) {
  var sum = source.weightBytes ^ source.parameterCount
  for tensor in source.tensors {
    sum ^= (try? source.withBytes(of: tensor.name) { $0.reduce(0) { $0 &+ Int($1) } }) ?? 0
  }
  withExtendedLifetime(sum) {}
}

/// Takes a text to ids and back.
func use(_ tokenizer: Tokenizer) {
  let text = "Hello, wörld! \u{1F426}\n  <|end|> [CLS] abab 123"
  _ = tokenizer.decode(tokenizer.encode(text, addSpecialTokens: true, parseSpecialTokens: true))
  _ = tokenizer.encodeWithOffsets(text)
}
