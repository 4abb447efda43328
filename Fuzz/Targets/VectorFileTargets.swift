import MartletVectorStore

/// An index file of FAISS.
func readFAISSIndex(_ input: [UInt8]) { readVectors(input, as: .faiss) }

/// A NumPy array.
func readNumPyArray(_ input: [UInt8]) { readVectors(input, as: .npy) }

/// Rows that begin with their length, of floats, bytes and integers.
func readVecs(_ input: [UInt8]) {
  for format in [VectorFileFormat.fvecs, .bvecs, .ivecs] { readVectors(input, as: format) }
}

/// Records as JSON lines.
func readRecordLines(_ input: [UInt8]) { readVectors(input, as: .jsonl) }

/// Reads a file to its end and writes what it holds; what was written must hold the same.
private func readVectors(_ input: [UInt8], as format: VectorFileFormat) {
  withFile(input, format.rawValue) { path in
    guard let reader = try? VectorFileReader(path: path, format: format) else { return }
    let graph = try? reader.graph()
    var records = [Record]()
    do {
      while let some = try reader.next(100) { records += some }
    } catch {
      return
    }
    guard format.isWritten, records.count < 10_000 else { return }
    let again = path + ".again"
    let distance = reader.distance ?? .l2
    guard let writer = try? VectorFileWriter(path: again, format: format, distance: distance, graph: graph)
    else {
      return
    }
    var isWritten = false
    if (try? writer.append(records)) != nil { isWritten = (try? writer.finish()) != nil }
    if isWritten { compare(records, again, format) }
    remove([again, again + ".ids"])
  }
}

/// Stops the fuzzer where a file does not hold what was written to it.
private func compare(_ records: [Record], _ path: String, _ format: VectorFileFormat) {
  var rest = records[...]
  do {
    let reader = try VectorFileReader(path: path, format: format)
    while let some = try reader.next(64) {
      precondition(zip(some, rest).allSatisfy { isSame($0, $1) } && some.count <= rest.count)
      rest = rest.dropFirst(some.count)
    }
  } catch {
    preconditionFailure("what was written is not read: \(error)")
  }
  precondition(rest.isEmpty)
}

/// Equal to the last bit: NaN is as good a number as others here.
private func isSame(_ left: Record, _ right: Record) -> Bool {
  left.id == right.id && left.document == right.document && left.uri == right.uri
    && left.embedding.map(\.bitPattern) == right.embedding.map(\.bitPattern)
    && left.metadata == right.metadata
}
