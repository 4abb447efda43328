import MartletDatasets
import MartletJSON
import Synchronization

extension DatasetEntry {
  /// The data set for programs.
  func json(in cache: DatasetCache, manifest: DatasetManifest? = nil) -> JSON {
    let files = cache.files(of: self)
    let parts = splits.map { split -> JSON in
      var object: JSONObject = [
        "name": .string(split.name), "rows": JSON(split.rows), "optional": .bool(split.isOptional),
        "pulled": .bool(files[split.name] != nil),
      ]
      if let path = files[split.name], let pulled = manifest?.splits[split.name] {
        object["path"] = .string(path)
        object["source"] = .string(pulled.source)
        object["sha256"] = .string(pulled.sha256)
        object["bytes"] = JSON(pulled.bytes)
        object["pinned"] = .bool(pulled.isPinned)
        object["date"] = .string(pulled.date)
      }
      return .object(object)
    }
    return [
      "name": .string(name), "summary": .string(summary), "license": .string(license),
      "homepage": .string(homepage), "splits": .array(parts),
    ]
  }

  /// The data set for people.
  func text(in cache: DatasetCache, manifest: DatasetManifest?, _ style: Style) -> String {
    func line(_ label: String, _ text: String) -> String {
      label + String(repeating: " ", count: max(1, 12 - label.count)) + text + "\n"
    }
    let files = cache.files(of: self)
    var text = style.bold(name) + "\n" + line("what", summary) + line("licence", license)
    text += line("homepage", homepage)
    if !aliases.isEmpty { text += line("also named", aliases.joined(separator: ", ")) }
    for split in splits {
      let note = split.isOptional ? ", fetched with --split \(split.name)" : ""
      let checksum = isPinned(split.name) ? "SHA-256 known" : "no checksum is known"
      text += line("part", "\(split.name): \(split.rows) rows, \(checksum)\(note)")
      for source in sources where source.has(split.name) {
        text += line("", "from \(source.summary(of: split.name))")
      }
      if let path = files[split.name], let pulled = manifest?.splits[split.name] {
        text += line("", "in the cache: \(printable(path)), \(formatBytes(pulled.bytes)), from")
        text += line("", "\(printable(pulled.source)), \(printable(pulled.date))")
      } else {
        text += line("", "not in the cache")
      }
    }
    return text
  }
}

/// Shows a pull: a bar for each part, and each setback once.
final class DatasetDisplay: Sendable {
  private let console: Console
  private let state = Mutex(State())

  private struct State {
    var bar: ProgressBar?
    var title = ""
    var told = ""
  }

  init(_ console: Console) { self.console = console }

  func show(_ progress: DatasetProgress) {
    state.withLock { state in
      switch progress.phase {
      case .waiting: tell("Waiting for another pull of this data set", &state)
      case .retrying(let reason): tell("Trying again: \(reason)", &state)
      case .fetchingBytes: update("Fetching \(progress.split)", .bytes, progress, &state)
      case .fetchingRows: update("Fetching rows of \(progress.split)", .count("rows"), progress, &state)
      case .checking: update("Checking \(progress.split)", .bytes, progress, &state)
      }
    }
  }

  func finish() { state.withLock { $0.bar?.finish() } }

  private func update(
    _ title: String, _ unit: ProgressLine.Unit, _ progress: DatasetProgress, _ state: inout State
  ) {
    if state.title != title {
      state.bar?.finish()
      state.title = title
      state.bar = ProgressBar("  " + title, unit: unit, console: console)
    }
    state.bar?.update(done: progress.done, total: progress.total)
  }

  /// Says something once.
  private func tell(_ text: String, _ state: inout State) {
    guard state.told != text else { return }
    state.told = text
    console.note("  \(printable(text))\n")
  }
}
