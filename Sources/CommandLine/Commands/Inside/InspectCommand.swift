import MartletCheckpoints
import MartletInspection
import MartletJSON

private let model = Parameter<String>.argument(
  "MODEL", .path("MODEL", completing: .models(nil)), default: "",
  help: "A model of the catalogue or the cache, a GGUF file, or a Hugging Face folder.")

extension Command {
  /// What a model is made of.
  static let inspect: Command = Command(
    name: "inspect",
    summary: "Show what a model is made of: its sizes, its tensors, and the memory that it takes.",
    discussion: """
      Reads the headers of the model's files alone, so it is quick also for a large model, and works for architectures \
      that Martlet does not run, which it says. Parameters are counted once where the output head is the token \
      embedding. The memory is that of the weights with every matrix in one type (files such as Q4_K_M mix types), and \
      that of the key/value cache in half precision.

      --json prints name, path, format, architecture, kind (decoder, encoder or unknown), runs, obstacle, warnings, \
      parameters, tied (whether the head is the embedding), sizes (by their keys in a config.json), context_length, \
      quantization, license, languages, chat_template, parts (each with part, tensors, parameters, bytes), memory (each \
      with type, bytes_per_weight, bytes, matrices_in_other_types), cache_bytes_per_token, cache_bytes, and tensors \
      (each with name, name_in_file, shape, type, parameters, bytes, part).
      """,
    parameters: [model.definition, InsideOptions.json.definition],
    examples: [
      .init("martlet inspect smollm2-135m-instruct", "A language model:"),
      .init("martlet inspect ./model.gguf --json", "A file, for programs:"),
    ]
  ) { arguments, console in
    let description = try AnatomyDescription(arguments[model])
    if arguments[InsideOptions.json] { return try console.result(description.json.serialized() + "\n") }
    try description.print(to: console)
  }
}

/// A model's anatomy for people and for programs.
private struct AnatomyDescription {
  private let name: String
  private let anatomy: ModelAnatomy
  private let license: String?
  private let languages: [String]
  private var checkpoint: Checkpoint { anatomy.checkpoint }

  init(_ name: String) throws {
    let cache = ModelCache()
    let location = try ModelLocation(name, cache: cache, catalogue: cache.catalogue())
    let checkpoint = try Checkpoint.open(location.path(in: cache))
    anatomy = ModelAnatomy(checkpoint)
    if case .catalogue(let entry) = location {
      self.name = entry.name
      license = entry.license
      languages = checkpoint.languages.isEmpty ? entry.languages : checkpoint.languages
    } else {
      (self.name, license, languages) = (name, checkpoint.license, checkpoint.languages)
    }
  }

  func print(to console: Console) throws {
    let style = console.style
    let width = ModelDetails.labelWidth + 4
    let lines = facts.map { label, text in
      let space = String(repeating: " ", count: max(1, width - label.count))
      return style.bold(label) + space + printable(text) + "\n"
    }
    try console.prose(style.bold(printable(name)) + "\n" + lines.joined(), hanging: width)
    try console.result("\n" + parts.text(style, width: console.resultWidth))
    try console.result("\n" + memory.text(style, width: console.resultWidth))
    try console.prose(memoryNote, hanging: 2)
    try console.result("\n" + tensors.text(style, width: console.resultWidth))
  }

  private var facts: [(label: String, text: String)] {
    var facts = [
      ("architecture", "\(checkpoint.architecture) (\(anatomy.kind.rawValue))"),
      ("runs", anatomy.obstacle.map { "no: \($0)" } ?? "yes"),
      ("files", "\(checkpoint.kind.rawValue), \(formatBytes(checkpoint.weightBytes)) of weights"),
      ("quantization", checkpoint.quantization),
      ("parameters", parameters),
    ]
    facts += anatomy.sizes.map { ($0.name, grouped($0.value)) }
    if let context = checkpoint.contextLength { facts.append(("context", "\(grouped(context)) tokens")) }
    if let cache = anatomy.cacheBytes {
      facts.append(
        (
          "key/value cache",
          "\(formatBytes(cache.perToken)) a token, \(formatBytes(cache.full)) for a full context"
        ))
    }
    facts.append(("licence", license ?? "unknown: the files do not state one"))
    if !languages.isEmpty { facts.append(("languages", languages.joined(separator: ", "))) }
    facts.append(("chat template", template))
    if !anatomy.warnings.isEmpty { facts.append(("warnings", anatomy.warnings.joined(separator: " "))) }
    return facts
  }

  private var parameters: String {
    let count = "\(grouped(anatomy.parameterCount))"
    return anatomy.tiesHead ? count + "; the output head is the token embedding, counted once" : count
  }

