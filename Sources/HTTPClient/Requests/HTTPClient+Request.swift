extension HTTPClient {
  /// What is asked of a server.
  public struct Request: Sendable, Equatable {
    /// GET, POST, or another.
    public var method: String
    /// An address of http or https, percent-encoded.
    public var address: String
    /// The header fields.
    public var fields: HTTPFields
    /// What is sent along; nil sends nothing.
    public var body: [UInt8]?

    /// A request.
    public init(
      method: String = "GET", _ address: String, fields: HTTPFields = [:], body: [UInt8]? = nil
    ) {
      self.method = method
      self.address = address
      self.fields = fields
      self.body = body
    }

    /// Sees to it that nothing in the request can become another field or another address.
    func check() throws(HTTPClientError) {
      guard HTTPOrigin(address) != nil, !address.unicodeScalars.contains(where: Self.isControl) else {
        throw .invalidAddress(HTTPOrigin(address)?.description ?? String(address.prefix(200)))
      }
      for field in fields.fields {
        guard !field.name.isEmpty, !(field.name + field.value).unicodeScalars.contains(where: Self.isControl)
        else { throw .invalidField(name: String(field.name.filter { $0.isASCII && !$0.isNewline })) }
      }
    }

    private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
      scalar.value < 0x20 && scalar != "\t" || scalar.value == 0x7F
    }
  }
}
