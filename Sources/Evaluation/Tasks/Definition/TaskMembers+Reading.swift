import MartletJSON
import MartletPrompting

extension TaskMetric {
  static func list(
    _ members: inout MemberReader, type: EvaluationTask.OutputType
  ) throws(TaskError) -> [TaskMetric] {
    guard let readers = try members.objects("metric_list"), !readers.isEmpty else {
      throw members.error("metric_list", "is missing")
    }
    let labels = try members.template("doc_to_labels")
    if let step = try members.text("process_results") {
      guard step == "true_probability" else {
        throw members.error("process_results", "must be true_probability")
      }
      guard labels != nil else { throw members.error("doc_to_labels", "is missing") }
    } else if labels != nil {
      throw members.error("doc_to_labels", "is used with process_results: true_probability alone")
    }
    var metrics: [TaskMetric] = []
    for var reader in readers {
      metrics.append(try TaskMetric(&reader, labels: labels, type: type))
      guard try reader.text("aggregation") ?? "mean" == "mean" else {
        throw reader.error("aggregation", "must be mean")
      }
      guard try reader.flag("higher_is_better") ?? true else {
        throw reader.error("higher_is_better", "must be true")
      }
      try reader.finish()
    }
    return metrics
  }

  private init(
    _ members: inout MemberReader, labels: TaskTemplate?, type: EvaluationTask.OutputType
  ) throws(TaskError) {
    let name = try members.requiredText("metric")
    switch (type, name) {
    case (.multipleChoice, "acc"): self = labels.map { .trueProbability(labels: $0) } ?? .accuracy
    case (.multipleChoice, "acc_norm"): self = .normalizedAccuracy
    case (.generateUntil, "exact_match"):
      var match = ExactMatch()
      for pattern in try members.texts("regexes_to_ignore") ?? [] {
        match.removed.append(try members.pattern(pattern, of: "regexes_to_ignore"))
      }
      match.ignoresCase = try members.flag("ignore_case") ?? false
      match.ignoresPunctuation = try members.flag("ignore_punctuation") ?? false
      self = .exactMatch(match)
    case (.generateUntil, "pass_at_1"): self = .passAtOne
    case (.generateUntil, "pass_at_k"):
      guard let value = members.value("k"), let ks = value.arrayValue?.map({ $0.intValue ?? 0 }), !ks.isEmpty,
        ks.allSatisfy({ $0 > 0 })
      else { throw members.error("k", "must be a list of whole numbers from 1") }
      self = .passAtK(ks)
    default:
      let known = type == .multipleChoice ? "acc or acc_norm" : "exact_match, pass_at_1 or pass_at_k"
      throw members.error("metric", "must be \(known)")
    }
  }
}

extension RowForm {
  static func list(_ members: inout MemberReader) throws(TaskError) -> [RowForm] {
    var forms: [RowForm] = []
    for var reader in try members.objects("row_forms") ?? [] {
      var needs: [(String, Kind)] = []
      if let list = try reader.object("needs") {
        for (path, value) in list.object {
          guard let kind = value.stringValue.flatMap(Kind.init) else {
            throw list.error(path, "must be \(Kind.allCases.map(\.rawValue).joined(separator: ", "))")
          }
          needs.append((path, kind))
        }
      }
      var sets: [(String, Value)] = []
      if let list = try reader.object("set") { sets = try Value.members(of: list) }
      forms.append(
        RowForm(
          needs: needs, sets: sets, brackets: try reader.texts("hellaswag_brackets") ?? [],
          warning: try reader.text("warning")))
      try reader.finish()
    }
    return forms
  }
}

extension RowForm.Value {
  fileprivate static func members(
    of reader: MemberReader
  ) throws(TaskError) -> [(name: String, value: RowForm.Value)] {
    var reader = reader
    var members: [(String, RowForm.Value)] = []
    for name in reader.object.keys {
      if reader.object[name]?.objectValue != nil, let inner = try reader.object(name) {
        members.append((name, .members(try Self.members(of: inner))))
      } else if let template = try reader.template(name) {
        members.append((name, .template(template)))
      } else {
        throw reader.error(name, "is missing")
      }
    }
    return members
  }
}

extension TaskDefinition.Groups {
  init?(_ members: inout MemberReader) throws(TaskError) {
    guard var groups = try members.object("groups") else { return nil }
    member = try groups.requiredText("member")
    guard var categories = try groups.object("categories") else {
      throw groups.error("categories", "is missing")
    }
    var list: [(String, [String])] = []
    var seen: Set<String> = []
    for name in categories.object.keys {
      let names = try categories.texts(name) ?? []
      if let twice = names.first(where: { !seen.insert($0).inserted }) {
        throw categories.error(name, "names \(twice) a second time")
      }
      list.append((name, names))
    }
    self.categories = list
    try groups.finish()
  }
}
