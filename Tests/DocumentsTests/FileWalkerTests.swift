import Foundation
import MartletSeededRandom
import Testing

@testable import MartletDocuments

@Suite struct FileWalkerTests {
  private func names(_ entries: [FileWalker.Entry], under folder: String) -> [String] {
    entries.compactMap {
      if case .file(let file) = $0 { String(file.path.dropFirst(folder.count + 1)) } else { nil }
    }
  }

  private func reasons(_ entries: [FileWalker.Entry], under folder: String) -> [String: FileWalker.Reason] {
    var found = [String: FileWalker.Reason]()
    for case .skipped(let path, let reason) in entries {
      found[String(path.dropFirst(folder.count + 1))] = reason
    }
    return found
  }

  @Test func `Files come in the order of their names, and what is skipped has a reason`() throws {
    let folder = try TemporaryFolder()
    try folder.write("b.txt", "b")
    try folder.write("a/z.md", "z")
    try folder.write(".hidden", "h")
    try folder.write(".git/config", "c")
    try folder.write("image.png", [0x89, 0x50, 0, 0])
    try folder.write("draft.tmp", "d")
    let entries = FileWalker(exclude: ["*.tmp"]).entries([folder.path])
    #expect(names(entries, under: folder.path) == ["a/z.md", "b.txt"])
    let skipped = reasons(entries, under: folder.path)
    #expect(skipped[".hidden"] == .hidden)
    #expect(skipped[".git"] == .hidden)
    #expect(skipped["image.png"] == .binary)
    #expect(skipped["draft.tmp"] == .excluded)
  }

  @Test func `Links in a circle end, and a file is found once, by its real path`() throws {
    let folder = try TemporaryFolder()
    try folder.write("real/one.txt", "1")
    try folder.link("real/back", to: "..")
    try folder.link("a-link", to: "real")
    try folder.link("self", to: "self")
    let entries = FileWalker().entries([folder.path])
    #expect(names(entries, under: folder.path) == ["real/one.txt"])
    let skipped = reasons(entries, under: folder.path)
    #expect(skipped["a-link"] == .alreadyVisited)
    #expect(skipped["real/back"] == .alreadyVisited)
    #expect(skipped["self"] == .unreadable(.unreadable(reason: "Too many levels of symbolic links")))
  }

  @Test func `A link to a folder outside is followed`() throws {
    let outside = try TemporaryFolder()
    try outside.write("note.txt", "n")
    let folder = try TemporaryFolder()
    try folder.link("notes", to: outside.path)
    #expect(names(FileWalker().entries([folder.path]), under: folder.path) == ["notes/note.txt"])
  }

  @Test func `A file that is named is taken even if hidden or ignored`() throws {
    let folder = try TemporaryFolder()
    try folder.write(".gitignore", "*.log\n")
    let hidden = try folder.write(".notes", "text")
    let log = try folder.write("a.log", "text")
    #expect(names(FileWalker().entries([hidden, log]), under: folder.path) == [".notes", "a.log"])
  }

  @Test func `A root that does not exist is reported`() {
    #expect(
      FileWalker().entries(["/no/such/folder"])
        == [.skipped(path: "/no/such/folder", reason: .unreadable(.notFound))])
  }

  @Test func `The rules of the enclosing repository hold below a folder of it`() throws {
    let folder = try TemporaryFolder()
    try folder.write(".git/info/exclude", "secret*\n")
    try folder.write(".gitignore", "/docs/build/\n*.o\n")
    for name in ["build/out.txt", "a.o", "b.txt", "secret.txt", "deep/.gitignore"] {
      try folder.write("docs/" + name, name == "deep/.gitignore" ? "!*.o\n" : "x")
    }
    try folder.write("docs/deep/kept.o", "x")
    let entries = FileWalker().entries([folder.path + "/docs"])
    #expect(names(entries, under: folder.path) == ["docs/b.txt", "docs/deep/kept.o"])
  }

  @Test func `A file of rules that cannot be read is reported, and the folder is walked all the same`() throws
  {
    let folder = try TemporaryFolder()
    try folder.link(".gitignore", to: ".gitignore")
    try folder.write("a.log", "x")
    let entries = FileWalker().entries([folder.path])
    let reason = FileWalker.Reason.rulesNotFollowed("Too many levels of symbolic links")
    #expect(entries.contains(.skipped(path: folder.path + "/.gitignore", reason: reason)))
    #expect(names(entries, under: folder.path) == ["a.log"])
  }

  @Test func `Of rules beyond a mebibyte whole lines are followed, and the rest is reported`() throws {
    let folder = try TemporaryFolder()
    let padding = String(repeating: "# padding\n", count: FileWalker.ruleBytes / 10)
    // The limit falls into the last line.
    try folder.write(".gitignore", "*.log\n" + padding + "keep*.md\n")
    for name in ["a.log", "keep-this.md", "b.txt"] { try folder.write(name, "x") }
    let entries = FileWalker().entries([folder.path])
    #expect(names(entries, under: folder.path) == ["b.txt", "keep-this.md"])
    let reported = entries.contains {
      if case .skipped(_, .rulesNotFollowed(let reason)) = $0 { reason.contains("1048576") } else { false }
    }
    #expect(reported)
  }

  /// git itself is the oracle: `git ls-files` lists what is neither tracked nor ignored.
  @Test(.enabled(if: hasProgram("git"), "needs git: apt-get install git"))
  func `What is ignored is what git ignores`() throws {
    let folder = try TemporaryFolder()
    _ = try #require(try runProgram(["git", "init", "-q", "."], in: folder.path))
    let rules = [
      "*.log", "!keep.log", "/top.txt", "build/", "**/cache", "docs/**/draft.md", "foo/*", "!foo/bar.txt",
      "a?c.txt",
      "[xy]z.txt", "[!m-p]q.txt", "\\#hash.txt", "\\!bang.txt", "trailing.txt   ", "# comment", "nested/**",
      "**/",
      "spaced name.txt", "w[[:digit:]]w.txt", "x/**/y/z.txt", "*.[oa]",
    ]
    let components = [
      "a", "build", "cache", "docs", "foo", "nested", "x", "y", "deep", "abc.txt", "xz.txt", "mq.txt",
      "zq.txt",
      "top.txt", "keep.log", "some.log", "draft.md", "bar.txt", "#hash.txt", "!bang.txt", "trailing.txt",
      "spaced name.txt", "w1w.txt", "z.txt", "lib.a", "plain",
    ]
    var generator = SplitMix64(seed: 7)
    for _ in 0..<300 {
      let depth = Int.random(in: 1...4, using: &generator)
      let path = (0..<depth).map { _ in components.randomElement(using: &generator) ?? "a" }.joined(
        separator: "/")
      _ = try? folder.write(path, "x")
    }
    for round in 0..<25 {
      let chosen = rules.filter { $0 != "**/" || round == 24 }.shuffled(using: &generator).prefix(9)
      try folder.write(".gitignore", chosen.joined(separator: "\n") + "\n")
      _ = try? folder.write(
        "a/.gitignore", rules.shuffled(using: &generator).prefix(2).joined(separator: "\n") + "\n")
      let listed =
        try runProgram(["git", "ls-files", "-z", "-o", "--exclude-standard"], in: folder.path) ?? ""
      let expected = listed.split(separator: "\0").map(String.init).filter { !$0.contains(".gitignore") }
        .sorted()
      let found = names(FileWalker().entries([folder.path]), under: folder.path).sorted()
      #expect(found == expected, "rules: \(chosen)")
    }
  }
}
