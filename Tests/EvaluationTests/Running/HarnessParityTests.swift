import Foundation
import MartletCheckpoints
import MartletEvaluation
import MartletGeneration
import MartletJSON
import MartletLanguageModels
import MartletTensors
import MartletTestScope
import Testing

/// Log-likelihoods of the real small model against lm-evaluation-harness 0.4.13 with transformers, in float32
/// (Reference/make_log_likelihoods.py), over rows that are read where they are.
@Suite(
  "Scores of SmolLM2 are lm-eval's", .serialized, .enabled(if: Harness.isHere, "\(Harness.hint)"))
struct HarnessParityTests {
  @Test("Log-likelihoods and choices", arguments: ["hellaswag", "mmlu", "truthfulqa_mc1", "truthfulqa_mc2"])
  func logLikelihoods(name: String) async throws {
    guard let reference = try Harness.reference()[name]?.objectValue else { return }
    let model = try Harness.model()
    let folder = Harness.data.appending(path: name.split(separator: "_").first.map(String.init) ?? name)
    let task = try PreparedTask(
      EvaluationTask.builtIn(named: name), data: TaskData(contentsOf: folder),
      shots: name == "mmlu" ? 5 : nil, chat: false)
    // The reference has the items of each subject in their order.
    var counts: [String: Int] = [:]
    let expected = task.items.map { item in
      counts[item.group ?? "", default: 0] += 1
      return reference[item.group ?? ""]?[counts[item.group ?? "", default: 1] - 1]?.arrayValue ?? []
    }
    #expect(reference.keys.allSatisfy { reference[$0]?.arrayValue?.count == counts[$0] })
    // All of them take minutes; a few of each task run always.
    let count = TestScope.isSlow ? task.items.count : 4
    var (same, worst) = (0, 0.0)
    for begin in stride(from: 0, to: count, by: 32) {
      let items = begin..<min(count, begin + 32)
      let requests = items.compactMap { index -> ScoringRequest? in
        guard case .choices(let context, let continuations) = task.items[index].prompt else { return nil }
        return ScoringRequest(context, continuations: continuations)
      }
      for (index, scores) in zip(items, try await model.score(requests)) {
        let theirs = expected[index].compactMap(\.doubleValue)
        let ours = scores.map(\.logLikelihood)
        #expect(theirs.count == ours.count, "item \(index)")
        if ours.firstIndex(of: ours.max() ?? 0) == theirs.firstIndex(of: theirs.max() ?? 0) { same += 1 }
        for (score, reference) in zip(scores, theirs) {
          worst = max(worst, abs(score.logLikelihood - reference) / Double(score.tokenCount))
        }
      }
    }
    #expect(worst < 0.02, "the largest difference a token is \(worst)")
    #expect(Double(same) >= 0.98 * Double(count), "\(same) of \(count) choices")
  }
}

/// The reference, the rows and the model.
private enum Harness {
  static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
  static let data = folder.appending(path: "../../../shared/data").standardizedFileURL
  static let name = "smollm2-135m-instruct"
  static let hint = "needs \(name) in the cache and ../shared/data"

  static var isHere: Bool {
    FileManager.default.fileExists(atPath: data.path()) && (try? Checkpoint.open(named: name)) != nil
  }

  static func reference() throws -> JSON {
    try JSON(parsing: [UInt8](Data(contentsOf: folder.appending(path: "Reference/\(name).json"))))
  }

  static func model() throws -> LocalModel {
    try LocalModel(Checkpoint.open(named: name), name: name, precision: .float32, device: Device())
  }
}
