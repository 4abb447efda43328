import MartletHTTPClient

/// What to fetch over HTTP.
struct DownloadRequest: Sendable {
  var address: String
  /// A token for the origin of `address`, and for no other.
  var token: String?
  /// The file's length, where that is known.
  var size: Int?
  /// Whether the SHA-256 is known, so that bytes of the same file from elsewhere can be carried on with.
  var isPinned = false
  /// Turns a refusal into words; nil for a status that it knows nothing about.
  var explain: @Sendable (HTTPResponseHead) -> String? = { _ in nil }
  /// The same file at one commit of its repository, where a branch may move on meanwhile.
  var atCommit: (@Sendable (_ commit: String) -> DownloadRequest)?
}

/// A download into a ``PartialFile``: carried on where it stopped, tried again where that may help.
final class HTTPDownload {
  private let request: DownloadRequest
  private let partial: PartialFile
  private let patience: HTTPPatience
  private let progress: (_ bytes: Int, _ total: Int?) -> Void
  private let retrying: (_ reason: String) -> Void
  private var connection: HTTPConnection?
  private var total: Int?
  private var isComplete = false
  private var hasConnected = false
  /// Whether an answer in this try held the file, or what is missing of it.
  private var hasAnswer = false
  private var isRedirected = false
  /// The SHA-256 that the hub states for files in its large storage.
  private(set) var statedSHA256: String?
  /// The commit of the repository that the hub states the file to be of.
  private(set) var statedCommit: String?

  /// Tries that bring less than this have brought nothing.
  private static let worthwhileBytes = 65_536
  private static let maximumRedirections = 10

  init(
    _ request: DownloadRequest, into partial: PartialFile, patience: HTTPPatience,
    progress: @escaping (_ bytes: Int, _ total: Int?) -> Void, retrying: @escaping (_ reason: String) -> Void
  ) {
    self.request = request
    self.partial = partial
    self.patience = patience
    self.progress = progress
    self.retrying = retrying
    total = request.size
  }

  /// Fetches what is missing. What came is kept, however this ends.
  func run() throws(HTTPFailure) {
    defer { partial.close() }
    try dropUselessBytes()
    var failures = 0
    var most = partial.size
    while true {
      do throws(HTTPFailure) {
        if Task.isCancelled { throw .cancelled }
        try attempt()
        return
      } catch {
        if partial.size >= most + Self.worthwhileBytes { failures = 0 }
        most = max(most, partial.size)
        failures += 1
        try wait(after: error, failures: failures)
      }
    }
  }

  private func dropUselessBytes() throws(HTTPFailure) {
    let isForeign = partial.origin?.address != request.address
    let isTooLong = request.size.map { partial.size > $0 } ?? false
    if partial.size > 0, isTooLong || (isForeign && !request.isPinned) { try restart() }
    isComplete = partial.size > 0 && partial.size == request.size
  }

  /// Waits until it is time to try again, or says why that is no use.
  private func wait(after failure: HTTPFailure, failures: Int) throws(HTTPFailure) {
    let reason: String
    var pause = patience.pause(afterFailures: failures)
    switch failure {
    case .passing(let text, let wish):
      reason = text
      if let wish {
        guard wish <= patience.longestWish else {
          throw .lasting("\(text), and asks to wait for \(Int(wish.inSeconds)) s")
        }
        pause = max(pause, wish)
      }
    case .unreachable(let text) where hasConnected: reason = text
    case .unreachable(let text): throw .lasting(text)
    case .cancelled, .lasting, .local: throw failure
    }
    guard failures < patience.tries else {
      throw .lasting("\(reason), \(failures) times in a row; \(partial.size) bytes are kept for the next try")
    }
    retrying(reason)
    guard Pause.sleep(pause) else { throw .cancelled }
  }

  private func attempt() throws(HTTPFailure) {
    if isComplete { return }
    (hasAnswer, isRedirected) = (false, false)
    var address = request.address
    for _ in 0...Self.maximumRedirections {
      guard let next = try get(address) else { return try finish() }
      // A secure address must not lead to one that anybody on the way can change.
      guard let here = HTTPOrigin(address), let there = HTTPOrigin(next),
        here.scheme == there.scheme || there.scheme == "https"
      else { throw .lasting("\(address) redirects to \(next), which is not followed") }
      address = next
      isRedirected = true
    }
    throw .lasting("\(request.address) redirects more than \(Self.maximumRedirections) times")
  }

  /// One GET.
  /// - Returns: Where a redirection leads; nil where there is none.
  private func get(_ address: String) throws(HTTPFailure) -> String? {
    do {
      let connection = try connection ?? HTTPConnection()
      self.connection = connection
      return try connection.perform(
        HTTPClient.Request(address, fields: fields(for: address)), timeouts: patience.timeouts,
        receiver: self, isCancelled: { Task.isCancelled })
    } catch let error as HTTPFailure {
      throw error
    } catch let error as HTTPClientError {
      throw HTTPFailure(error, address: address)
    } catch {
      throw .lasting("\(error)")
    }
  }

