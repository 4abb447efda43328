import Foundation
import MartletJSON

extension PromptVariant {
  /// Reads a prompt of an experiment; `finish` is the caller's to call.
  ///
  /// - Parameters:
  ///   - generation: The settings of the experiment, which the prompt's own replace.
  ///   - folder: Where the files are that the prompt names.
  package init<Failure>(
    _ members: inout MemberReader<Failure>, over generation: PromptGeneration, folder: URL
  ) throws(Failure) {
    let name = try members.requiredText("name")
    let template = try Self.template(&members, name: name, folder: folder)
    let examples = try ExampleSelection.optional(&members, folder: folder)
    let kind: PromptStrategy.Kind
    if let text = try members.text("strategy") {
      guard let known = PromptStrategy.Kind(rawValue: text) else {
        throw members.error(
          "strategy",
          "must be \(PromptStrategy.Kind.allCases.map(\.rawValue).joined(separator: ", "))")
      }
      kind = known
    } else {
      kind = examples == nil ? .zeroShot : .fewShot
    }
    let own = try PromptGeneration(&members, over: generation)
    let extraction = try AnswerExtraction.optional(&members)
    let strategy = try Self.strategy(kind, &members, examples, own, folder: folder)
    // Without an instruction of one's own the model is told to write the answer after this mark.
    let isStandard = strategy.instruction == PromptStrategy.standardInstruction
    do {
      try self.init(
        name, template, strategy: strategy,
        extraction: extraction ?? (isStandard ? .after("Answer:") : .whole),
        generation: own)
    } catch { throw members.error("prompt", error.reason) }
  }

  private static func template<Failure>(
    _ members: inout MemberReader<Failure>, name: String, folder: URL
  ) throws(Failure) -> PromptTemplate {
    guard let file = try members.text("template") else { return try PromptTemplate(&members, name: name) }
    for member in ["prompt", "system", "messages", "raw"] where members.value(member) != nil {
      throw members.error(member, "cannot be together with template")
    }
    do { return try PromptTemplate(file: folder.resolving(file)) } catch {
      throw members.error("template", error.reason)
    }
  }

  private static func strategy<Failure>(
    _ kind: PromptStrategy.Kind, _ members: inout MemberReader<Failure>, _ examples: ExampleSelection?,
    _ generation: PromptGeneration, folder: URL
  ) throws(Failure) -> PromptStrategy {
    let reasons = kind == .chainOfThought || kind == .selfConsistency
    for (member, isUsed) in [
      ("examples", reasons || kind == .fewShot), ("instruction", reasons),
      ("samples", kind == .selfConsistency), ("steps", kind == .chain),
    ] where !isUsed && members.value(member) != nil {
      throw members.error(member, "has no use with strategy: \(kind.rawValue)")
    }
    switch kind {
    case .zeroShot: return .zeroShot
    case .fewShot:
      guard let examples else { throw members.error("examples", "is missing, which few_shot needs") }
      return .fewShot(examples)
    case .chainOfThought:
      let instruction = try members.text("instruction") ?? PromptStrategy.standardInstruction
      return .chainOfThought(instruction: instruction, examples: examples)
    case .selfConsistency:
      let instruction = try members.text("instruction") ?? PromptStrategy.standardInstruction
      let samples = try members.count("samples", atLeast: 2) ?? 5
      if samples > 1000 { throw members.error("samples", "must be at most 1000") }
      if members.value("temperature") != nil, generation.temperature == 0 {
        throw members.error("temperature", "must be above 0, else all samples are the same")
      }
      let temperature = generation.temperature > 0 ? generation.temperature : 0.7
      do {
        return .selfConsistency(
          try SelfConsistency(
            samples: samples, temperature: temperature, instruction: instruction, examples: examples))
      } catch { throw members.error("samples", error.reason) }
    case .chain: return .chain(try ChainStep.list(&members, folder: folder))
    }
  }
}

extension ChainStep {
  fileprivate static func list<Failure>(
    _ members: inout MemberReader<Failure>, folder: URL
  ) throws(Failure) -> [ChainStep] {
    guard var readers = try members.objects("steps"), !readers.isEmpty else {
      throw members.error("steps", "is missing: a list with output and prompt for each step before the last")
    }
    var steps: [ChainStep] = []
    for index in readers.indices {
      let output = try readers[index].requiredText("output")
      let template = try PromptTemplate(&readers[index], name: output)
      let extraction = try AnswerExtraction.optional(&readers[index]) ?? .whole
      let maximumTokens = try readers[index].count("max_tokens", atLeast: 1)
      try readers[index].finish()
      steps.append(
        ChainStep(output: output, template: template, extraction: extraction, maximumTokens: maximumTokens))
    }
    return steps
  }
}

extension ExampleSelection {
  /// Reads the member `examples`: a list, or `{file, count, choose, seed, answer}`; nil where it is missing.
  fileprivate static func optional<Failure>(
    _ members: inout MemberReader<Failure>, folder: URL
  ) throws(Failure) -> ExampleSelection? {
    guard let value = members.value("examples") else { return nil }
    if value.arrayValue != nil {
      let examples = try (members.objects("examples") ?? []).map(\.object)
      do { return try ExampleSelection(examples) } catch {
        throw members.error("examples", error.reason)
      }
    }
    guard var settings = try members.object("examples") else { return nil }
    let examples: [JSONObject]
    if let file = try settings.text("file") {
      if settings.value("list") != nil { throw settings.error("list", "cannot be together with file") }
      do { examples = try lines(of: folder.resolving(file), named: file) } catch {
        throw settings.error("file", error.reason)
      }
    } else {
      guard let list = try settings.objects("list") else {
        throw settings.error(
          "file", "is missing: a file of JSON lines, or list: with the examples themselves")
      }
      examples = list.map(\.object)
    }
    let count = try settings.count("count", atLeast: 1)
    var choice = Choice.first
    if let text = try settings.text("choose") {
      guard let known = Choice(rawValue: text) else {
        throw settings.error("choose", "must be \(Choice.allCases.map(\.rawValue).joined(separator: ", "))")
      }
      choice = known
    }
    let seed = try settings.count("seed")
    if seed != nil, choice != .random { throw settings.error("seed", "is used with choose: random alone") }
    let answer = try settings.text("answer") ?? "{{answer}}"
    try settings.finish()
    do {
      return try ExampleSelection(examples, count: count, choice: choice, seed: seed ?? 1234, answer: answer)
    } catch { throw members.error("examples", error.reason) }
  }

  private static func lines(of file: URL, named name: String) throws(PromptingError) -> [JSONObject] {
    let bytes: [UInt8]
    do { bytes = [UInt8](try Data(contentsOf: file)) } catch {
      let isMissing = (error as? CocoaError)?.code == .fileReadNoSuchFile
      throw .unreadable(file: name, reason: isMissing ? "there is no such file" : error.localizedDescription)
    }
    var examples: [JSONObject] = []
    for (index, line) in bytes.split(separator: 0x0A, omittingEmptySubsequences: false).enumerated() {
      guard line.contains(where: { $0 != 0x20 && $0 != 0x09 && $0 != 0x0D }) else { continue }
      guard let object = (try? JSON(parsing: line))?.objectValue else {
        throw .unreadable(file: name, reason: "line \(index + 1) is not a JSON object")
      }
      examples.append(object)
    }
    return examples
  }
}
