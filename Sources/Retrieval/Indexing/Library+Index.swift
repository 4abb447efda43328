extension Library {
  /// Brings the collection up to date with files and folders.
  ///
  /// Unchanged files are skipped, changed ones replaced, and ones that are gone from a folder dropped. Each file is
  /// replaced as a whole, so that a run that is interrupted, by whatever means, keeps what it has done, and the next one
  /// carries on. A file that cannot be read never stops the rest.
  ///
  /// A path that is in the collection and is gone is dropped, too; but not where its folder is missing or empty, as
  /// where a disk is not mounted: that is reported as a failure, and only `force` drops it.
  /// - Parameters:
  ///   - paths: Files and folders.
  ///   - settings: How they are read and cut.
  ///   - progress: Told how far the run is, many times a second.
  /// - Throws: `VectorStoreError` (another writer, a full disk), `ModelError`, or `CancellationError`.
  public func index(
    _ paths: [String], settings: IndexSettings = IndexSettings(),
    progress: (IndexProgress) -> Void = { _ in }
  ) throws -> IndexReport {
    let start = ContinuousClock.now
    var run = IndexRun(
      library: self, embedder: try embedder(), settings: settings, known: try documents.sources())
    try withoutActuallyEscaping(progress) { progress in
      let files = run.survey(paths)
      try run.read(files, progress)
      try run.drop()
    }
    try documents.finishWriting()
    let (seconds, attoseconds) = (ContinuousClock.now - start).components
    run.report.seconds = Double(seconds) + Double(attoseconds) * 1e-18
    return run.report
  }
}
