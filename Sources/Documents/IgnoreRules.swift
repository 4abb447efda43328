/// The rules of one `.gitignore` file, or of a list of `--exclude` patterns.
///
/// As in gitignore(5): the last rule that matches wins, `!` takes a path back, a slash at the start or in the middle
/// ties the pattern to the file's own folder, a slash at the end means folders only.
public struct IgnoreRules: Sendable, Equatable {
  private struct Rule: Sendable, Equatable {
    var pattern: GlobPattern
    var isNegated: Bool
    var isAnchored: Bool
    var matchesFoldersOnly: Bool
  }

  private let rules: [Rule]

  /// Whether there is no rule at all.
  public var isEmpty: Bool { rules.isEmpty }

  /// Reads the lines of a `.gitignore` file.
  public init(parsing text: [UInt8]) {
    var body = text[...]
    if body.starts(with: [0xEF, 0xBB, 0xBF]) { body = body.dropFirst(3) }
    rules = body.split(separator: UInt8(ascii: "\n")).compactMap { Self.rule(Array($0)) }
  }

  /// Takes each string as one line.
  public init(patterns: [String]) {
    rules = patterns.compactMap { Self.rule(Array($0.utf8)) }
  }

  private static func rule(_ line: [UInt8]) -> Rule? {
    var line = line
    if line.last == UInt8(ascii: "\r") { line.removeLast() }
    // Trailing blanks do not count unless a backslash stands before them.
    while line.last == UInt8(ascii: " "), line.dropLast().last != UInt8(ascii: "\\") { line.removeLast() }
    guard let first = line.first, first != UInt8(ascii: "#") else { return nil }
    let isNegated = first == UInt8(ascii: "!")
    if isNegated { line.removeFirst() }
    let matchesFoldersOnly = line.last == UInt8(ascii: "/")
    if matchesFoldersOnly { line.removeLast() }
    let isAnchored = line.contains(UInt8(ascii: "/"))
    if line.first == UInt8(ascii: "/") { line.removeFirst() }
    guard !line.isEmpty else { return nil }
    return Rule(
      pattern: GlobPattern(line), isNegated: isNegated, isAnchored: isAnchored,
      matchesFoldersOnly: matchesFoldersOnly)
  }

  /// What the rules say of a path.
  ///
  /// - Parameters:
  ///   - path: The components of the path relative to the folder of the rules.
  ///   - isFolder: Whether the path is a folder.
  /// - Returns: true where it is ignored, false where a `!` rule takes it back, nil where no rule matches.
  public func decision(path: [String], isFolder: Bool) -> Bool? {
    decision(components: path.map { Array($0.utf8) }[...], isFolder: isFolder)
  }

  func decision(components: ArraySlice<[UInt8]>, isFolder: Bool) -> Bool? {
    for rule in rules.reversed() where isFolder || !rule.matchesFoldersOnly {
      let target = rule.isAnchored ? components : components.suffix(1)
      if rule.pattern.matches(target) { return !rule.isNegated }
    }
    return nil
  }
}
