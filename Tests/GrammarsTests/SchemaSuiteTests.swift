import Foundation
import MartletGrammars
import MartletJSON
import MartletTestScope
import Testing

/// The JSON-Schema-Test-Suite, draft 2020-12, where there is a copy: in the folder that `MARTLET_SCHEMA_SUITE` names, or
/// in the cache.
@Suite struct SchemaSuiteTests {
  private static let folder: URL? = {
    let environment = ProcessInfo.processInfo.environment
    let root =
      environment["MARTLET_SCHEMA_SUITE"].map { URL(filePath: $0) }
      ?? URL(filePath: NSHomeDirectory()).appending(path: ".cache/martlet/peers/JSON-Schema-Test-Suite")
    let folder = root.appending(path: "tests/draft2020-12")
    return FileManager.default.fileExists(atPath: folder.path) ? folder : nil
  }()

  private struct Counts {
    var (schemas, refused, tests) = (0, 0, 0)
    var accepted: [String] = []
    var rejected: [String] = []
    var misjudged: [String] = []
  }

  @Test(.long, .enabled(if: folder != nil, "there is no copy of the JSON-Schema-Test-Suite"))
  func noInvalidValueFits() throws {
    let folder = try #require(Self.folder)
    var counts = Counts()
    let files = try FileManager.default.contentsOfDirectory(atPath: folder.path).filter {
      $0.hasSuffix(".json")
    }
    for file in files.sorted() {
      let groups = try JSON(parsing: [UInt8](Data(contentsOf: folder.appending(path: file))))
      for group in try #require(groups.arrayValue) { try run(group, file, &counts) }
    }
    #expect(counts.accepted.isEmpty, "invalid values that fit: \(counts.accepted)")
    // Formats are enforced; the suite has them as annotations. Names in escapes are not made.
    #expect(counts.rejected.count <= 22, "valid values that do not fit: \(counts.rejected)")
    #expect(counts.misjudged.allSatisfy { $0.hasPrefix("format.json") }, "\(counts.misjudged)")
    #expect(counts.refused <= 140, "\(counts.refused) of \(counts.schemas) schemas refused")
  }

  private func run(_ group: JSON, _ file: String, _ counts: inout Counts) throws {
    counts.schemas += 1
    let schema = try #require(group["schema"])
    let tests = try #require(group["tests"]?.arrayValue)
    let name = "\(file): \(group["description"]?.stringValue ?? "")"
    if let validator = try? JSONSchema(schema) {
      for test in tests {
        let (data, isValid) = (try #require(test["data"]), test["valid"]?.boolValue == true)
        if validator.violations(of: data).isEmpty != isValid {
          counts.misjudged.append("\(name): \(data.serialized())")
        }
      }
    }
    guard let grammar = try? Grammar(jsonSchema: schema) else { return counts.refused += 1 }
    for test in tests {
      counts.tests += 1
      let (data, isValid) = (try #require(test["data"]), test["valid"]?.boolValue == true)
      let verdicts = [JSONStyle.python, .compact, .pretty].flatMap { style in
        [false, true].map { asciiOnly in
          var style = style
          style.asciiOnly = asciiOnly
          return grammar.matches(data.serialized(style: style))
        }
      }
      if isValid && verdicts.contains(false) { counts.rejected.append("\(name): \(data.serialized())") }
      if !isValid && verdicts.contains(true) { counts.accepted.append("\(name): \(data.serialized())") }
    }
  }
}
