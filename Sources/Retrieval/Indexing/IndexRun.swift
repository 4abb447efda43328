import Foundation
import MartletCheckpoints
import MartletDocuments
import MartletEmbedding
import MartletVectorStore

/// One indexing run: looks at what there is, reads what has changed, embeds its chunks in large groups, and writes
/// whole files, several to a transaction.
struct IndexRun {
  var report = IndexReport()

  let library: Library
  private let embedder: any PassageEmbedder
  let settings: IndexSettings
  let chunker: Chunker
  private let settingsKey: String
  /// The sources of the collection at the start.
  let known: [String: Source]
  let pathsOfHash: [String: [String]]
  private let startedAt = Int64(Date().timeIntervalSince1970 * 1e9)
  let loader = DocumentLoader()

  private var roots: [String] = []
  private var seen: Set<String> = []
  /// Sources whose passages are no longer those of the start: what is known of them says nothing of what they hold.
  var rewritten: Set<String> = []
  /// Which messages the mail of the collection has; made when the first file of mail is read.
  var ledger: MailLedger?
  /// Folders and files that the system refused to show: what is known below them stays.
  private var outOfReach: [String] = []
  var pending: [PendingFile] = []
  var progress: IndexProgress

  /// A file that was read and waits for its chunks to be embedded and written.
  struct PendingFile {
    let source: Source
    let chunks: [Chunk]
  }

  /// Chunks that are embedded, and written, together: enough to fill packed batches of like length, and fewer where
  /// embedding is slow, so that an interrupted run loses little.
  var chunksTogether = mostChunksTogether
  private static let mostChunksTogether = 256
  private static let fewestChunksTogether = 16
  /// How much work an interrupted run may lose, in seconds.
  private static let secondsTogether = 5.0

  init(library: Library, embedder: any PassageEmbedder, settings: IndexSettings, known: [String: Source]) {
    self.library = library
    self.embedder = embedder
    self.settings = settings
    self.known = known
    chunker = settings.chunker(embedder)
    settingsKey = settings.key(chunker)
    pathsOfHash = Dictionary(grouping: known.keys.sorted()) { known[$0]?.hash ?? "" }
    progress = IndexProgress(
      doneBytes: 0, totalBytes: 0, doneFiles: 0, totalFiles: 0, chunkCount: 0, path: "")
    if let asked = settings.chunkTokens, asked > chunker.maximumTokens {
      report.warnings.append(
        .init(
          path: embedder.identity.name,
          text: "reads \(chunker.maximumTokens) tokens at once; chunks have no more than that, not \(asked)"))
    }
  }

  // MARK: Looking

  /// Walks the paths, notes what is passed over, and gives the files that are new or may have changed.
  mutating func survey(_ paths: [String]) -> [FileWalker.File] {
    roots = paths.compactMap { try? resolvedPath($0) }
    let named = Set(paths + roots)
    var files: [FileWalker.File] = []
    let walker = FileWalker(exclude: settings.exclude, honoursGitignore: settings.honoursGitignore)
    walker.walk(paths) { entry in
      switch entry {
      case .file(let file):
        seen.insert(file.path)
        if isUnchanged(file) { report.unchangedCount += 1 } else { files.append(file) }
      case .skipped(let path, .unreadable(let problem)):
        noteUnreadable(path, problem, isNamed: named.contains(path))
      case .skipped(let path, let reason):
        report.skipped.append(.init(path: path, reason: reason))
      }
    }
    progress.totalFiles = files.count
    progress.totalBytes = files.reduce(0) { $0 + $1.byteCount }
    return files
  }

  private mutating func noteUnreadable(_ path: String, _ problem: DocumentError.Problem, isNamed: Bool) {
    var problem = problem
    if isNamed, problem == .notFound, let gone = GoneRoot(path, known: known.keys) {
      // A root without any file: what is known of it is dropped in the end.
      if gone.isGoneForGood || settings.force { return roots.append(gone.path) }
      problem = .mayBeUnmounted
      outOfReach.append(gone.path)
    }
    outOfReach.append(path)
    let failure = DocumentError(path: path, problem: problem)
    report.failures.append(failure)
    if isNamed { report.failedRoots.append(failure) }
  }

  /// Whether size and time say that the file is as it was indexed. A file that was changed while, or just before, it
  /// was indexed may have been changed again within the clock's grain; its content decides.
  private func isUnchanged(_ file: FileWalker.File) -> Bool {
    guard !settings.force, let source = known[file.path], hasSameSettings(source),
      source.details["kind"] == .string("\(file.kind)"),
      source.byteCount == file.byteCount, source.modificationDate == file.modificationDate,
      case .integer(let indexed)? = source.details["indexed"]
    else { return false }
    return Date(nanosecondsSince1970: Int64(indexed)).timeIntervalSince(file.modificationDate) > 2
  }

  func hasSameSettings(_ source: Source) -> Bool {
    source.details["settings"] == .string(settingsKey)
  }

  // MARK: Reading

