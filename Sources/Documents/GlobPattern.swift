/// A file pattern in the language of `.gitignore`: `*`, `?`, `[a-z]`, `[!a-z]`, `**` between slashes, and `\`
/// before a character that stands for itself.
///
/// Matching follows git's wildmatch: `*` and `?` do not cross a slash, a segment of exactly `**` crosses any number.
struct GlobPattern: Sendable, Equatable {
  private let segments: [[UInt8]]

  /// Creates a pattern from its text, without a leading or trailing slash.
  init(_ pattern: [UInt8]) {
    segments = pattern.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false).map(Array.init)
  }

  /// Whether the whole of `path` (its components, outermost first) matches.
  ///
  /// Only the last `**` is ever tried again, as only the last `*` is inside a component: with each of them tried
  /// against every place, a line of a few dozen characters would keep a walk busy for years.
  func matches(_ path: ArraySlice<[UInt8]>) -> Bool {
    var p = 0
    var n = path.startIndex
    var starPattern = -1
    var starName = 0
    while n < path.endIndex {
      if p < segments.count, segments[p] == Self.anyFolders {
        starPattern = p
        starName = n
        p += 1
      } else if p < segments.count, Self.matchSegment(segments[p], path[n]) {
        p += 1
        n += 1
      } else if starPattern >= 0 {
        starName += 1
        p = starPattern + 1
        n = starName
      } else {
        return false
      }
    }
    // A `**` that is left has nothing to match: "a/**" is what lies inside a, and not a itself.
    return p == segments.count
  }

  private static let anyFolders = Array("**".utf8)

  /// The number of slashes in the pattern plus one.
  var segmentCount: Int { segments.count }

  /// Matches one component with `*`, `?` and classes, in time proportional to the product of the lengths.
  static func matchSegment(_ pattern: [UInt8], _ name: [UInt8]) -> Bool {
    var p = 0
    var n = 0
    var starPattern = -1
    var starName = 0
    while n < name.count {
      if p < pattern.count, pattern[p] == UInt8(ascii: "*") {
        starPattern = p
        starName = n
        p += 1
      } else if p < pattern.count, let next = matchOne(pattern, p, name, n) {
        p = next.pattern
        n = next.name
      } else if starPattern >= 0 {
        starName += 1
        p = starPattern + 1
        n = starName
      } else {
        return false
      }
    }
    while p < pattern.count, pattern[p] == UInt8(ascii: "*") { p += 1 }
    return p == pattern.count
  }

  /// Matches the one pattern element at `p` with what starts at `n`; nil where it does not match.
  private static func matchOne(
    _ pattern: [UInt8], _ p: Int, _ name: [UInt8], _ n: Int
  ) -> (pattern: Int, name: Int)? {
    switch pattern[p] {
    case UInt8(ascii: "?"):
      // One character, which may be several bytes of UTF-8.
      var end = n + 1
      while end < name.count, name[end] & 0xC0 == 0x80 { end += 1 }
      return (p + 1, end)
    case UInt8(ascii: "["):
      guard let parsed = CharacterClass(pattern, at: p) else {
        return name[n] == pattern[p] ? (p + 1, n + 1) : nil
      }
      return parsed.contains(name[n]) ? (parsed.end, n + 1) : nil
    case UInt8(ascii: "\\") where p + 1 < pattern.count:
      return name[n] == pattern[p + 1] ? (p + 2, n + 1) : nil
    default:
      return name[n] == pattern[p] ? (p + 1, n + 1) : nil
    }
  }
}

/// A class such as `[a-z_]`, `[!0-9]` or `[[:digit:]]`, over bytes.
private struct CharacterClass {
  private var members = [ClosedRange<UInt8>]()
  private var isNegated = false
  /// The index after the closing bracket.
  private(set) var end: Int

  init?(_ pattern: [UInt8], at start: Int) {
    var i = start + 1
    guard i < pattern.count else { return nil }
    if pattern[i] == UInt8(ascii: "!") || pattern[i] == UInt8(ascii: "^") {
      isNegated = true
      i += 1
    }
    let firstMember = i
    end = i
    while i < pattern.count {
      var byte = pattern[i]
      if byte == UInt8(ascii: "]") && i > firstMember {
        end = i + 1
        return
      }
      if byte == UInt8(ascii: "["), let named = Self.named(pattern, at: i) {
        members += named.ranges
        i = named.end
        continue
      }
      if byte == UInt8(ascii: "\\"), i + 1 < pattern.count {
        i += 1
        byte = pattern[i]
      }
      if i + 2 < pattern.count, pattern[i + 1] == UInt8(ascii: "-"), pattern[i + 2] != UInt8(ascii: "]") {
        var upper = pattern[i + 2]
        i += 3
        if upper == UInt8(ascii: "\\"), i < pattern.count {
          upper = pattern[i]
          i += 1
        }
        if byte <= upper { members.append(byte...upper) }
      } else {
        members.append(byte...byte)
        i += 1
      }
    }
    return nil
  }

  func contains(_ byte: UInt8) -> Bool {
    members.contains { $0.contains(byte) } != isNegated
  }

  /// A POSIX class such as `[:alpha:]` inside the brackets.
  private static func named(
    _ pattern: [UInt8], at start: Int
  ) -> (ranges: [ClosedRange<UInt8>], end: Int)? {
    for (name, ranges) in classes where pattern[start...].starts(with: Array("[:\(name):]".utf8)) {
      return (ranges, start + name.utf8.count + 4)
    }
    return nil
  }

  private static let classes: [(String, [ClosedRange<UInt8>])] = [
    ("alpha", [0x41...0x5A, 0x61...0x7A]), ("digit", [0x30...0x39]),
    ("alnum", [0x30...0x39, 0x41...0x5A, 0x61...0x7A]), ("upper", [0x41...0x5A]), ("lower", [0x61...0x7A]),
    ("space", [0x09...0x0D, 0x20...0x20]), ("xdigit", [0x30...0x39, 0x41...0x46, 0x61...0x66]),
    ("punct", [0x21...0x2F, 0x3A...0x40, 0x5B...0x60, 0x7B...0x7E]),
  ]
}
