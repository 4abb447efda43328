import Foundation

/// Calls `body` with the path of a file that holds the input. It lies in memory: thousands are read in a second.
func withFile(_ input: [UInt8], _ name: String, _ body: (String) -> Void) {
  let path = newPath(name)
  guard FileManager.default.createFile(atPath: path, contents: Data(input)) else { return }
  defer { unlink(path) }
  body(path)
}

/// Calls `body` with the path of a folder that holds these files; `/` in a name is a folder inside it.
func withFolder(_ files: [(name: String, bytes: [UInt8])], _ body: (String) -> Void) {
  let path = newPath("folder")
  defer { try? FileManager.default.removeItem(atPath: path) }
  for (name, bytes) in files {
    let file = URL(filePath: "\(path)/\(name)")
    let parent = file.deletingLastPathComponent()
    try? FileManager.default.createDirectory(at: parent, withIntermediateDirectories: true)
    try? Data(bytes).write(to: file)
  }
  body(path)
}

private func newPath(_ suffix: String) -> String {
  let folder = FileManager.default.fileExists(atPath: "/dev/shm") ? "/dev/shm" : NSTemporaryDirectory()
  return "\(folder)/martlet-fuzz-\(getpid())-\(UInt.random(in: 0...UInt.max)).\(suffix)"
}

/// The parts of an input that stands for several files, with a line of four equals signs between two of them.
func parts(of input: [UInt8]) -> [[UInt8]] {
  var parts: [[UInt8]] = []
  var rest = input[...]
  while let separator = rest.firstRange(of: Array("\n====\n".utf8)) {
    parts.append(Array(rest[..<separator.lowerBound]))
    rest = rest[separator.upperBound...]
  }
  return parts + [Array(rest)]
}

/// The files of these names that an input holds, in this order; an empty part is a file that is not there.
func files(_ names: [String], of input: [UInt8]) -> [(name: String, bytes: [UInt8])] {
  zip(names, parts(of: input)).filter { !$1.isEmpty }.map { (name: $0, bytes: $1) }
}

/// Removes files that may be there.
func remove(_ paths: [String]) { for path in paths { unlink(path) } }
