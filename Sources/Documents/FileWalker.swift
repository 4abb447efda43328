import FoundationEssentials

/// Finds the files to index below some roots, and says of everything else why it was passed over.
///
/// - A root that is a file is taken whatever its name: to name a file is to want it.
/// - Below a root that is a folder, names with a leading dot, what `.gitignore` files (also those of the enclosing
///   repository, and its `.git/info/exclude`) or `exclude` name, and binary files are skipped.
/// - In a Maildir, a folder with the folders `cur`, `new` and `tmp`, each file of `cur` and `new` is a message; a Maildir
///   in it is walked though its name has a leading dot.
/// - Links are followed after everything else, and no folder or file is visited twice, so that links in a circle end.
/// - The order is that of the names' bytes, folder by folder, and so the same on every run.
public struct FileWalker: Sendable {
  /// A file to index.
  public struct File: Sendable, Equatable {
    /// The absolute path.
    public var path: String
    /// The size in bytes.
    public var byteCount: Int
    /// The time of the last change.
    public var modificationDate: Date
    /// What it will be read as.
    public var kind: DocumentKind

    package init(path: String, byteCount: Int, modificationDate: Date, kind: DocumentKind) {
      self.path = path
      self.byteCount = byteCount
      self.modificationDate = modificationDate
      self.kind = kind
    }
  }

  /// Why a path was passed over.
  public enum Reason: Sendable, Equatable, CustomStringConvertible {
    /// Its name starts with a dot.
    case hidden
    /// A `.gitignore` file names it.
    case ignored
    /// An `--exclude` pattern names it.
    case excluded
    /// It holds NUL bytes and is no PDF.
    case binary
    /// It is the folder of a Maildir for messages that are just being delivered.
    case beingDelivered
    /// It was reached already by another path, as links in a circle do.
    case alreadyVisited
    /// It is a device, a pipe or a socket.
    case notAFile
    /// It is a file of ignore rules that were not followed, or not all of them: why.
    case rulesNotFollowed(String)
    /// The system refused.
    case unreadable(DocumentError.Problem)

    /// The reason in words.
    public var description: String {
      switch self {
      case .hidden: "hidden"
      case .ignored: "ignored by .gitignore"
      case .excluded: "excluded"
      case .binary: "binary"
      case .beingDelivered: "messages of a Maildir that are being delivered"
      case .alreadyVisited: "already visited by another path"
      case .notAFile: "neither a file nor a folder"
      case .rulesNotFollowed(let reason): "with rules that are not followed: \(reason)"
      case .unreadable(let problem): problem.description
      }
    }
  }

  /// What the walk comes across.
  public enum Entry: Sendable, Equatable {
    /// A file to index.
    case file(File)
    /// A file, or a whole folder, passed over.
    case skipped(path: String, reason: Reason)
  }

  /// Patterns in the language of `.gitignore`, relative to each root.
  public var exclude: IgnoreRules
  /// Whether `.gitignore` files count.
  public var honoursGitignore: Bool
  /// The most that is read of a file of ignore rules.
  static let ruleBytes = 1 << 20

  /// Creates a walker.
  public init(exclude: [String] = [], honoursGitignore: Bool = true) {
    self.exclude = IgnoreRules(patterns: exclude)
    self.honoursGitignore = honoursGitignore
  }

  /// Walks the roots in the order given.
  ///
  /// - Parameters:
  ///   - roots: Files and folders, absolute or relative to the working directory.
  ///   - body: Called for each file and each thing passed over, in order.
  /// - Throws: Only what `body` throws. A root that does not exist is reported as skipped.
  public func walk(_ roots: [String], _ body: (Entry) throws -> Void) rethrows {
    var walk = Walk(walker: self)
    for root in roots { try walk.visit(root: root, body) }
    try walk.visitLinks(body)
  }

  /// All entries at once, for small trees and tests.
  public func entries(_ roots: [String]) -> [Entry] {
    var entries = [Entry]()
    walk(roots) { entries.append($0) }
    return entries
  }
}

