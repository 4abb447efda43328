extension AdapterConfiguration {
  /// The rank of a layer's matrices: that of the first of ``rankOverrides`` whose pattern matches, else ``rank``.
  /// - Parameter path: The layer's, as in ``LinearLayer/path``.
  /// - Throws: ``AdapterError/invalidPattern(_:problem:)``.
  public func rank(of path: String) throws(AdapterError) -> Int {
    for override in rankOverrides where try LayerPattern(endingIn: override.pattern).matches(path) {
      return override.value
    }
    return rank
  }

  /// The alpha of a layer: that of the first of ``alphaOverrides`` whose pattern matches, else ``alpha``.
  /// - Parameter path: The layer's, as in ``LinearLayer/path``.
  /// - Throws: ``AdapterError/invalidPattern(_:problem:)``.
  public func alpha(of path: String) throws(AdapterError) -> Double {
    for override in alphaOverrides where try LayerPattern(endingIn: override.pattern).matches(path) {
      return override.value
    }
    return alpha
  }

  /// The factor of a layer's product B · A: alpha / rank, or alpha / √rank where scaling is rank-stabilized.
  /// - Parameter path: The layer's, as in ``LinearLayer/path``.
  /// - Throws: ``AdapterError/invalidPattern(_:problem:)``.
  public func scaling(of path: String) throws(AdapterError) -> Double {
    let (rank, alpha) = (Double(try rank(of: path)), try alpha(of: path))
    return usesRankStabilizedScaling ? alpha / rank.squareRoot() : alpha / rank
  }
}
