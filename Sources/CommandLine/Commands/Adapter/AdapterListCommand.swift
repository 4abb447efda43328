import Foundation
import MartletCheckpoints
import MartletJSON
import MartletTransformers

private let folder = Parameter<String?>.argument(
  "FOLDER", .path("FOLDER", completing: .folders),
  help: "Where to look; the working folder unless given.")
private let deepest = 6

extension Command {
  /// Lists the adapters below a folder.
  static let adapterList: Command = Command(
    name: "adapter list",
    summary: "List the adapters below a folder.",
    discussion: """
      Looks for folders with an adapter_config.json, \(deepest) levels deep, hidden ones left out. The folder of a training \
      run is one, and each of its checkpoints.

      --json prints a list of objects: path, base, rank, alpha, targets (a list of names, or a pattern), bytes, and \
      problem (null where its settings can be read).
      """,
    parameters: [folder.definition, AdapterParameters.json.definition],
    examples: [.init("martlet adapter list runs", "What has been trained:")]
  ) { arguments, console in
    let root = arguments[folder] ?? "."
    guard FileSystem.isFolder(root) else {
      throw UsageError(
        "There is no folder ‘\(root)’.", advice: "Name a folder with adapters in it.")
    }
    let found = try folders(below: root, depth: 0).map { ListedAdapter(path: $0) }
    if arguments[AdapterParameters.json] {
      return try console.result(JSON.array(found.map(\.json)).serialized() + "\n")
    }
    guard !found.isEmpty else { return console.note("There are no adapters below \(root).\n") }
    let table = TextTable(
      headings: ["path", "base", "rank", "targets", "size"], rows: found.map(\.row),
      rightAligned: [2, 4])
    try console.result(table.text(console.style, width: console.resultWidth))
  }
}

private func folders(below path: String, depth: Int) throws -> [String] {
  var found = ModelAdapter.isAdapter(directory: path) ? [path] : []
  guard depth < deepest else { return found }
  // A folder that may not be read is passed over, as its adapters could not be read either.
  for name in ((try? FileSystem.names(in: path)) ?? []).sorted() where !name.hasPrefix(".") {
    let inner = path == "." ? name : path.hasSuffix("/") ? path + name : "\(path)/\(name)"
    if FileSystem.isFolder(inner) { found += try folders(below: inner, depth: depth + 1) }
  }
  return found
}

/// An adapter in the list, and what its settings say.
private struct ListedAdapter {
  let path: String
  let bytes: Int
  let settings: Result<AdapterConfiguration, AdapterError>

  init(path: String) {
    self.path = path
    bytes = FileSystem.size("\(path)/adapter_model.safetensors") ?? 0
    do throws(AdapterError) {
      settings = .success(try ModelAdapter.configuration(directory: path))
    } catch {
      settings = .failure(error)
    }
  }

  var row: [String] {
    switch settings {
    case .success(let settings):
      [
        printable(path), printable(settings.baseModel ?? "not stated"), "\(settings.rank)",
        printable(settings.targets.text), formatBytes(bytes),
      ]
    case .failure(let error): [printable(path), printable("\(error)"), "", "", formatBytes(bytes)]
    }
  }

  var json: JSON {
    switch settings {
    case .success(let settings):
      [
        "path": .string(path), "base": settings.baseModel.map { .string($0) } ?? .null,
        "rank": JSON(settings.rank), "alpha": JSON(settings.alpha),
        "targets": settings.targets.json,
        "bytes": JSON(bytes), "problem": nil,
      ]
    case .failure(let error):
      [
        "path": .string(path), "base": nil, "rank": nil, "alpha": nil, "targets": nil,
        "bytes": JSON(bytes),
        "problem": .string("\(error)"),
      ]
    }
  }
}

extension AdapterConfiguration.Targets {
  /// For people.
  var text: String {
    switch self {
    case .architectureDefault: "the architecture's"
    case .names(let names): names.sorted().joined(separator: ", ")
    case .pattern(let pattern): pattern
    case .allLinear: "all-linear"
    }
  }

  /// For programs: as `target_modules` has it.
  var json: JSON {
    switch self {
    case .architectureDefault: .null
    case .names(let names): .array(names.sorted().map { .string($0) })
    case .pattern(let pattern): .string(pattern)
    case .allLinear: "all-linear"
    }
  }
}