/// The state of one walk.
private struct Walk {
  /// The rules that hold in a folder: each with the number of path components of the folder it is relative to.
  struct Scope {
    var gitignores: [(rules: IgnoreRules, depth: Int)] = []
    var rootDepth: Int
    /// Whether each file is a message, as in the folder `cur` of a Maildir.
    var holdsMessages = false
  }

  let walker: FileWalker
  private var visited = Set<FileIdentity>()
  private var links: [(path: String, scope: Scope)] = []

  struct FileIdentity: Hashable {
    var device: UInt64
    var inode: UInt64
  }

  init(walker: FileWalker) { self.walker = walker }

  mutating func visit(root: String, _ body: (FileWalker.Entry) throws -> Void) rethrows {
    let path: String
    let status: FileStatus
    do {
      path = try resolvedPath(root)
      status = try FileStatus.of(path, followingLinks: true).get()
    } catch {
      try body(.skipped(path: root, reason: .unreadable(.init(error))))
      return
    }
    switch status.form {
    case .folder:
      var scope = Scope(rootDepth: components(path).count)
      if walker.honoursGitignore { scope.gitignores = try enclosingRules(path, body) }
      try visitFolder(path, status, scope, body)
    case .file:
      let holdsMessages = Maildir.holdsMessages(Maildir.parent(of: path))
      try visitFile(path, status, isNamed: true, holdsMessages: holdsMessages, body)
    case .link, .other: try body(.skipped(path: path, reason: .notAFile))
    }
  }

  /// Links come last, so that a file is known by its real path wherever that lies below a root.
  mutating func visitLinks(_ body: (FileWalker.Entry) throws -> Void) rethrows {
    while !links.isEmpty {
      let (path, scope) = links.removeFirst()
      switch FileStatus.of(path, followingLinks: true) {
      case .failure(let error): try body(.skipped(path: path, reason: .unreadable(.init(error))))
      case .success(let status):
        if try isPassedOver(path, isFolder: status.form == .folder, scope, body) { continue }
        try visitFound(path, status, scope, body)
      }
    }
  }

  private mutating func visitFolder(
    _ path: String, _ status: FileStatus, _ scope: Scope, _ body: (FileWalker.Entry) throws -> Void
  ) rethrows {
    guard visited.insert(FileIdentity(device: status.device, inode: status.inode)).inserted else {
      return try body(.skipped(path: path, reason: .alreadyVisited))
    }
    let names: [String]
    do { names = try folderEntries(path) } catch {
      return try body(.skipped(path: path, reason: .unreadable(.init(error))))
    }
    var scope = scope
    scope.holdsMessages = Maildir.holdsMessages(path)
    if walker.honoursGitignore, names.contains(".gitignore"),
      let rules = try readRules(path + "/.gitignore", body)
    {
      scope.gitignores.append((rules, components(path).count))
    }
    for name in names {
      let child = path == "/" ? "/" + name : path + "/" + name
      switch FileStatus.of(child, followingLinks: false) {
      case .failure(let error): try body(.skipped(path: child, reason: .unreadable(.init(error))))
      case .success(let status):
        if status.form == .link {
          links.append((child, scope))
        } else if try !isPassedOver(child, isFolder: status.form == .folder, scope, body) {
          try visitFound(child, status, scope, body)
        }
      }
    }
  }

  private mutating func visitFound(
    _ path: String, _ status: FileStatus, _ scope: Scope, _ body: (FileWalker.Entry) throws -> Void
  ) rethrows {
    switch status.form {
    case .folder: try visitFolder(path, status, scope, body)
    case .file: try visitFile(path, status, isNamed: false, holdsMessages: scope.holdsMessages, body)
    case .link, .other: try body(.skipped(path: path, reason: .notAFile))
    }
  }

