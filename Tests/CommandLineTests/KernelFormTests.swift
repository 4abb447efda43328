import Foundation
import MartletJSON
import MartletTensors
import MartletTestScope
import Testing

@testable import MartletCommandLine

/// The real models under each form of the kernels that this machine runs, as MARTLET_SIMD forces it.
@Suite("Every form of the kernels computes what the references say", .startsProcesses, .serialized)
struct KernelFormTests {
  static let data = MartletProcess.packageRoot.appendingPathComponent("../shared/data").standardized
  static var hasData: Bool { FileManager.default.fileExists(atPath: data.path) }

  private func records(_ path: String) throws -> [JSON] {
    try [UInt8](Data(contentsOf: Self.data.appendingPathComponent(path))).split(separator: 0x0A).map {
      try JSON(parsing: $0)
    }
  }

  @Test(
    "MiniLM's vectors are within cosine 0.9999 of sentence-transformers'", .needs(Models.embedder),
    .enabled(if: KernelFormTests.hasData, "needs ../shared/data"), arguments: Device.availableForms)
  func vectors(form: String) throws {
    let lines = try records("embedding-parity/minilm.jsonl").prefix(4)
    let input = lines.map { JSON.object(["text": $0["text"] ?? .null]).serialized() }.joined(separator: "\n")
    let process = MartletProcess(environment: ["MARTLET_SIMD": form], input: Data(input.utf8))
    let result = try process.run(
      "embed", "-m", Models.embedder, "--format", "jsonl", "--precision", "float32")
    let found = try result.text.split(separator: "\n").map { try JSON(parsing: String($0)) }
    #expect(found.count == lines.count, "\(result.errors)")
    for (line, record) in zip(lines, found) {
      let pairs = zip(record["embedding"]?.arrayValue ?? [], line["embedding"]?.arrayValue ?? [])
        .map { ($0.doubleValue ?? .nan, $1.doubleValue ?? .nan) }
      let lengths = pairs.reduce(0) { $0 + $1.0 * $1.0 } * pairs.reduce(0) { $0 + $1.1 * $1.1 }
      #expect(pairs.reduce(0) { $0 + $1.0 * $1.1 } / lengths.squareRoot() > 0.9999, "\(form)")
    }
  }
}