  private var template: String {
    guard let text = checkpoint.chatTemplates.standard else { return "none: plain text only" }
    let named = checkpoint.chatTemplates.named.keys.sorted()
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false).count
    return "the model's own, \(count(lines, "line"))"
      + (named.isEmpty ? "" : "; others: \(named.joined(separator: ", "))")
  }

  private var parts: TextTable {
    let total = max(1, anatomy.parameterCount)
    var rows = anatomy.parts.map { part in
      [
        part.part.rawValue, "\(part.tensors)", grouped(part.parameters),
        formatDecimal(100 * Double(part.parameters) / Double(total), 1) + " %", formatBytes(part.bytes),
      ]
    }
    if anatomy.tiesHead, !anatomy.parts.contains(where: { $0.part == .head }) {
      rows.append(["head", "", "the embedding again", "", ""])
    }
    return TextTable(
      headings: ["part", "tensors", "parameters", "share", "size"], rows: rows, rightAligned: [1, 2, 3, 4])
  }

  private var memory: TextTable {
    TextTable(
      headings: ["every matrix in", "bytes a weight", "memory", ""],
      rows: anatomy.memory.map { memory in
        [
          memory.format.rawValue, formatDecimal(WeightMemory.bytesPerWeight(memory.format), 3),
          formatBytes(memory.bytes), memory.otherwise == 0 ? "" : "*",
        ]
      }, rightAligned: [1, 2])
  }

  /// What the star in the table of memory means; empty where there is none.
  private var memoryNote: String {
    guard let most = anatomy.memory.map(\.otherwise).max(), most > 0 else { return "" }
    return "* \(most) of the matrices in a larger type: their rows are no whole blocks of this one\n"
  }

  private var tensors: TextTable {
    TextTable(
      headings: ["tensor", "shape", "type", "parameters", "size"],
      rows: anatomy.tensors.map { tensor in
        [
          printable(tensor.name), tensor.shape.map(String.init).joined(separator: " × "),
          tensor.format.rawValue, grouped(tensor.parameters), formatBytes(tensor.bytes),
        ]
      }, rightAligned: [1, 3, 4])
  }

  var json: JSON {
    let anatomy = anatomy
    let cache = anatomy.cacheBytes
    return [
      "name": .string(name), "path": .string(checkpoint.path), "format": .string(checkpoint.kind.rawValue),
      "architecture": .string(checkpoint.architecture), "kind": .string(anatomy.kind.rawValue),
      "runs": .bool(anatomy.obstacle == nil), "obstacle": anatomy.obstacle.map { .string($0) } ?? .null,
      "warnings": .array(anatomy.warnings.map { .string($0) }),
      "parameters": JSON(anatomy.parameterCount), "tied": .bool(anatomy.tiesHead),
      "sizes": .object(JSONObject(anatomy.sizes.map { ($0.key, JSON($0.value)) })),
      "context_length": checkpoint.contextLength.map { JSON($0) } ?? .null,
      "quantization": .string(checkpoint.quantization), "license": license.map { .string($0) } ?? .null,
      "languages": .array(languages.map { .string($0) }),
      "chat_template": checkpoint.chatTemplates.standard.map { .string($0) } ?? .null,
      "parts": .array(
        anatomy.parts.map { part in
          [
            "part": .string(part.part.rawValue), "tensors": JSON(part.tensors),
            "parameters": JSON(part.parameters), "bytes": JSON(part.bytes),
          ]
        }),
      "memory": .array(
        anatomy.memory.map { memory in
          [
            "type": .string(memory.format.rawValue),
            "bytes_per_weight": JSON(WeightMemory.bytesPerWeight(memory.format)),
            "bytes": JSON(memory.bytes), "matrices_in_other_types": JSON(memory.otherwise),
          ]
        }),
      "cache_bytes_per_token": cache.map { JSON($0.perToken) } ?? .null,
      "cache_bytes": cache.map { JSON($0.full) } ?? .null,
      "tensors": .array(
        anatomy.tensors.map { tensor in
          [
            "name": .string(tensor.name), "name_in_file": .string(tensor.nameInFile),
            "shape": .array(tensor.shape.map { JSON($0) }), "type": .string(tensor.format.rawValue),
            "parameters": JSON(tensor.parameters), "bytes": JSON(tensor.bytes),
            "part": .string(tensor.part.rawValue),
          ]
        }),
    ]
  }
}

/// A whole number with its thousands apart: 134,515,008.
func grouped(_ number: Int) -> String {
  var digits = String(number.magnitude)
  var groups: [String] = []
  while digits.count > 3 {
    groups.insert(String(digits.suffix(3)), at: 0)
    digits.removeLast(3)
  }
  return (number < 0 ? "-" : "") + ([digits] + groups).joined(separator: ",")
}
