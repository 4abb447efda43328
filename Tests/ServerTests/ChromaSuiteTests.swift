import Foundation
import MartletJSON
import MartletStoreServers
import MartletTestScope
import Testing

@testable import MartletServer

@Suite("Chroma's own tests")
struct ChromaSuiteTests {
  /// Tests that need what docs/chroma.md says is not here: schemas that change what is indexed.
  private static let different = [
    "test_disabled_metadata_index_filters_raise_invalid_argument_all_modes", "test_fts_disabled_",
    "test_delete_collection_resets_schema_configuration",
    "test_get_or_create_and_get_collection_preserve_schema", "test_schema_delete_index_and_restore",
    "test_schema_discovers_new_keys_after_compaction",
    "test_schema_persistence_with_custom_overrides",
    "test_schema_precedence_for_overrides_discoverables_and_defaults",
    "test_schema_rejects_conflicting_discoverable_key_types",
  ]

  @Test(
    "Chroma's own tests that pass against Chroma pass here, except for schemas that change what is indexed",
    .slow)
  func suite() throws {
    let server = try TestServer(allowsReset: true)
    let folder = ChromaPython.folder
    let python = try ChromaPython.output(of: [
      "/usr/bin/env", "python3", "-B", folder.appending(path: "environment.py").path,
      "suite-requirements.txt",
    ]).trimmingCharacters(in: .whitespacesAndNewlines)
    let output = try ChromaPython.output(of: [
      python, "-B", folder.appending(path: "suite.py").path, String(server.server.port),
    ])
    let report = try JSON(parsing: output)
    #expect(report["passed"]?.intValue ?? 0 > 150)
    for test in report["only_here"]?.arrayValue ?? [] {
      let name = test.stringValue ?? ""
      #expect(Self.different.contains { name.contains($0) }, "\(name) fails here alone")
    }
  }
}
