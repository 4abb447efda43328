import Foundation
import MartletDocuments
import MartletVectorStore

/// Mail: a message is kept once, whatever files have it, and a mailbox that has grown is read from where it ended.
///
/// A mailbox is one source. Its messages are written in groups, each with the position behind it, as if the mailbox had
/// grown group by group: a run that is interrupted is carried on from the last of them.
extension IndexRun {
  private static let messageCountKey = "message_count"
  private static let passageCountKey = "passage_count"

  mutating func takeMail(_ file: FileWalker.File, _ source: Source, _ tell: (IndexProgress) -> Void) throws {
    if ledger == nil { ledger = MailLedger(known, without: isGone) }
    let isNew = known[file.path] == nil
    if try renamed(source) {
      countAsDone(file)
    } else if file.kind == .mail {
      try takeMessage(file, source)
    } else {
      try flush(tell)
      try takeMailbox(file, source, tell)
    }
    if isNew { report.addedCount += 1 } else { report.changedCount += 1 }
  }

  /// Files whose messages were left out for the sake of files that no longer have them.
  mutating func readLeftOut(_ tell: (IndexProgress) -> Void) throws {
    if ledger == nil {
      // Where no mail was read, some may have gone all the same.
      let hasLost = known.contains { isGone($0.key) && !MailLedger.messages(of: $0.value).kept.isEmpty }
      guard hasLost else { return }
      ledger = MailLedger(known, without: isGone)
    }
    let paths = ledger?.pathsWithOrphans ?? []
    let sources = paths.isEmpty ? [:] : try library.documents.sources()
    for path in paths {
      try Task.checkCancellation()
      guard let source = sources[path],
        case .string(let kind)? = source.details["kind"],
        case .success(let status) = FileStatus.of(path, followingLinks: true)
      else { continue }
      let file = FileWalker.File(
        path: path, byteCount: status.byteCount, modificationDate: status.modificationDate,
        kind: kind == "mail" ? .mail : .mailbox)
      do {
        if file.kind == .mail {
          try takeMessage(file, source)
        } else {
          try takeMailbox(file, source, tell, resuming: false)
        }
      } catch let error as DocumentError {
        if error.problem == .cancelled { throw CancellationError() }
        report.failures.append(error)
      }
    }
    try flush(tell)
  }

  // MARK: One message

  /// Takes over the passages of a file with the same content that has gone: the same message under a new name, as when a
  /// message of a Maildir is read.
  private mutating func renamed(_ source: Source) throws -> Bool {
    guard !settings.force else { return false }
    let twin = pathsOfHash[source.hash]?.first { path in
      guard path != source.path, !rewritten.contains(path), isGone(path), let other = known[path] else {
        return false
      }
      return hasSameSettings(other) && other.details["kind"] == source.details["kind"]
    }
    guard let twin, let old = known[twin], ledger?.messages(of: twin).kept.isEmpty != false else {
      return false
    }
    let messages = MailLedger.messages(of: old)
    // What another file has taken in meanwhile is kept there.
    guard messages.kept.allSatisfy({ ledger?.owner(of: $0) == nil }) else { return false }
    var source = source
    source.details.merge(old.details) { own, _ in own }
    let records = try library.documents.records(ofSource: twin).map {
      PassageRecord.copy($0, to: source.path)
    }
    try library.documents.replace([(source, records)])
    rewritten.formUnion([source.path, twin])
    ledger?.set(source.path, kept: messages.kept, leftOut: messages.leftOut)
    report.reusedChunkCount += records.count
    return true
  }

  private mutating func takeMessage(_ file: FileWalker.File, _ source: Source) throws {
    var reader = try MailboxReader(file.path, as: .mail, loader: loader)
    guard let message = try reader.next() else { return countAsDone(file) }
    try checkStill(file)
    let owner = ledger?.owner(of: message.digest)
    let isElsewhere = owner != nil && owner != file.path
    let kept = isElsewhere ? [] : [message.digest]
    let leftOut = isElsewhere ? [message.digest] : []
    let chunks = isElsewhere ? [] : chunker.chunks(of: message.sections, from: 0)
    if isElsewhere {
      report.duplicateMessageCount += 1
    } else {
      note(DocumentSummary(kind: .mail, warnings: reader.warnings), file, isEmpty: chunks.isEmpty)
      noteLanguage(of: message.sections, file)
    }
    var source = source
    MailLedger.note(kept: kept, leftOut: leftOut, in: &source.details)
    ledger?.set(file.path, kept: kept, leftOut: leftOut)
    pending.append(PendingFile(source: source, chunks: chunks))
  }

  // MARK: Mailboxes

