import Foundation
import MartletJSON
import MartletTestScope
import Testing

@testable import MartletCommandLine

@Suite("index, when things go wrong", .startsProcesses, .needs(Models.embedder))
struct IndexProcessTests {
  @Test("A PATH that is named decides the exit code: damaged 65, missing 66, without its reader 69")
  func namedPaths() throws {
    try withLibraryPlace { place in
      try place.write("broken.pdf", "%PDF-1.4 no PDF at all")
      try place.write("binary.txt", "a\u{0}b")
      let broken = place.documents.appending(path: "broken.pdf").path
      #expect(try place.run("index", broken).status == 65)
      #expect(try place.run("index", place.documents.appending(path: "binary.txt").path).status == 65)
      // Of several the first decides, and the others are named.
      let missing = place.documents.appending(path: "nothing").path
      let both = try place.run("index", missing, broken)
      #expect(both.status == 66)
      #expect(both.errors.contains("does not exist") && both.errors.contains("broken.pdf"))
      var bare = place
      bare.program.environment["PATH"] = place.folder.appending(path: "empty").path
      let result = try bare.run("index", broken)
      #expect(result.status == 69)
      #expect(result.errors.contains("poppler-utils"))
    }
  }

  @Test(
    "A file and a folder without permission are reported, the rest is indexed; named, they end with 77",
    .enabled(if: Unprivileged.isPossible, "\(Unprivileged.hint)"))
  func permission() throws {
    try withLibraryPlace { place in
      var place = place
      place.program = try Unprivileged.program(in: place)
      try place.write("open.txt", "A martlet never lands.")
      try place.write("secret.txt", "A secret martlet.")
      try place.write("locked/inside.txt", "A locked martlet.")
      let (file, folder) = (place.documents.path + "/secret.txt", place.documents.path + "/locked")
      let closed = place.folder.appending(path: "closed").path
      try FileManager.default.createDirectory(atPath: closed, withIntermediateDirectories: true)
      for path in [file, folder, closed] { #expect(chmod(path, 0) == 0) }
      defer { for path in [file, folder, closed] { chmod(path, 0o755) } }

      let result = try place.run("index", place.documents.path)
      #expect(result.status == 0, "\(result.errors)")
      #expect(result.text.contains("1 added") && result.text.contains("2 not read"))
      for name in ["secret.txt", "locked"] {
        #expect(result.errors.contains("/\(name) cannot be read: permission denied"))
      }
      #expect(try place.files(with: "martlet") == ["open.txt"])
      #expect(try place.run("index", file).status == 77)
      #expect(try place.run("index", folder).status == 77)

      for arguments in [["index", place.documents.path], ["search", "martlet"]] {
        let refused = try place.program.run(arguments + ["--store", closed])
        #expect(refused.status == 77, "\(arguments[0]): \(refused.errors)")
        #expect(refused.errors.contains("--store"))
      }
    }
  }

  @Test("Ctrl-C ends with 130 and ends pdftotext, too; what was indexed before stays")
  func interrupted() throws {
    try withLibraryPlace { place in
      try place.write("kept.txt", "A martlet never lands.")
      _ = try place.object("index", place.documents.path)
      // A pdftotext that says its number and then never ends.
      let tools = place.folder.appending(path: "tools")
      try FileManager.default.createDirectory(at: tools, withIntermediateDirectories: true)
      let started = place.folder.appending(path: "started")
      let tool = tools.appending(path: "pdftotext")
      try Data("#!/bin/sh\necho $$ > '\(started.path)'\nexec sleep 100000\n".utf8).write(to: tool)
      try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: tool.path)
      try place.write("slow.pdf", "%PDF-1.4")
      try place.write("after.txt", "Another martlet.")
      var program = place.program
      program.environment["PATH"] = "\(tools.path):/usr/bin:/bin"
      let result = try program.interrupt(["index", place.documents.path, "--store", place.store]) { _ in
        (try? String(contentsOf: started, encoding: .utf8))?.hasSuffix("\n") == true
      }
      #expect(result.status == 130, "\(result.errors)")
      let number = try String(contentsOf: started, encoding: .utf8).trimmingCharacters(
        in: .whitespacesAndNewlines)
      let child = try #require(pid_t(number))
      #expect(Foundation.kill(child, 0) == -1 && errno == ESRCH)
      #expect(try place.files(with: "martlet").contains("kept.txt"))
      try FileManager.default.removeItem(at: place.documents.appending(path: "slow.pdf"))
      _ = try place.object("index", place.documents.path)
      #expect(try place.files(with: "martlet") == ["kept.txt", "after.txt"])
    }
  }

