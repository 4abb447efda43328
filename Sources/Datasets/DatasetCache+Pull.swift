import Foundation
import MartletCheckpoints
import MartletHTTPClient
import MartletJSON

extension DatasetCache {
  /// Fetches parts of a data set into the cache, where each appears by one rename, complete and checked.
  ///
  /// A part that is there is compared with the manifest's SHA-256, and left alone where they agree. The sources of the
  /// others are tried in order. What a source delivers is held to the catalogue's SHA-256 where that is known, and always
  /// to the number of rows. Where `HF_HUB_OFFLINE` is set, the data server is left alone. What came before a failure, a
  /// cancellation of the task or the end of the process is kept, and the next call carries on with it.
  /// - Parameters:
  ///   - entry: The data set, as the catalogue describes it.
  ///   - splits: The parts; by default all but the optional ones.
  ///   - allowed: The kinds of sources to use.
  ///   - progress: Called as rows or bytes come.
  /// - Throws: ``DatasetError/unavailable(_:)`` with each source's reason where none delivers,
  ///   ``DatasetError/cancelled`` soon after the task was cancelled.
  public func pull(
    _ entry: DatasetEntry, splits: [String]? = nil,
    from allowed: Set<DatasetSource.Kind> = Set(DatasetSource.Kind.allCases),
    progress: @escaping @Sendable (DatasetProgress) -> Void = { _ in }
  ) throws(DatasetError) {
    try pull(entry, splits: splits, from: allowed, patience: HTTPPatience(), progress: progress)
  }

  func pull(
    _ entry: DatasetEntry, splits names: [String]? = nil,
    from allowed: Set<DatasetSource.Kind> = Set(DatasetSource.Kind.allCases), patience: HTTPPatience,
    progress: @escaping DatasetObserver = { _ in }
  ) throws(DatasetError) {
    let splits = try chosen(names, of: entry)
    do throws(CheckpointError) { try FileSystem.makeFolder(path(of: entry)) } catch {
      throw DatasetError(error)
    }
    let lock: FileLock
    do throws(CheckpointError) {
      lock = try FileLock("\(root)/.\(entry.name).lock") {
        progress(DatasetProgress(split: "", phase: .waiting))
      }
    } catch { throw DatasetError(error) }
    defer { lock.release() }
    for split in splits where try !isIntact(split, of: entry, progress: progress) {
      let pull = SplitPull(
        entry: entry, split: split, folder: path(of: entry), root: root, environment: environment,
        patience: patience, progress: progress)
      let pulled = try pull.run(from: allowed)
      try note(pulled, of: split, entry)
    }
  }

  private func chosen(_ names: [String]?, of entry: DatasetEntry) throws(DatasetError) -> [DatasetEntry.Split]
  {
    guard let names else { return entry.splits.filter { !$0.isOptional } }
    var splits: [DatasetEntry.Split] = []
    for name in names {
      guard let split = entry.splits.first(where: { $0.name == name }) else {
        throw .noSplit(name, dataset: entry.name, splits: entry.splits.map(\.name))
      }
      splits.append(split)
    }
    return splits
  }

  /// Whether a part is there, and what the manifest says of it.
  private func isIntact(
    _ split: DatasetEntry.Split, of entry: DatasetEntry, progress: DatasetObserver
  ) throws(DatasetError) -> Bool {
    let path = "\(path(of: entry))/\(split.name).jsonl"
    // A manifest that cannot be read is written again.
    guard let size = FileSystem.size(path), let known = (try? manifest(of: entry))??.splits[split.name],
      known.bytes == size
    else { return false }
    do throws(CheckpointError) {
      let hash = try SHA256.hexadecimal(ofFile: path) { bytes throws(CheckpointError) in
        if Task.isCancelled { throw .cancelled }
        progress(DatasetProgress(split: split.name, phase: .checking, done: bytes, total: size))
      }
      return hash == known.sha256
    } catch { throw DatasetError(error) }
  }

  private func note(
    _ pulled: DatasetManifest.Split, of split: DatasetEntry.Split, _ entry: DatasetEntry
  ) throws(DatasetError) {
    var manifest =
      (try? manifest(of: entry)).flatMap(\.self)
      ?? DatasetManifest(name: entry.name, license: entry.license, splits: [:])
    (manifest.name, manifest.license) = (entry.name, entry.license)
    manifest.splits[split.name] = pulled
    let text = manifest.json.serialized(pretty: true) + "\n"
    let path = manifestPath(entry)
    do throws(CheckpointError) {
      try OutputFile.write(text, to: path + ".new")
      try FileSystem.synchronize(path + ".new")
      try FileSystem.rename(path + ".new", to: path)
    } catch { throw DatasetError(error) }
  }
}

/// How far a pull has come.
public struct DatasetProgress: Sendable, Equatable {
  /// What is being done.
  public enum Phase: Sendable, Equatable {
    /// Another process pulls the same data set; this one waits for it.
    case waiting
    /// A file's bytes are on their way from this source.
    case fetchingBytes(source: String)
    /// Rows are on their way from this source.
    case fetchingRows(source: String)
    /// The connection failed for this reason; it is tried again after a pause.
    case retrying(reason: String)
    /// What is there is compared with its SHA-256.
    case checking
  }

  /// The part.
  public var split: String
  /// What is being done.
  public var phase: Phase
  /// The bytes or rows of this phase that are done.
  public var done = 0
  /// The bytes or rows of this phase in all, where that is known.
  public var total: Int?
}

/// Is told of progress.
typealias DatasetObserver = @Sendable (DatasetProgress) -> Void
