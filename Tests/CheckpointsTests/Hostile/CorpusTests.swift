import Foundation
import MartletFuzzTargets
import Testing

@Suite("The corpus of the fuzzers")
struct CorpusTests {
  private static let folder = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "../../../Fuzz/Corpus").standardizedFileURL

  @Test(
    "Each reader survives its corpus, which has every input that ever broke it",
    arguments: FuzzTarget.all.map(\.name))
  func replay(_ name: String) throws {
    let target = try #require(FuzzTarget.all.first { $0.name == name })
    let files = try FileManager.default.contentsOfDirectory(
      at: Self.folder.appending(path: name), includingPropertiesForKeys: nil)
    #expect(!files.isEmpty)
    for file in files { target.read(Array(try Data(contentsOf: file))) }
  }

  @Test("Each folder of the corpus has its reader")
  func folders() throws {
    let folders = try FileManager.default.contentsOfDirectory(atPath: Self.folder.path)
    #expect(Set(folders) == Set(FuzzTarget.all.map(\.name)))
  }
}
