import MartletCheckpoints
import MartletJSON

extension TaskData {
  /// The SHA-256 of all rows, whatever their files are called and however they are cut.
  public var sha256: String {
    var digest = SHA256()
    for split in splits.keys.sorted() {
      for row in splits[split] ?? [] {
        Array("\(split)\n\(JSON.object(row.object).serialized())\n".utf8).withUnsafeBytes {
          digest.update($0)
        }
      }
    }
    return digest.hexadecimal()
  }
}
