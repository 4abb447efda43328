import FoundationEssentials

// `localizedDescription` says what `description` says.

extension CollectionCopyError: LocalizedError {
  /// What was wrong, where, and what to do.
  public var errorDescription: String? { description }
}

extension FilterError: LocalizedError {
  /// What was wrong, where, and what to do.
  public var errorDescription: String? { description }
}

extension MetadataError: LocalizedError {
  /// What was wrong, where, and what to do.
  public var errorDescription: String? { description }
}

extension RecordTextError: LocalizedError {
  /// What was wrong, where, and what to do.
  public var errorDescription: String? { description }
}

extension StoreLocationError: LocalizedError {
  /// What was wrong, where, and what to do.
  public var errorDescription: String? { description }
}

extension VectorFileError: LocalizedError {
  /// What was wrong, where, and what to do.
  public var errorDescription: String? { description }
}

extension VectorStoreError: LocalizedError {
  /// What was wrong, where, and what to do.
  public var errorDescription: String? { description }
}
