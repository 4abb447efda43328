import Foundation
import MartletCheckpoints
import MartletJSON

/// A run in the form that lm-evaluation-harness 0.4.13 writes, for the tools that read it: `results_DATE.json` and
/// `samples_TASK_DATE.jsonl`.
public struct HarnessExport: Sendable {
  private let run: EvaluationRun
  private let records: [ItemRecord]

  /// The export of a run with its items.
  public init(_ run: EvaluationRun, records: [ItemRecord]) {
    self.run = run
    self.records = records
  }

  /// The name that the harness gives the file of results.
  public var resultsName: String { "results_\(date).json" }

  /// The name that the harness gives the file of samples.
  public var samplesName: String {
    // A task of one's own has any name, and it must not lead into another folder.
    let task = String(run.recipe.taskName.map { $0.isLetter || $0.isNumber || "-_.".contains($0) ? $0 : "_" })
    return "samples_\(task)_\(date).jsonl"
  }

  /// When the run began, as it stands in names of files: 2026-11-30T12-46-24.453553.
  private var date: String {
    let seconds = run.started.timeIntervalSince1970
    let whole = Date(timeIntervalSince1970: seconds.rounded(.down))
    let micro = String(format: "%06d", min(999_999, Int((seconds - seconds.rounded(.down)) * 1e6)))
    let text = whole.formatted(.iso8601)
    return text.prefix(19).replacing(":", with: "-") + "." + micro
  }

  /// The object of `results_DATE.json`.
  public var results: JSON {
    let recipe = run.recipe
    let task = recipe.taskName
    let groups = Set(records.compactMap(\.result.group)).sorted()
    var results: JSONObject = [
      task: .object(metrics(run.scores, name: task, alias: task, count: records.count))
    ]
    for group in groups {
      let own = records.filter { $0.result.group == group }.map(\.result)
      let names = Set(own.flatMap(\.scores.keys))
      let scores = names.reduce(into: [String: ScoreSummary]()) { scores, name in
        scores[name] = ScoreSummary(of: own.compactMap { $0.scores[name] })
      }
      let name = "\(task)_\(group)"
      results[name] = .object(metrics(scores, name: name, alias: group, count: own.count))
    }
    let definition = recipe.task["definition"] ?? .null
    let version = recipe.task["version"]?.stringValue
    return [
      "results": .object(results),
      "group_subtasks": groups.isEmpty ? [:] : [task: .array(groups.map { .string("\(task)_\($0)") })],
      "configs": [task: definition],
      "versions": [task: version.map { Double($0).map { JSON($0) } ?? .string($0) } ?? .null],
      "n-shot": [task: recipe.task["num_fewshot"] ?? JSON(0)],
      "higher_is_better": [
        task: .object(
          JSONObject(Set(run.scores.keys.map { Self.split($0).metric }).sorted().map { ($0, true) }))
      ],
      "n-samples": [task: ["original": JSON(run.itemCount), "effective": JSON(records.count)]],
      "config": [
        "model": "martlet", "model_args": .string(recipe.model.name),
        "model_dtype": recipe.model.precision.map { .string($0) } ?? .null,
        "model_sha": .string(recipe.model.fingerprint), "limit": recipe.task["limit"] ?? .null,
        "fewshot_seed": recipe.task["fewshot_seed"] ?? .null, "gen_kwargs": .object(recipe.generation),
      ],
      "date": JSON(run.started.timeIntervalSince1970),
      "model_source": "martlet", "model_name": .string(recipe.model.name),
      "total_evaluation_time_seconds": .string(JSON(run.seconds).serialized()),
      "martlet": recipe.json,
    ]
  }

  private func metrics(
    _ scores: [String: ScoreSummary], name: String, alias: String, count: Int
  ) -> JSONObject {
    var members: JSONObject = ["name": .string(name), "alias": .string(alias), "sample_len": JSON(count)]
    for (name, summary) in scores.sorted(by: { $0.key < $1.key }) {
      let (metric, filter) = Self.split(name)
      members["\(metric),\(filter)"] = JSON(summary.mean)
      members["\(metric)_stderr,\(filter)"] = summary.standardError.map { JSON($0) } ?? "N/A"
    }
    return members
  }

  /// `exact_match,strict-match` is a metric with its filter; without one the filter is `none`.
  private static func split(_ name: String) -> (metric: String, filter: String) {
    guard let comma = name.firstIndex(of: ",") else { return (name, "none") }
    return (String(name[..<comma]), String(name[name.index(after: comma)...]))
  }

  /// The lines of `samples_TASK_DATE.jsonl`: one for each item and filter.
  public var samples: [JSON] { records.flatMap(samples) }

  private func samples(_ record: ItemRecord) -> [JSON] {
    let result = record.result
    let byFilter = Dictionary(grouping: result.scores.keys.sorted()) { Self.split($0).filter }
    return byFilter.keys.sorted().map { filter in
      var members: JSONObject = [
        "doc_id": JSON(record.position), "doc": .object(record.document), "target": .string(result.expected),
        "arguments": arguments(record.prompt), "filter": .string(filter),
      ]
      if let logLikelihoods = result.logLikelihoods {
        // The harness writes them as text, with whether the choice is the most probable text, which is not kept here.
        let texts = logLikelihoods.map { JSON.string(JSON($0).serialized()) }
        members["resps"] = .array(texts.map { [[$0, .null]] })
        members["filtered_resps"] = .array(texts.map { [$0, .null] })
      } else {
        members["resps"] = [.array((result.outputs ?? []).map { .string($0) })]
        members["filtered_resps"] = [.string(result.extracted?[filter] ?? result.output ?? "")]
      }
      let names = byFilter[filter] ?? []
      members["metrics"] = .array(names.map { .string(Self.split($0).metric) })
      // Tools find an item in other runs by these.
      members["doc_hash"] = .string(Self.hash(JSON.object(record.document).serialized(style: .pretty)))
      members["prompt_hash"] = .string(
        Self.hash((record.prompt["context"] ?? record.prompt["prompt"])?.plainText ?? ""))
      members["target_hash"] = .string(Self.hash(result.expected))
      for name in names { members[Self.split(name).metric] = JSON(result.scores[name] ?? .nan) }
      return .object(members)
    }
  }

  private static func hash(_ text: String) -> String {
    var digest = SHA256()
    Array(text.utf8).withUnsafeBytes { digest.update($0) }
    return digest.hexadecimal()
  }

  private func arguments(_ prompt: JSON) -> JSON {
    if let continuations = prompt["continuations"]?.arrayValue {
      return .object(
        JSONObject(
          continuations.enumerated().map { index, continuation in
            ("gen_args_\(index)", ["arg_0": prompt["context"] ?? .null, "arg_1": continuation])
          }))
    }
    var settings = prompt.objectValue ?? [:]
    settings["prompt"] = nil
    settings["do_sample"] = .bool((settings["temperature"]?.doubleValue ?? 0) > 0)
    return ["gen_args_0": ["arg_0": prompt["prompt"] ?? .null, "arg_1": .object(settings)]]
  }
}

extension JSON {
  /// A string's characters, or the value's text.
  fileprivate var plainText: String { stringValue ?? serialized() }
}