  @Test(
    "A full disk ends with 74, loses nothing, and the next run carries on",
    .enabled(if: SmallDisk.isPossible, "\(SmallDisk.hint)"))
  func fullDisk() throws {
    try withLibraryPlace { place in
      try SmallDisk.with(size: "3m", at: place.store) {
        try place.write("kept.txt", "A martlet never lands.")
        _ = try place.object("index", place.documents.path)
        let sentences = (0..<2500).map { "The martlet of colony \($0) came over the tower at noon." }
        try place.write("long.txt", sentences.joined(separator: "\n\n"))
        let full = try place.run("index", place.documents.path, "--chunk-tokens", "16")
        #expect(full.status == 74, "\(full.errors)")
        #expect(full.errors.contains("full"))
        try SmallDisk.grow(place.store, to: "64m")
        #expect(try place.files(with: "martlet") == ["kept.txt"])
        _ = try place.object("index", place.documents.path, "--chunk-tokens", "16")
        #expect(try place.files(with: "martlet") == ["kept.txt", "long.txt"])
      }
    }
  }

  @Test("What --exclude names is not indexed, is said to be skipped, and goes where it was indexed before")
  func exclude() throws {
    try withLibraryPlace { place in
      for name in ["keep.txt", "drafts/one.txt", "two.draft.txt"] { try place.write(name, "A martlet.") }
      _ = try place.object("index", place.documents.path)
      #expect(try place.files(with: "martlet") == ["keep.txt", "one.txt", "two.draft.txt"])
      let result = try place.run(
        "index", place.documents.path, "--exclude", "drafts/", "--exclude", "*.draft.txt")
      #expect(result.status == 0)
      #expect(result.text.contains("1 unchanged") && result.text.contains("2 removed"))
      let skipped = try #require(
        result.errors.split(separator: "\n").first { $0.hasPrefix("Skipped, excluded") })
      #expect(skipped.contains("drafts") && skipped.contains("two.draft.txt"))
      #expect(try place.files(with: "martlet") == ["keep.txt"])
    }
  }

  @Test("A preview shows pages and passages of each document, and makes no store")
  func preview() throws {
    try withLibraryPlace { place in
      let sample = MartletProcess.packageRoot.appending(path: "Examples/documents/handbook.pdf").path
      let document = try place.object("index", sample, "--preview")
      let pages = try #require(document["page_characters"]?.arrayValue).compactMap(\.intValue)
      #expect(document["kind"]?.stringValue == "pdf" && !pages.isEmpty)
      let chunks = try #require(document["chunks"]?.arrayValue)
      #expect(chunks.first?["page"]?.intValue == 1)
      #expect(
        chunks.allSatisfy { ($0["tokens"]?.intValue ?? 0) > 0 && $0["text"]?.stringValue?.isEmpty == false })
      try place.write("swift.md", "# Swifts\n\nThe swift sleeps on the wing.\n")
      try place.write("broken.pdf", "%PDF-1.4 no PDF at all")
      let text = try place.run("index", place.documents.path, "--preview")
      #expect(text.status == 0 && text.errors.contains("broken.pdf"))
      #expect(try place.run("index", place.documents.path + "/broken.pdf", "--preview").status == 65)
      #expect(text.text.contains("The swift sleeps on the wing.") && text.text.contains("lines 1–3"))
      #expect(!FileManager.default.fileExists(atPath: place.store))
    }
  }
}
