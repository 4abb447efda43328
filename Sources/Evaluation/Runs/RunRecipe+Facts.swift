import MartletJSON

extension RunRecipe {
  /// The recipe for people: what was asked, how, of which model, and what differs from the benchmark as it is defined.
  public var facts: [(name: String, value: String)] {
    var facts = [("task", "\(taskName), version \(task["version"]?.stringValue ?? "?")")]
    if let data {
      facts.append(("data", "\(data.location), SHA-256 \(data.sha256.prefix(12))"))
    } else if let digest = task["questions_sha256"]?.stringValue {
      facts.append(("questions", "SHA-256 \(digest.prefix(12))"))
    }
    facts.append(("model", model.summary))
    if let prompt {
      facts.append(("prompt", prompt))
    } else {
      facts.append(("prompts", prompts))
    }
    if let drawing { facts.append(("generation", drawing)) }
    if let context = generation["context"]?.intValue { facts.append(("context", "\(context) tokens")) }
    if data != nil {
      let deviations = deviations
      facts += deviations.isEmpty ? [("deviation", "none")] : deviations.map { ("deviation", $0) }
    }
    facts.append(("program", program))
    return facts
  }

  /// What differs from the benchmark as lm-evaluation-harness defines it, in words; empty where nothing does, and for
  /// tasks of one's own, which only the file defines.
  public var deviations: [String] {
    guard data != nil else { return [] }
    var found: [String] = []
    if let limit = task["limit"]?.intValue {
      let each = task["definition"]?["groups"] == nil ? "" : " of each group"
      found.append((limit == 1 ? "only the first item" : "only the first \(limit) items") + each)
    }
    let standard = task["definition"]?["num_fewshot"]?.intValue ?? 0
    if let shots = task["num_fewshot"]?.intValue, shots != standard {
      found.append(
        shots == 1 ? "1 example instead of \(standard)" : "\(shots) examples instead of \(standard)")
    }
    if task["chat"]?.boolValue == true { found.append("prompts in the model's chat template") }
    if let temperature = generation["temperature"]?.doubleValue {
      found.append("temperature \(JSON(temperature).serialized())")
    }
    if let repeats = generation["repeats"]?.intValue, repeats != task["definition"]?["repeats"]?.intValue ?? 1
    {
      found.append("\(repeats) outputs for each item")
    }
    if let precision = model.precision, precision != "float32" {
      found.append("\(precision) precision instead of float32")
    }
    return found + (task["warnings"]?.arrayValue ?? []).compactMap(\.stringValue)
  }

  /// The prompt of an experiment with its strategy; nil for other runs.
  private var prompt: String? {
    guard let promptName else { return nil }
    let parts = [
      task["prompt"]?["strategy"]?.stringValue.map { $0.replacing("_", with: " ") },
      task["prompt"]?["examples"]?["count"]?.intValue.map { $0 == 1 ? "1 example" : "\($0) examples" },
      task["prompt"]?["samples"]?.intValue.map { "\($0) samples" },
      task["judge"]?.stringValue.map { "judged by \($0)" },
    ]
    return ([promptName] + parts.compactMap { $0 }).joined(separator: ", ")
  }

  private var prompts: String {
    let shots = task["num_fewshot"]?.intValue ?? 0
    let form = task["chat"]?.boolValue == true ? "the model's chat template" : "plain text"
    let examples =
      shots == 0
      ? "no examples"
      : "\(shots) \(shots == 1 ? "example" : "examples") drawn with seed \(task["fewshot_seed"]?.intValue ?? 0)"
    let limit = task["limit"]?.intValue.map { ", limit \($0)" } ?? ""
    return "\(form), \(examples)\(limit)"
  }

  /// How outputs were drawn; nil where nothing was generated.
  private var drawing: String? {
    guard let repeats = generation["repeats"]?.intValue else { return nil }
    let settings = task["generation"]
    let own = settings?["temperature"]?.doubleValue ?? 0
    let temperature = generation["temperature"]?.doubleValue ?? own
    let how =
      temperature == 0
      ? "most probable tokens"
      : "temperature \(JSON(temperature).serialized()), seed \(generation["seed"]?.intValue ?? 0)"
    let most = settings?["max_gen_toks"]?.intValue.map { ", at most \($0) tokens" } ?? ""
    return "\(repeats) \(repeats == 1 ? "output" : "outputs") for each item, \(how)\(most)"
  }
}

extension RunRecipe.Model {
  /// Name, adapter, fingerprint, and how or where it computes, in one line.
  public var summary: String {
    let adapter = adapter.map { ", adapter \($0)" } ?? ""
    let computing = precision ?? "at \(address ?? "an unknown address")"
    return "\(name)\(adapter), fingerprint \(fingerprint), \(computing)"
  }
}
