/// The head of an answer, put together line by line as a server sends it.
package struct HTTPHead {
  /// What the lines so far have said.
  package private(set) var response = HTTPResponseHead(status: 0)

  package init() {}

  /// Takes the next line, with the line break at its end. Lines that are neither a status nor a field are skipped.
  /// - Returns: Whether this line ends the head.
  package mutating func take(_ bytes: UnsafeRawBufferPointer) -> Bool {
    var line = String(decoding: bytes, as: UTF8.self)
    while let last = line.unicodeScalars.last, last == "\r" || last == "\n" {
      line.unicodeScalars.removeLast()
    }
    if line.hasPrefix("HTTP/") {
      response = HTTPResponseHead(
        status: line.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0)
    } else if line.isEmpty {
      // 100 Continue and its like are not the answer.
      return response.status >= 200
    } else if let colon = line.firstIndex(of: ":") {
      let value = line[line.index(after: colon)...].drop { $0 == " " || $0 == "\t" }
      response.fields[line[..<colon].lowercased()] = String(value)
    }
    return false
  }
}