  /// What has been taken from a mailbox until now.
  private struct Taken {
    var kept: [String] = []
    var leftOut: [String] = []
    var seen: Set<String> = []
    var passages = 0
    /// Whether what follows is added to records that are there.
    var extends = false
  }

  private mutating func takeMailbox(
    _ file: FileWalker.File, _ source: Source, _ tell: (IndexProgress) -> Void, resuming: Bool = true
  ) throws {
    var reader = try MailboxReader(file.path, byteCount: file.byteCount, loader: loader)
    var taken = Taken()
    var vectors: [String: [Float]] = [:]
    if resuming, let position = position(of: file), try reader.resume(at: position) {
      (taken.kept, taken.leftOut) = ledger?.messages(of: file.path) ?? ([], [])
      taken.seen = Set(taken.kept + taken.leftOut)
      taken.passages = known[file.path]?.details[Self.passageCountKey]?.integerValue ?? 0
      taken.extends = true
    } else {
      if known[file.path] != nil || !resuming {
        reader = try MailboxReader(file.path, byteCount: file.byteCount, loader: loader)
        // What is still in it need not be embedded again.
        if !settings.force { vectors = try vectorsByText(ofSource: file.path) }
      }
      ledger?.set(file.path, kept: [], leftOut: [])
    }
    let start = reader.position.byteCount
    var written = start
    var waiting: [Chunk] = []
    var detector = LanguageDetector()
    progress.doneBytes += start
    while let message = try reader.next() {
      let owner = ledger?.owner(of: message.digest)
      if owner != nil && owner != file.path || !taken.seen.insert(message.digest).inserted {
        // A copy in the same mailbox goes with the first.
        if owner != nil, owner != file.path { taken.leftOut.append(message.digest) }
        report.duplicateMessageCount += 1
        continue
      }
      taken.kept.append(message.digest)
      for section in message.sections where section.role == .prose { detector.append(section.text) }
      let chunks = chunker.chunks(of: message.sections, from: taken.passages)
      taken.passages += chunks.count
      waiting += chunks
      // Each group is written with all digests: in a large mailbox it is one of fifty.
      guard waiting.count >= max(chunksTogether, taken.passages / 50) else { continue }
      let position = reader.position
      try write(
        waiting, of: file, source, at: position, worth: position.byteCount - written, &taken, vectors, tell)
      written = position.byteCount
      waiting = []
    }
    let position = reader.position
    try write(
      waiting, of: file, source, at: position, worth: position.byteCount - written, &taken, vectors, tell)
    ledger?.set(file.path, kept: taken.kept, leftOut: taken.leftOut)
    note(
      DocumentSummary(kind: .mailbox, warnings: reader.warnings), file,
      isEmpty: taken.passages == 0 && taken.leftOut.isEmpty)
    noteLanguage(detector, file)
    progress.doneFiles += 1
  }

  /// Where an earlier run ended in a mailbox; nil where none was there, or read it in another way.
  private func position(of file: FileWalker.File) -> MailboxPosition? {
    guard !settings.force, let old = known[file.path], hasSameSettings(old),
      let count = old.details[Self.messageCountKey]?.integerValue, old.byteCount <= file.byteCount
    else { return nil }
    return MailboxPosition(byteCount: old.byteCount, messageCount: count, hash: old.hash)
  }

  /// Writes the next passages of a mailbox with the position behind them.
  private mutating func write(
    _ chunks: [Chunk], of file: FileWalker.File, _ source: Source, at position: MailboxPosition,
    worth bytes: Int,
    _ taken: inout Taken, _ vectors: [String: [Float]], _ tell: (IndexProgress) -> Void
  ) throws {
    var source = source
    (source.byteCount, source.hash) = (position.byteCount, position.hash)
    source.details[Self.messageCountKey] = .integer(position.messageCount)
    source.details[Self.passageCountKey] = .integer(taken.passages)
    MailLedger.note(kept: taken.kept, leftOut: taken.leftOut, in: &source.details)
    let unknown = chunks.filter { vectors[$0.embeddingText] == nil }
    var embeddings = try embed(unknown, worth: bytes, tell)[...]
    report.reusedChunkCount += chunks.count - unknown.count
    let records = chunks.map { chunk in
      let embedding = vectors[chunk.embeddingText] ?? embeddings.popFirst() ?? []
      return PassageRecord.make(chunk, path: file.path, embedding: embedding)
    }
    if taken.extends {
      try library.documents.extend(source, with: records)
    } else {
      try library.documents.replace([(source, records)])
      rewritten.insert(file.path)
      taken.extends = true
    }
  }

  private func vectorsByText(ofSource path: String) throws -> [String: [Float]] {
    let records = try library.documents.records(ofSource: path)
    return Dictionary(records.map { ($0.document ?? "", $0.embedding) }) { first, _ in first }
  }
}
