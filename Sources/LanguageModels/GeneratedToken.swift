/// A generated token, and how probable it was.
public struct GeneratedToken: Sendable, Equatable {
  /// A token that could have come at a place, and how probable it was.
  public struct Alternative: Sendable, Equatable {
    /// The token's id.
    public var id: Int32
    /// The token's own bytes, which need not be whole characters.
    public var bytes: [UInt8]
    /// The logarithm of the probability that the model gives it, before any sampling parameter has its say, in nats.
    public var logProbability: Double

    /// A token with its probability.
    public init(id: Int32, bytes: [UInt8], logProbability: Double) {
      self.id = id
      self.bytes = bytes
      self.logProbability = logProbability
    }

    /// The token as text; bytes that are not whole characters become U+FFFD.
    public var text: String { String(decoding: bytes, as: UTF8.self) }
  }

  /// The token that was drawn.
  public var chosen: Alternative
  /// The most probable tokens at its place, the best first.
  public var top: [Alternative]

  /// A generated token.
  public init(_ chosen: Alternative, top: [Alternative] = []) {
    self.chosen = chosen
    self.top = top
  }
}