  private func fields(for address: String) -> HTTPFields {
    // The bytes of a file that the server would compress on the way cannot be counted.
    var fields: HTTPFields = ["Accept-Encoding": "identity"]
    if let token = request.token, HTTPOrigin(address) == HTTPOrigin(request.address) {
      fields.setSecret("Authorization", to: "Bearer \(token)")
    }
    if partial.size > 0 {
      fields["Range"] = "bytes=\(partial.size)-"
      if let origin = partial.origin, origin.address == request.address, let tag = origin.strongTag {
        fields["If-Range"] = tag
      }
    }
    return fields
  }

  private func finish() throws(HTTPFailure) {
    guard hasAnswer || isComplete else { throw .lasting("\(request.address) redirects to nowhere") }
    guard isComplete || total == nil || partial.size == total else {
      throw .passing("the connection ended after \(partial.size) of \(total ?? 0) bytes")
    }
    // An empty file brings no bytes that would create it.
    if partial.size == 0 { try append(UnsafeRawBufferPointer(start: nil, count: 0)) }
  }

  private func restart() throws(HTTPFailure) {
    do throws(CheckpointError) { try partial.restart() } catch { throw .local(error) }
  }

  private func append(_ bytes: UnsafeRawBufferPointer) throws(HTTPFailure) {
    do throws(CheckpointError) { try partial.append(bytes) } catch { throw .local(error) }
  }
}

extension HTTPDownload: HTTPReceiver {
  func begin(_ response: HTTPResponseHead) throws(HTTPFailure) -> Bool {
    hasConnected = true
    noteStatements(response)
    switch response.status {
    case 200:
      try startAnew(response)
      hasAnswer = true
      return true
    case 206:
      try carryOn(response)
      hasAnswer = true
      return true
    case 416:
      try checkEnd(response)
      return false
    case _ where response.isRedirection: return false
    case 408, 425, 429, 500...599:
      throw .passing("the server answers with status \(response.status)", after: response.retryAfter())
    // The signature of an address in the hub's storage runs out; the hub gives a new one.
    case 403 where isRedirected: throw .passing("the server that keeps the file refuses it (status 403)")
    default:
      throw .lasting(request.explain(response) ?? "the server answers with status \(response.status)")
    }
  }

  func receive(_ bytes: UnsafeRawBufferPointer) throws(HTTPFailure) {
    if let total, bytes.count > total - partial.size {
      try restart()
      throw .lasting("it delivers more than the \(total) bytes of the file: it is another file")
    }
    try append(bytes)
    progress(partial.size, total)
  }

  /// The whole file comes: the server ignores ranges, or the file has changed since.
  private func startAnew(_ response: HTTPResponseHead) throws(HTTPFailure) {
    if let coding = response.fields["content-encoding"], coding.lowercased() != "identity" {
      throw .lasting("the server compresses the file (\(coding)) though it was asked not to")
    }
    try setTotal(response.contentLength)
    if partial.size > 0 { try restart() }
    try noteOrigin(response)
  }

  private func carryOn(_ response: HTTPResponseHead) throws(HTTPFailure) {
    let range = response.contentRange
    let known = partial.origin
    let hasChanged =
      known?.address == request.address && known?.entityTag != nil && response.fields["etag"] != nil
      && known?.entityTag != response.fields["etag"]
    guard range?.first == partial.size, !hasChanged else {
      try restart()
      throw .passing("the server sends another part of the file than it was asked for; it is fetched anew")
    }
    try setTotal(range?.total ?? response.contentLength.map { $0 + partial.size })
    try noteOrigin(response)
  }

  /// There is nothing behind the bytes that are there: either they are all, or they are of something else.
  private func checkEnd(_ response: HTTPResponseHead) throws(HTTPFailure) {
    if partial.size > 0, response.contentRange?.total == partial.size {
      isComplete = true
    } else {
      try restart()
      throw .passing("the file is shorter than what is there of it; it is fetched anew")
    }
  }

  private func setTotal(_ stated: Int?) throws(HTTPFailure) {
    if let size = request.size, let stated, stated != size {
      throw .lasting("it has \(stated) bytes instead of \(size): it is another file")
    }
    total = request.size ?? stated
    partial.expectedSize = total
  }

  private func noteOrigin(_ response: HTTPResponseHead) throws(HTTPFailure) {
    let origin = PartialFile.Origin(address: request.address, entityTag: response.fields["etag"])
    do throws(CheckpointError) { try partial.setOrigin(origin) } catch { throw .local(error) }
  }

  private func noteStatements(_ response: HTTPResponseHead) {
    if let commit = response.fields["x-repo-commit"], commit.utf8.count == 40, commit.allSatisfy(\.isHexDigit)
    {
      statedCommit = commit
    }
    guard let tag = response.fields["x-linked-etag"] else { return }
    let text = tag.filter { $0 != "\"" }
    if text.utf8.count == 64, text.allSatisfy(\.isHexDigit) { statedSHA256 = text.lowercased() }
  }
}
