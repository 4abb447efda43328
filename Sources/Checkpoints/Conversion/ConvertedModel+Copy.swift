import MartletJSON
import MartletTensors

/// From a safetensors folder to another one: what changes is what updates change, and the type where one is asked for.
extension ConvertedModel {
  init(copyOf checkpoint: Checkpoint, path: String, options: ModelConversion.Options) throws {
    let allowed = [QuantizationScheme.float32, .float16, .bfloat16]
    if let scheme = options.scheme, !allowed.contains(scheme) {
      throw ConversionError.wrongType(scheme.rawValue, path: path, allowed: allowed.map(\.rawValue))
    }
    for tensor in checkpoint.tensors.tensors {
      tensors.append(
        TensorConversion(
          source: .tensor(tensor), name: tensor.name, shape: tensor.shape,
          format: options.scheme?.format ?? tensor.format))
    }
    tensors.sort { $0.name < $1.name }
    let folder = ModelFolder(path: checkpoint.path)
    guard var members = try folder.members("config.json") else { return }
    if let scheme = options.scheme {
      for key in ["torch_dtype", "dtype"] where members[key] != nil || key == "torch_dtype" {
        members[key] =
          switch scheme {
          case .float16: "float16"
          case .bfloat16: "bfloat16"
          default: "float32"
          }
      }
    }
    files.append(File(name: "config.json", text: JSONFile.text(members)))
    copies = try FileSystem.names(in: checkpoint.path).sorted().filter { name in
      name != "config.json" && !name.hasPrefix(".")
        && FileSystem.size("\(checkpoint.path)/\(name)") != nil
        && (options.keepsTokenizer || !name.hasPrefix("tokenizer")) && !Self.isWeights(name)
    }.map { (source: "\(checkpoint.path)/\($0)", name: $0) }
  }

  private static func isWeights(_ name: String) -> Bool {
    let endings = [
      ".safetensors", ".safetensors.index.json", ".bin", ".bin.index.json", ".gguf", ".pt", ".pth",
      ".h5",
      ".msgpack", ".onnx", ".ot",
    ]
    return endings.contains { name.hasSuffix($0) }
  }
}

/// JSON as the files beside a model's weights have it.
enum JSONFile {
  static func text(_ members: JSONObject) -> String {
    JSON.object(members).serialized(pretty: true) + "\n"
  }
  static func members(_ text: String) throws -> JSONObject? { try JSON(parsing: text).objectValue }
}