  mutating func read(_ files: [FileWalker.File], _ tell: (IndexProgress) -> Void) throws {
    for file in files {
      try Task.checkCancellation()
      progress.path = file.path
      tell(progress)
      do {
        try take(file, tell)
      } catch let error as DocumentError {
        if error.problem == .cancelled { throw CancellationError() }
        fail(file, error)
        countAsDone(file)
      }
      if pending.reduce(0, { $0 + $1.chunks.count }) >= chunksTogether { try flush(tell) }
    }
    try flush(tell)
    try readLeftOut(tell)
    tell(progress)
  }

  /// A file that has nothing to embed.
  mutating func countAsDone(_ file: FileWalker.File) {
    progress.doneFiles += 1
    progress.doneBytes += file.byteCount
  }

  mutating func take(_ file: FileWalker.File, _ tell: (IndexProgress) -> Void) throws {
    let source = Source(
      path: file.path, byteCount: file.byteCount, modificationDate: file.modificationDate,
      hash: try contentHash(file),
      details: [
        "settings": .string(settingsKey), "kind": .string("\(file.kind)"),
        "indexed": .integer(Int(startedAt)),
      ])
    let old = known[file.path]
    if !settings.force, let old, old.hash == source.hash, hasSameSettings(old),
      old.details["kind"] == source.details["kind"]
    {
      var source = source
      source.details.merge(old.details) { new, _ in new }
      try library.documents.note(source)
      report.unchangedCount += 1
      return countAsDone(file)
    }
    if file.kind == .mail || file.kind == .mailbox { return try takeMail(file, source, tell) }
    if !settings.force, try reuse(source) {
      countAsDone(file)
    } else if file.byteCount > settings.streamedBytes, file.kind != .pdf {
      try flush(tell)
      try stream(file, source, tell)
    } else {
      let document = try loader.load(file.path, as: file.kind)
      try checkStill(file)
      let chunks = chunker.chunks(of: document)
      note(document.summary, file, isEmpty: chunks.isEmpty)
      noteLanguage(of: document.sections, file)
      pending.append(PendingFile(source: source, chunks: chunks))
    }
    if old == nil { report.addedCount += 1 } else { report.changedCount += 1 }
  }

  private func contentHash(_ file: FileWalker.File) throws -> String {
    do {
      return try SHA256.hexadecimal(ofFile: file.path) { _ throws(CheckpointError) in
        if Task.isCancelled { throw .cancelled }
      }
    } catch {
      let problem: DocumentError.Problem =
        switch error.kind {
        case .noInput: .notFound
        case .permission: .noPermission
        case .cancelled: .cancelled
        case .badData, .unavailable, .inputOutput: .unreadable(reason: "\(error)")
        }
      throw DocumentError(path: file.path, problem: problem)
    }
  }

  /// Throws where the file is no longer the one that was looked at: its next run will read it anew.
  func checkStill(_ file: FileWalker.File) throws(DocumentError) {
    guard case .success(let status) = FileStatus.of(file.path, followingLinks: true),
      status.byteCount == file.byteCount, status.modificationDate == file.modificationDate
    else { throw DocumentError(path: file.path, problem: .changed) }
  }

  /// Takes over the passages of a file with the same content that is read in the same way: a copy, or the same file
  /// under its old name. That file may itself have got other content in this run, as where two files swap their names.
  private mutating func reuse(_ source: Source) throws -> Bool {
    let twin = pathsOfHash[source.hash]?.first { path in
      guard path != source.path, !rewritten.contains(path), let other = known[path] else { return false }
      return hasSameSettings(other) && other.details["kind"] == source.details["kind"]
    }
    guard let twin else { return false }
    let records = try library.documents.records(ofSource: twin).map {
      PassageRecord.copy($0, to: source.path)
    }
    try library.documents.replace([(source, records)])
    rewritten.insert(source.path)
    report.reusedChunkCount += records.count
    return true
  }

  /// A text of any size: its chunks are embedded and written as they come, and stay if all do.
  private mutating func stream(
    _ file: FileWalker.File, _ source: Source, _ tell: (IndexProgress) -> Void
  ) throws {
    var stream = chunker.makeStream()
    var waiting: [Chunk] = []
    var total = 0
    var read = 0
    var counted = 0
    var run = self
    try library.documents.replace(source) { append in
      func write(through bytes: Int) throws {
        let embeddings = try run.embed(waiting, worth: bytes - counted, tell)
        counted = bytes
        let records = zip(waiting, embeddings).map {
          PassageRecord.make($0, path: file.path, embedding: $1)
        }
        try append(records)
        total += waiting.count
        waiting = []
      }
      var detector = LanguageDetector()
      let summary = try loader.read(file.path, as: file.kind) { section in
        if section.role == .prose { detector.append(section.text) }
        read += section.text.utf8.count
        waiting += stream.append(section)
        guard waiting.count >= run.chunksTogether else { return }
        try write(through: min(read, file.byteCount))
      }
      waiting += stream.finish()
      try write(through: file.byteCount)
      try run.checkStill(file)
      run.note(summary, file, isEmpty: total == 0)
      run.noteLanguage(detector, file)
    }
    self = run
    progress.doneFiles += 1
    rewritten.insert(file.path)
  }

