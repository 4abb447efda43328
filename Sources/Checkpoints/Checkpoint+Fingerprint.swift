extension Checkpoint {
  /// Twelve hexadecimal digits that tell this model's weights from those of another model or another revision.
  ///
  /// It is the beginning of a SHA-256 over every tensor's name, shape, format and first bytes: a revision changes all
  /// tensors, so that reading a page of each is enough, and a model of any size is told in milliseconds.
  /// - Throws: ``CheckpointError`` where a tensor cannot be read.
  public func fingerprint() throws -> String {
    var digest = SHA256()
    for tensor in tensors.tensors.sorted(by: { $0.name < $1.name }) {
      let facts = "\(tensor.name) \(tensor.shape) \(tensor.format.rawValue)\n"
      Array(facts.utf8).withUnsafeBytes { digest.update($0) }
      var head = [UInt8]()
      try tensors.withBytes(of: tensor.name) { head = Array($0.prefix(64)) }
      head.withUnsafeBytes { digest.update($0) }
    }
    return String(digest.hexadecimal().prefix(12))
  }
}
