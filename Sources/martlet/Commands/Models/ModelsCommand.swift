import Checkpoints
import JSON

private let subject = Parameter<String?>.argument(
  "NAME", .path("MODEL"),
  help: "A model of the catalogue or the cache, a GGUF file, or a Hugging Face folder.")
private let json = Parameter<Bool>.flag("json", help: "Print JSON: a list of models, or one object for NAME.")

extension Command {
  /// Lists models, or describes one.
  static let models: Command = Command(
    name: "models",
    summary: "List the models that can be used, or describe one.",
    discussion: """
      Without NAME: the catalogue and the cache, with what each model is for, its size and licence, and whether it is \
      there; also where this version cannot run a model yet, and where the catalogue knows no SHA-256. With NAME: its \
      files, sources, architecture, quantization, context length, and the memory that its weights and its context take.
      """,
    parameters: [subject.definition, json.definition],
    examples: [
      .init("martlet models", "What is there, and what could be:"),
      .init("martlet models qwen2.5-coder-0.5b-instruct", "All about one model:"),
    ]
  ) { arguments, console in
    let cache = ModelCache()
    if let name = arguments[subject] {
      let details = try ModelDetails(name, cache: cache)
      return try console.result(
        arguments[json] ? details.json.serialized() + "\n" : details.text(console.style))
    }
    let list = try ModelList(cache: cache)
    try console.result(arguments[json] ? list.json.serialized() + "\n" : list.text(console.style))
  }
}

/// The catalogue's models, and those in the cache that it does not name.
struct ModelList {
  private struct Row {
    let name: String
    let purpose: String
    let bytes: Int?
    let license: String
    let isInstalled: Bool
    let isDefault: Bool
    /// Why no command runs it; nil where one does, or that cannot be told.
    let obstacle: String?
    let isPinned: Bool

    var notes: [String] { [obstacle, isPinned ? nil : "no SHA-256"].compactMap(\.self) }
  }

  private let rows: [Row]

  init(cache: ModelCache) throws {
    let catalogue = try cache.catalogue()
    let known = catalogue.entries.map { entry in
      Row(
        name: entry.name, purpose: entry.purpose, bytes: entry.byteCount, license: entry.license,
        isInstalled: cache.isInstalled(entry), isDefault: entry.isDefault, obstacle: entry.obstacle,
        isPinned: entry.isPinned)
    }
    let others = try cache.installed().filter { catalogue.find($0.name) == nil }.map { model in
      Row(
        name: model.name, purpose: "", bytes: model.byteCount, license: "", isInstalled: true,
        isDefault: false, obstacle: Self.obstacle(at: model.path), isPinned: false)
    }
    rows = known + others
  }

  private static func obstacle(at path: String) -> String? {
    do {
      let architecture = try Checkpoint.open(path).architecture
      return ModelSupport.obstacle(architecture: architecture, purpose: nil)
    } catch {
      return "cannot be read: martlet models \(path) says why"
    }
  }

  func text(_ style: Style) -> String {
    let cells = rows.map { row in
      [
        row.isInstalled ? "✓" : "·", row.name + (row.isDefault ? " *" : ""), row.purpose,
        row.bytes.map(formatBytes) ?? "?", row.license, row.notes.joined(separator: "; "),
      ]
    }
    let table = TextTable(
      headings: ["", "name", "purpose", "size", "licence", "notes"], rows: cells, rightAligned: [3])
    return table.text(style) + "\n✓ in the cache, · not pulled yet; * used unless another is named.\n"
  }

  var json: JSON {
    .array(
      rows.map { row in
        [
          "name": .string(row.name), "purpose": .string(row.purpose),
          "bytes": row.bytes.map { JSON($0) } ?? .null,
          "license": .string(row.license), "installed": .bool(row.isInstalled),
          "default": .bool(row.isDefault), "runs": .bool(row.obstacle == nil), "pinned": .bool(row.isPinned),
        ]
      })
  }
}
