import MartletCheckpoints
import MartletJSON

private let subject = Parameter<String?>.argument(
  "NAME", .path("MODEL", completing: .anyModel),
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
      files, sources, other names, architecture, quantization, context length, the memory that its weights and its \
      context take, and the sampling values that its makers state, which martlet generate and martlet chat use; also \
      those that are not followed, with the reason. Its parameters are counted once, also where a file holds the token \
      embedding again as the output head. Settings that Martlet does not follow or does not know are named, too.

      A catalogue.json in the cache's folder of models (martlet doctor names it), in the form of the standard one \
      (Sources/Checkpoints/catalogue.json), adds models and aliases of your own, or replaces those of the same name.

      --json gives for each model of the list: name, aliases, purpose, bytes (of its files), license, installed, \
      default, runs, pinned (whether the catalogue knows its SHA-256); and, null where it is not in the cache, \
      quantization, context_length and weight_bytes (what it takes in memory).
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
      if arguments[json] { return try console.result(details.json.serialized() + "\n") }
      return try console.prose(details.text(console.style), hanging: ModelDetails.labelWidth)
    }
    let list = try ModelList(cache: cache)
    try console.result(
      arguments[json] ? list.json.serialized() + "\n" : list.text(console.style, width: console.resultWidth))
  }
}

/// The catalogue's models, and those in the cache that it does not name.
struct ModelList {
  private struct Row {
    let name: String
    var aliases: [String] = []
    var purpose = ""
    let bytes: Int?
    let license: String?
    let isInstalled: Bool
    var isDefault = false
    /// Why no command runs it; nil where one does, or that cannot be told.
    let obstacle: String?
    var isPinned = false
    /// Its files, where they are there and can be read.
    let checkpoint: Checkpoint?

    var notes: [String] { [obstacle, isPinned ? nil : "no SHA-256"].compactMap(\.self) }
  }

  private let rows: [Row]

  init(cache: ModelCache) throws {
    let catalogue = try cache.catalogue()
    let known = catalogue.entries.map { entry in
      let isInstalled = cache.isInstalled(entry)
      let opened = isInstalled ? Self.open(cache.path(of: entry)) : (checkpoint: nil, obstacle: nil)
      return Row(
        name: entry.name, aliases: entry.aliases, purpose: entry.purpose, bytes: entry.byteCount,
        license: entry.license, isInstalled: isInstalled, isDefault: entry.isDefault,
        obstacle: entry.obstacle ?? opened.obstacle, isPinned: entry.isPinned, checkpoint: opened.checkpoint)
    }
    let others = try cache.installed().filter { catalogue.find($0.name) == nil }.map { model in
      let opened = Self.open(model.path)
      return Row(
        name: model.name, bytes: model.byteCount, license: opened.checkpoint?.license, isInstalled: true,
        obstacle: opened.obstacle, checkpoint: opened.checkpoint)
    }
    rows = known + others
  }

  private static func open(_ path: String) -> (checkpoint: Checkpoint?, obstacle: String?) {
    do {
      let checkpoint = try Checkpoint.open(path)
      if let obstacle = ModelSupport.obstacle(architecture: checkpoint.architecture, purpose: nil) {
        return (checkpoint, obstacle)
      }
      let isRefused = ModelSupport.obstacle(checkpoint, purpose: nil) != nil
      return (checkpoint, isRefused ? "does not run: martlet models \(path) says why" : nil)
    } catch {
      return (nil, "cannot be read: martlet models \(path) says why")
    }
  }

  func text(_ style: Style, width: Int?) -> String {
    let cells = rows.map { row in
      [
        row.isInstalled ? "✓" : "·", row.name + (row.isDefault ? " *" : ""), row.purpose,
        row.bytes.map(formatBytes) ?? "?", row.license ?? "unknown", row.notes.joined(separator: "; "),
      ]
    }
    let table = TextTable(
      headings: ["", "name", "purpose", "size", "licence", "notes"], rows: cells, rightAligned: [3],
      foldsLastColumn: true)
    return table.text(style, width: width)
      + "\n✓ in the cache, · not pulled yet; * used unless another is named.\n"
  }

  var json: JSON { .array(rows.map(json)) }

  private func json(_ row: Row) -> JSON {
    [
      "name": .string(row.name), "aliases": .array(row.aliases.map { .string($0) }),
      "purpose": .string(row.purpose), "bytes": row.bytes.map { JSON($0) } ?? .null,
      "license": row.license.map { .string($0) } ?? .null, "installed": .bool(row.isInstalled),
      "default": .bool(row.isDefault), "runs": .bool(row.obstacle == nil), "pinned": .bool(row.isPinned),
      "quantization": row.checkpoint.map { .string($0.quantization) } ?? .null,
      "context_length": row.checkpoint?.contextLength.map { JSON($0) } ?? .null,
      "weight_bytes": row.checkpoint.map { JSON($0.weightBytes) } ?? .null,
    ]
  }
}