  private mutating func visitFile(
    _ path: String, _ status: FileStatus, isNamed: Bool, holdsMessages: Bool,
    _ body: (FileWalker.Entry) throws -> Void
  ) rethrows {
    guard visited.insert(FileIdentity(device: status.device, inode: status.inode)).inserted else {
      return try body(.skipped(path: path, reason: .alreadyVisited))
    }
    let head: [UInt8]
    do { head = try ReadableFile(path: path).read(upTo: 8192) } catch {
      return try body(.skipped(path: path, reason: .unreadable(.init(error))))
    }
    // A binary file that was named is passed on, so that the loader says what is wrong with it.
    let detected = holdsMessages ? .mail : DocumentKind.detect(path: path, head: head)
    guard let kind = detected ?? (isNamed ? .text : nil) else {
      return try body(.skipped(path: path, reason: .binary))
    }
    try body(
      .file(
        FileWalker.File(
          path: path, byteCount: status.byteCount, modificationDate: status.modificationDate, kind: kind)))
  }

  private func isPassedOver(
    _ path: String, isFolder: Bool, _ scope: Scope, _ body: (FileWalker.Entry) throws -> Void
  ) rethrows -> Bool {
    let parts = components(path)
    let reason: FileWalker.Reason
    let isHidden = parts.last?.first == UInt8(ascii: ".")
    if isHidden, !(isFolder && Maildir.isMaildir(path) && Maildir.isMaildir(Maildir.parent(of: path))) {
      reason = .hidden
    } else if isFolder, path.hasSuffix("/tmp"), Maildir.isMaildir(Maildir.parent(of: path)) {
      reason = .beingDelivered
    } else if walker.exclude.decision(components: parts[scope.rootDepth...], isFolder: isFolder) == true {
      reason = .excluded
    } else if isIgnored(parts, isFolder: isFolder, scope) {
      reason = .ignored
    } else {
      return false
    }
    try body(.skipped(path: path, reason: reason))
    return true
  }

  /// The innermost file that says anything decides.
  private func isIgnored(_ parts: [[UInt8]], isFolder: Bool, _ scope: Scope) -> Bool {
    for (rules, depth) in scope.gitignores.reversed() {
      if let decision = rules.decision(components: parts[depth...], isFolder: isFolder) { return decision }
    }
    return false
  }

  /// The rules of the repository that encloses a root, outermost first.
  private func enclosingRules(
    _ root: String, _ body: (FileWalker.Entry) throws -> Void
  ) rethrows -> [(rules: IgnoreRules, depth: Int)] {
    let parts = root.split(separator: "/").map(String.init)
    guard
      let depth = (0...parts.count).reversed().first(where: {
        if case .success = FileStatus.of(prefix(parts, $0) + "/.git", followingLinks: true) {
          true
        } else {
          false
        }
      })
    else { return [] }
    var rules = [(rules: IgnoreRules, depth: Int)]()
    if let own = try readRules(prefix(parts, depth) + "/.git/info/exclude", body) {
      rules.append((own, depth))
    }
    // The root's own file is read when the root is visited.
    for level in depth..<max(depth, parts.count) {
      if let found = try readRules(prefix(parts, level) + "/.gitignore", body) {
        rules.append((found, level))
      }
    }
    return rules
  }

  private func prefix(_ parts: [String], _ count: Int) -> String {
    parts.prefix(count).map { "/" + $0 }.joined()
  }

  /// The rules of a file that need not be there. One that is there and cannot be read, or not wholly, is reported.
  private func readRules(
    _ path: String, _ body: (FileWalker.Entry) throws -> Void
  ) rethrows -> IgnoreRules? {
    var bytes: [UInt8]
    do { bytes = try ReadableFile(path: path).read(upTo: FileWalker.ruleBytes + 1) } catch {
      if !error.isMissing {
        try body(.skipped(path: path, reason: .rulesNotFollowed(error.reason)))
      }
      return nil
    }
    if bytes.count > FileWalker.ruleBytes {
      // What is cut in a line would be another rule.
      let end = bytes[..<FileWalker.ruleBytes].lastIndex(of: UInt8(ascii: "\n")) ?? 0
      bytes.removeLast(bytes.count - end)
      let limit = "it has more than \(FileWalker.ruleBytes) bytes, and only those were read"
      try body(.skipped(path: path, reason: .rulesNotFollowed(limit)))
    }
    let rules = IgnoreRules(parsing: bytes)
    return rules.isEmpty ? nil : rules
  }

  private func components(_ path: String) -> [[UInt8]] {
    path.utf8.split(separator: UInt8(ascii: "/")).map(Array.init)
  }
}
