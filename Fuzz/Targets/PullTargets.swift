import MartletCheckpoints
import MartletHTTPClient

/// A wheel: the ZIP file that models come in from Python's package index.
func readZIP(_ input: [UInt8]) {
  withFile(input, "whl") { path in
    guard let members = try? ZIPArchive.members(of: path) else { return }
    for member in members.prefix(8) {
      guard var output = try? OutputFile("/dev/null", maximumBytes: 1 << 20) else { return }
      try? ZIPArchive.extract(member, of: path, to: &output)
    }
  }
}

/// The heads of a server's answers, one after the other.
func readHTTPHead(_ input: [UInt8]) {
  var head = HTTPHead()
  for line in input.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
    let isComplete = Array(line).withUnsafeBytes { head.take($0) }
    guard isComplete else { continue }
    let response = head.response
    _ = (response.contentLength, response.contentRange, response.isRedirection, response.retryAfter())
    _ = response.fields["location"].flatMap { HTTPOrigin($0) }
    head = HTTPHead()
  }
}

/// A stream of server-sent events, in pieces whose lengths its own bytes give.
func readServerSentEvents(_ input: [UInt8]) {
  var parser = ServerSentEventParser(longestEvent: 4096)
  var rest = input[...]
  while let first = rest.first {
    guard (try? parser.take(rest.prefix(Int(first) + 1))) != nil else { return }
    rest = rest.dropFirst(Int(first) + 1)
  }
}
