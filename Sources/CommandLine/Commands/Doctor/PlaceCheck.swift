import Foundation
import MartletCheckpoints
import MartletVectorStore

/// The folders where models and documents are kept.
enum PlaceCheck {
  static func findings() -> [Finding] {
    [
      place("models", Places.models, variable: "MARTLET_HOME"),
      store(),
    ] + models()
  }

  /// The store that commands take unless an option names another: a folder, or somewhere else.
  private static func store() -> Finding {
    let variable = "MARTLET_STORE"
    guard let named = ProcessInfo.processInfo.environment[variable], !named.isEmpty else {
      return place("store", Places.store, variable: "MARTLET_HOME, or --store")
    }
    do {
      let location = try StoreLocation(store: named)
      if case .folder(let path) = location.place { return place("store", path, variable: variable) }
      return Finding(
        subject: "store", verdict: .good, fact: "\(location) (\(variable)); doctor does not connect")
    } catch {
      return Finding(
        subject: "store", verdict: .missing, fact: "\(variable) names no store: \(error)",
        remedy: "Choose another, or: unset \(variable)")
    }
  }

  /// The models in the cache, and those that are missing there though they are used unless others are named.
  private static func models() -> [Finding] {
    let cache = ModelCache()
    do {
      let catalogue = try cache.catalogue()
      let pulled = try cache.installed()
      let missing = catalogue.entries.filter { entry in
        entry.isDefault && !pulled.contains { $0.name == entry.name }
      }
      return pulled.map { finding($0, catalogue.find($0.name), cache) }
        + missing.map { entry in
          Finding(
            subject: "model", verdict: .advice, fact: "\(entry.name) is not in the cache",
            remedy: "martlet pull \(entry.name)")
        }
    } catch {
      return [Finding(subject: "catalogue", verdict: .missing, fact: "\(error)")]
    }
  }

  private static func finding(
    _ model: ModelCache.InstalledModel, _ entry: CatalogueEntry?, _ cache: ModelCache
  ) -> Finding {
    let fact = "\(model.name), \(formatBytes(model.byteCount))" + (entry.map { ": \($0.summary)" } ?? "")
    guard let entry, !cache.isInstalled(entry) else {
      return Finding(subject: "model", verdict: .good, fact: fact)
    }
    return Finding(
      subject: "model", verdict: .advice, fact: "\(model.name) is incomplete, or not what the catalogue has",
      remedy: "martlet pull \(model.name)")
  }

  private static func place(_ subject: String, _ path: String, variable: String) -> Finding {
    var existing = path
    while access(existing, F_OK) != 0, existing.count > 1 {
      existing = (existing as NSString).deletingLastPathComponent
      if existing.isEmpty { existing = "." }
    }
    guard access(existing, W_OK) == 0 else {
      return Finding(
        subject: subject, verdict: .missing, fact: "\(path): \(existing) cannot be written",
        remedy: "Choose another folder with \(variable), or: chmod u+w '\(existing)'")
    }
    let free = freeBytes(at: existing)
    let room = free.map { ", \(formatBytes($0)) free" } ?? ""
    let fact = existing == path ? "\(path)\(room)" : "\(path) (not made yet)\(room)"
    guard let free, free < 1_000_000_000 else { return Finding(subject: subject, verdict: .good, fact: fact) }
    return Finding(
      subject: subject, verdict: .advice, fact: fact, remedy: "The default models take 700 MB: make room.")
  }

  private static func freeBytes(at path: String) -> Int? {
    var info = statvfs()
    guard statvfs(path, &info) == 0 else { return nil }
    return Int(info.f_bavail) * Int(info.f_frsize)
  }
}