  // MARK: Writing

  /// Embeds the chunks of all pending files and writes the files.
  mutating func flush(_ tell: (IndexProgress) -> Void) throws {
    guard !pending.isEmpty else { return }
    let bytes = pending.reduce(0) { $0 + $1.source.byteCount }
    let embeddings = try embed(pending.flatMap(\.chunks), worth: bytes, tell)
    var next = embeddings.startIndex
    let written = pending.map { file in
      let records = file.chunks.map { chunk in
        defer { next += 1 }
        return PassageRecord.make(chunk, path: file.source.path, embedding: embeddings[next])
      }
      return (source: file.source, records: records)
    }
    try library.documents.replace(written)
    rewritten.formUnion(pending.map(\.source.path))
    progress.doneFiles += pending.count
    pending = []
  }

  /// Embeds chunks, and counts the bytes of files that they come from as done, in step with the chunks.
  mutating func embed(
    _ chunks: [Chunk], worth bytes: Int, _ tell: (IndexProgress) -> Void
  ) throws -> [[Float]] {
    let before = progress.doneBytes
    var vectors: [[Float]] = []
    vectors.reserveCapacity(chunks.count)
    var start = chunks.startIndex
    while start < chunks.endIndex {
      try Task.checkCancellation()
      let group = chunks[start..<min(chunks.endIndex, start + chunksTogether)]
      let begin = ContinuousClock.now
      for (chunk, embedding) in zip(group, try embedder.embeddings(ofDocuments: group.map(\.embeddingText))) {
        vectors.append(embedding.vector)
        report.tokenCount += chunk.tokenCount
        if embedding.isTruncated { report.truncatedChunkCount += 1 }
      }
      adaptGroups(to: (ContinuousClock.now - begin) / group.count)
      report.chunkCount += group.count
      progress.chunkCount += group.count
      progress.doneBytes = before + Int(Double(bytes) * Double(vectors.count) / Double(chunks.count))
      tell(progress)
      start = group.endIndex
    }
    progress.doneBytes = before + bytes
    return vectors
  }

  private mutating func adaptGroups(to timeOfChunk: Duration) {
    let fitting = Duration.seconds(Self.secondsTogether) / max(timeOfChunk, .microseconds(1))
    chunksTogether = min(Self.mostChunksTogether, max(Self.fewestChunksTogether, Int(fitting)))
  }

  /// Drops what is gone from the folders of this run.
  mutating func drop() throws {
    let gone = known.keys.filter(isGone).sorted()
    if !gone.isEmpty { try library.documents.deleteSources(paths: gone) }
    report.removedPaths += gone
  }

  /// Whether a file of the collection is no longer among those of this run's folders.
  func isGone(_ path: String) -> Bool {
    !seen.contains(path) && isBelow(path, roots) && !isBelow(path, outOfReach)
  }

  private func isBelow(_ path: String, _ folders: [String]) -> Bool {
    folders.contains { path == $0 || path.hasPrefix($0.hasSuffix("/") ? $0 : $0 + "/") }
  }

  // MARK: Reporting

  /// A file that is out of reach keeps its old passages; those of one that has become unreadable would be stale.
  private mutating func fail(_ file: FileWalker.File, _ error: DocumentError) {
    report.failures.append(error)
    if roots.contains(file.path) { report.failedRoots.append(error) }
    if error.problem.isInContent { seen.remove(file.path) }
  }

  mutating func note(_ summary: DocumentSummary, _ file: FileWalker.File, isEmpty: Bool) {
    for warning in summary.warnings { report.warnings.append(.init(path: file.path, text: warning)) }
    if isEmpty { report.warnings.append(.init(path: file.path, text: "has no text to index")) }
  }

  mutating func noteLanguage(of sections: [Section], _ file: FileWalker.File) {
    var detector = LanguageDetector()
    for section in sections where section.role == .prose { detector.append(section.text) }
    noteLanguage(detector, file)
  }

  mutating func noteLanguage(_ detector: LanguageDetector, _ file: FileWalker.File) {
    guard let language = detector.language else { return }
    guard !embedder.languages.isEmpty, !embedder.languages.contains(language.code) else { return }
    report.foreignPaths[language.name, default: []].append(file.path)
  }
}

extension DocumentError.Problem {
  /// Whether the file itself cannot be read, rather than that it could not be reached this time.
  fileprivate var isInContent: Bool {
    switch self {
    case .binary, .encrypted, .damaged, .noTextLayer, .tooLarge, .unsupported, .protected, .hostile: true
    case .notFound, .mayBeUnmounted, .noPermission, .unreadable, .missingProgram, .missingLanguageData,
      .timeLimit, .memoryLimit, .changed, .cancelled:
      false
    }
  }
}
