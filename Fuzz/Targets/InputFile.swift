import Foundation

/// Calls `body` with the path of a file that holds the input. It lies in memory: thousands are read in a second.
func withFile(_ input: [UInt8], _ name: String, _ body: (String) -> Void) {
  let folder = FileManager.default.fileExists(atPath: "/dev/shm") ? "/dev/shm" : NSTemporaryDirectory()
  let path = "\(folder)/martlet-fuzz-\(getpid())-\(UInt.random(in: 0...UInt.max)).\(name)"
  guard FileManager.default.createFile(atPath: path, contents: Data(input)) else { return }
  defer { unlink(path) }
  body(path)
}
