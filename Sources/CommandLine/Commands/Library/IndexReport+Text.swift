import MartletDocuments
import MartletJSON
import MartletRetrieval
import MartletVectorStore

/// An indexing run, told to a person or a program.
extension IndexReport {
  /// What was done, in two lines.
  func summary(_ collection: any RecordCollection, total: Int) -> String {
    var parts = [
      "\(addedCount) added", "\(changedCount) changed", "\(unchangedCount) unchanged",
      "\(removedPaths.count) removed",
    ]
    if !failures.isEmpty { parts.append("\(failures.count) not read") }
    var work =
      "\(chunkCount) \(chunkCount == 1 ? "chunk" : "chunks") embedded in \(formatDecimal(seconds, 1)) s"
    if chunkCount > 0, seconds > 0 { work += " (\(Int(Double(chunkCount) / seconds)) a second)" }
    if reusedChunkCount > 0 { work += ", \(reusedChunkCount) taken over from files with the same content" }
    if duplicateMessageCount > 0 {
      let copies = duplicateMessageCount == 1 ? "1 copy" : "\(duplicateMessageCount) copies"
      work += ", \(copies) of messages left out"
    }
    return """
      Files: \(parts.joined(separator: ", ")).
      \(work). Collection \(collection.name) now has \(total) chunks.

      """
  }

  /// What a person should know, a line each: nothing that was passed over goes unsaid.
  func notes(for embedder: String) -> [String] {
    var notes: [String] = []
    var reasons: [String: [String]] = [:]
    for item in skipped { reasons[item.reason.description, default: []].append(item.path) }
    for (reason, paths) in reasons.sorted(by: { $0.key < $1.key }) {
      notes.append("Skipped, \(reason): \(Self.list(paths))")
    }
    if !removedPaths.isEmpty { notes.append("Removed, as they are gone: \(Self.list(removedPaths))") }
    for warning in warnings { notes.append("Note: \(warning.path) \(warning.text).") }
    for (language, paths) in foreignPaths.sorted(by: { $0.key < $1.key }) {
      let count = paths.count == 1 ? "One file seems" : "\(paths.count) files seem"
      notes.append(
        "Warning: \(count) to be in \(language), which \(embedder) does not know; semantic search "
          + "will find little, keyword search works: \(Self.list(paths))")
    }
    if truncatedChunkCount > 0 {
      notes.append("Warning: \(embedder) read only the beginning of \(truncatedChunkCount) chunks.")
    }
    // The first of the paths that were named is the error that the command ends with.
    let others = failures.filter { $0 != failedRoots.first }
    for failure in others { notes.append("Not read: \(failure.path) \(failure.explanation).") }
    return notes
  }

  /// The first few of many paths.
  private static func list(_ paths: [String]) -> String {
    let shown = paths.prefix(5).joined(separator: ", ")
    return paths.count > 5 ? "\(shown) and \(paths.count - 5) more" : shown
  }

  /// All of it.
  func json(_ collection: any RecordCollection, total: Int) -> JSON {
    [
      "collection": .string(collection.name), "added": JSON(addedCount), "changed": JSON(changedCount),
      "unchanged": JSON(unchangedCount), "removed": .array(removedPaths.map { .string($0) }),
      "chunks": JSON(chunkCount),
      "tokens": JSON(tokenCount), "reused_chunks": JSON(reusedChunkCount),
      "duplicate_messages": JSON(duplicateMessageCount), "truncated_chunks": JSON(truncatedChunkCount),
      "total_chunks": JSON(total), "seconds": JSON(seconds),
      "failed": .array(failures.map { Self.json(Note(path: $0.path, text: $0.explanation)) }),
      "warnings": .array(warnings.map(Self.json)),
      "skipped": .array(
        skipped.map { ["path": .string($0.path), "reason": .string($0.reason.description)] }),
      "foreign": .object(
        JSONObject(
          foreignPaths.sorted { $0.key < $1.key }.map { ($0.key, .array($0.value.map { .string($0) })) })),
    ]
  }

  private static func json(_ note: Note) -> JSON { ["path": .string(note.path), "text": .string(note.text)] }
}
