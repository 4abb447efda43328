import MartletServer

/// The parameters of `serve`.
enum ServeOptions {
  static let host = Parameter<String>.option(
    "host", .text("HOST"), default: "127.0.0.1",
    help:
      "The address to listen on. Any but a loopback address needs MARTLET_API_KEY; 0.0.0.0 is all addresses.")
  static let port = Parameter<Int>.option(
    "port", .integer("N", in: 0...65_535), default: 8000, help: "The port to listen on; 0 takes a free one.")
  static let maximumBody = Parameter<Int>.option(
    "max-body", .byteCount(in: 1024...(1 << 30)), default: 64 << 20, shownAs: "64M",
    help: "The most bytes that a request may have, such as 64M; above it is answered with 413.")
  static let maximumSeconds = Parameter<Int>.option(
    "max-seconds", .integer("N", in: 1...86_400), default: 60,
    help: "The most seconds that a request may search; longer searches are stopped and answered with 422.")
  static let allowsReset = Parameter<Bool>.flag(
    "allow-reset",
    help: "Let clients delete everything in the store with reset, as Chroma's allow_reset does.")

  static let definitions = [
    StoreParameters.folderStore.definition, host.definition, port.definition, maximumBody.definition,
    maximumSeconds.definition, allowsReset.definition,
  ]

  static let discussion = """
    Answers Chroma's HTTP API, version 2, from the store, so that programs written for Chroma find it in chromadb's \
    HttpClient(port=…) and need no change. docs/chroma.md lists what differs from Chroma's own server.

    Prints ‘listening on http://HOST:PORT’ on standard output once it takes requests. Ctrl-C or SIGTERM end it with \
    exit code 0, after the requests at hand.

    With the environment variable MARTLET_API_KEY set, clients must send its value, as ‘Authorization: Bearer KEY’ or \
    as ‘X-Chroma-Token: KEY’. On a loopback address only requests for localhost, 127.0.0.1, [::1] and HOST are \
    answered, so that no web page can reach the server through a name of its own.
    """
}

extension ValueType where Value == Int {
  /// A number of bytes, with K, M or G for powers of 1024.
  static func byteCount(in range: ClosedRange<Int>) -> Self {
    ValueType(placeholder: "BYTES", choices: []) { (text) throws(InvalidValue) in
      let shifts: [Character: Int] = ["K": 10, "M": 20, "G": 30]
      let shift = text.last.flatMap { shifts[$0] } ?? 0
      guard let number = Int(shift == 0 ? text : String(text.dropLast())) else {
        throw InvalidValue(problem: "needs a number of bytes, such as 64M, not ‘\(text)’")
      }
      let (bytes, isTooLarge) = number.multipliedReportingOverflow(by: 1 << shift)
      guard !isTooLarge, range.contains(bytes) else {
        throw InvalidValue(
          problem: "must be between \(range.lowerBound) and \(range.upperBound) bytes, not \(text)")
      }
      return bytes
    }
  }
}
