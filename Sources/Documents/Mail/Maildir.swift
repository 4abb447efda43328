/// A folder of messages with the three folders of a Maildir in it: `new`, `cur` and `tmp`.
enum Maildir {
  /// Whether a folder is one.
  static func isMaildir(_ folder: String) -> Bool {
    ["new", "cur", "tmp"].allSatisfy { name in
      if case .success(let status) = FileStatus.of("\(folder)/\(name)", followingLinks: true) {
        status.form == .folder
      } else {
        false
      }
    }
  }

  /// Whether each file of a folder is a message.
  static func holdsMessages(_ folder: String) -> Bool {
    (folder.hasSuffix("/cur") || folder.hasSuffix("/new")) && isMaildir(parent(of: folder))
  }

  /// The folder that a path lies in.
  static func parent(of path: String) -> String {
    path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
  }
}
