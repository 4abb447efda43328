/// What Chroma's protocol has no place for, in a collection's metadata: Martlet's server and its client of Chroma
/// servers both write and read it, so that a collection keeps its embedder on the way.
extension CollectionConfiguration {
  private enum Key {
    static let embedder = "martlet:embedder"
    static let revision = "martlet:revision"
    static let maximumTokens = "martlet:maximum_tokens"
    static let precision = "martlet:precision"
    static let dimension = "martlet:dimension"
    static let all = [embedder, revision, maximumTokens, precision, dimension]
  }

  /// The metadata, and in it what made the vectors.
  ///
  /// - Parameter withDimension: Whether the dimension is in it, too.
  package func metadataWithEmbedder(withDimension: Bool) -> Metadata {
    var metadata = metadata
    if let embedder {
      metadata[Key.embedder] = .string(embedder.name)
      metadata[Key.revision] = .string(embedder.revision)
      metadata[Key.maximumTokens] = .integer(embedder.maximumTokens)
      metadata[Key.precision] = .string(embedder.precision)
    }
    if withDimension, let dimension { metadata[Key.dimension] = .integer(dimension) }
    return metadata
  }

  /// Takes out of the metadata what ``metadataWithEmbedder(withDimension:)`` has put there.
  package mutating func takeEmbedderFromMetadata() {
    if let name = metadata[Key.embedder]?.stringValue {
      embedder = EmbedderIdentity(
        name: name, revision: metadata[Key.revision]?.stringValue ?? "",
        maximumTokens: metadata[Key.maximumTokens]?.integerValue ?? 0,
        precision: metadata[Key.precision]?.stringValue ?? "")
    }
    if dimension == nil, let found = metadata[Key.dimension]?.integerValue, found > 0 { dimension = found }
    for key in Key.all { metadata[key] = nil }
  }
}
