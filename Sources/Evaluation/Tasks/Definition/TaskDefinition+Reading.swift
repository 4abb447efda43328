import MartletJSON
import MartletJinja
import MartletLanguageModels
import MartletPrompting

extension TaskDefinition {
  /// Reads the members of a task's file; `task`, `version` and what own tasks have are read elsewhere.
  init(_ members: inout MemberReader) throws(TaskError) {
    guard let type = try EvaluationTask.OutputType(rawValue: members.requiredText("output_type")) else {
      let known = EvaluationTask.OutputType.allCases.map(\.rawValue).joined(separator: " or ")
      throw members.error("output_type", "must be \(known)")
    }
    outputType = type
    dataset = try EvaluationTask.Dataset(&members)
    trainingSplit = try members.text("training_split")
    validationSplit = try members.text("validation_split")
    testSplit = try members.text("test_split")
    fewshotSplit = try members.text("fewshot_split")
    description = try members.template("description")
    guard let text = try members.template("doc_to_text") else {
      throw members.error("doc_to_text", "is missing")
    }
    self.text = text
    choices = try Self.choices(&members)
    target = try Self.target(&members)
    prefix = try members.template("gen_prefix")
    targetDelimiter = try members.text("target_delimiter") ?? " "
    let delimiter = try members.text("fewshot_delimiter") ?? "\n\n"
    fewshotDelimiter = delimiter
    fewshotCount = try members.count("num_fewshot")
    examples = try Examples(&members)
    generation = try GenerationSettings(&members, standardStop: delimiter)
    repeats = try members.count("repeats", atLeast: 1) ?? 1
    filters = try OutputFilter.list(&members)
    metrics = try TaskMetric.list(&members, type: type)
    forms = try RowForm.list(&members)
    groups = try Groups(&members)
    if evaluatedSplit == nil {
      throw members.error("test_split", "or validation_split must name the rows to ask")
    }
    if type == .multipleChoice, choices == nil { throw members.error("doc_to_choice", "is missing") }
  }

  private static func choices(_ members: inout MemberReader) throws(TaskError) -> Choices? {
    guard let value = members.value("doc_to_choice") else { return nil }
    if value.stringValue != nil { return try members.template("doc_to_choice").map { .template($0) } }
    let texts = try members.texts("doc_to_choice") ?? []
    guard !texts.isEmpty else { throw members.error("doc_to_choice", "has no choices") }
    return .fixed(texts)
  }

  private static func target(_ members: inout MemberReader) throws(TaskError) -> Target {
    guard let value = members.value("doc_to_target") else {
      throw members.error("doc_to_target", "is missing")
    }
    if value.stringValue == nil { return .index(try members.count("doc_to_target") ?? 0) }
    guard let template = try members.template("doc_to_target") else {
      throw members.error("doc_to_target", "is missing")
    }
    return .template(template)
  }
}

extension MemberReader {
  /// A member's name, or a Jinja template.
  mutating func template(_ name: String) throws(TaskError) -> TaskTemplate? {
    guard let text = try text(name) else { return nil }
    do { return try TaskTemplate(text) } catch { throw self.error(name, error.reason) }
  }

  /// A regular expression.
  func pattern(_ text: String, of name: String) throws(TaskError) -> AnswerPattern {
    do { return try AnswerPattern(text) } catch { throw self.error(name, error.description) }
  }
}

extension EvaluationTask.Dataset {
  fileprivate init(_ members: inout MemberReader) throws(TaskError) {
    guard var dataset = try members.object("dataset") else { throw members.error("dataset", "is missing") }
    name = try dataset.requiredText("name")
    path = try dataset.text("path")
    configuration = try dataset.text("config")
    if let splits = try dataset.object("splits") {
      for (split, _) in splits.object {
        var splits = splits
        fileNames[split] = try splits.texts(split) ?? []
      }
    }
    try dataset.finish()
  }
}

extension TaskDefinition.Examples {
  fileprivate init(_ members: inout MemberReader) throws(TaskError) {
    guard var settings = try members.object("fewshot_config") else { return }
    if let name = try settings.text("sampler") {
      guard let sampler = Sampler(rawValue: name) else {
        throw settings.error(
          "sampler", "must be \(Sampler.allCases.map(\.rawValue).joined(separator: " or "))")
      }
      self.sampler = sampler
    }
    mark = try settings.text("mark")
    if let select = try settings.object("select") {
      guard let member = select.object.first, select.object.count == 1, let values = member.value.arrayValue
      else { throw settings.error("select", "must have one member, with the list of its values") }
      selection = (member.key, values)
    }
    try settings.finish()
  }
}

extension GenerationSettings {
  init(_ members: inout MemberReader, standardStop: String) throws(TaskError) {
    until = [standardStop]
    guard var settings = try members.object("generation_kwargs") else { return }
    until = try settings.texts("until") ?? until
    maximumTokens = try settings.count("max_gen_toks", atLeast: 1) ?? maximumTokens
    let temperature = try settings.number("temperature")
    let draws = try settings.flag("do_sample") ?? ((temperature ?? 0) > 0)
    let topP = try settings.number("top_p")
    if draws {
      sampling = SamplingParameters(
        temperature: Float(temperature ?? 1), topK: 0, topP: Float(topP ?? 1), minP: 0)
    }
    try settings.finish()
  }
}

extension OutputFilter {
  fileprivate static func list(_ members: inout MemberReader) throws(TaskError) -> [OutputFilter] {
    guard let readers = try members.objects("filter_list") else {
      return [OutputFilter(name: "none", steps: [.takeFirst])]
    }
    var filters: [OutputFilter] = []
    for var reader in readers {
      let name = try reader.requiredText("name")
      var steps: [Step] = []
      for var step in try reader.objects("filter") ?? [] {
        steps.append(try Step(&step))
        try step.finish()
      }
      try reader.finish()
      filters.append(OutputFilter(name: name, steps: steps))
    }
    return filters
  }
}

extension OutputFilter.Step {
  fileprivate init(_ members: inout MemberReader) throws(TaskError) {
    switch try members.requiredText("function") {
    case "regex":
      let text = try members.requiredText("regex_pattern")
      let select = members.value("group_select").map { $0.intValue }
      guard let select = select ?? 0 else { throw members.error("group_select", "must be a whole number") }
      self = .regex(
        try members.pattern(text, of: "regex_pattern"), select: select,
        fallback: try members.text("fallback") ?? "[invalid]")
    case "take_first": self = .takeFirst
    case "lowercase": self = .lowercase
    case "uppercase": self = .uppercase
    case "remove_whitespace": self = .removeWhitespace
    case "before_fence": self = .beforeFence
    case "prepend":
      guard let template = try members.template("member") else { throw members.error("member", "is missing") }
      self = .prepend(template)
    default:
      throw members.error(
        "function",
        "must be regex, take_first, lowercase, uppercase, remove_whitespace, before_fence or prepend")
    }
  }
}
