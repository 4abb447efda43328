import Foundation
import MartletEvaluation
import MartletJSON
import MartletLanguageModels
import MartletPrompting

private let file = Parameter<String>.argument(
  "FILE", .path("FILE"), default: "", help: "A prompt template; with --prompt an experiment.")
private let sets = Parameter<[String]>.options(
  "set", .text("NAME=VALUE"), help: "Give a variable its value.")
private let promptName = Parameter<String?>.option(
  "prompt", .text("NAME"), help: "This prompt of an experiment, as it asks a test.")
private let test = Parameter<String?>.option(
  "test", .text("ID"), shownAs: "the first", help: "The test whose variables are used, with --prompt.")

extension Command {
  /// A prompt with the values of its variables.
  static let promptShow: Command = Command(
    name: "prompt show",
    summary: "Print a prompt as it is asked, with the values of its variables.",
    discussion: """
      A template is a file in YAML: name, version, system, prompt (or messages with role and content), defaults for \
      variables, and raw: true for a text without the model's chat template. Texts are Jinja; a variable without a value \
      is an error that names it. ‘martlet template’ then shows what a model's own template makes of the messages.

      --json prints "messages", or "prompt" for a text.
      """,
    parameters: [
      file.definition, sets.definition, promptName.definition, test.definition,
      StoreParameters.json.definition,
    ],
    examples: [
      .init(
        "martlet prompt show Examples/prompts/tip-template.yaml --set bill=47.50", "A template with a value:"),
      .init(
        "martlet prompt show Examples/prompts/tip.yaml --prompt few-shot", "A prompt of an experiment:"),
    ]
  ) { arguments, console in
    let prompt = try rendered(arguments, console)
    switch prompt {
    case .text(let text):
      let object: JSON = ["prompt": .string(text)]
      try console.result((arguments[StoreParameters.json] ? object.serialized() : printable(text)) + "\n")
    case .messages(let messages, _):
      if arguments[StoreParameters.json] {
        let object: JSON = [
          "messages": .array(messages.map { ["role": .string($0.role), "content": .string($0.content)] })
        ]
        return try console.result(object.serialized() + "\n")
      }
      let text = messages.map { console.style.bold("[\(printable($0.role))]") + "\n" + printable($0.content) }
      try console.result(text.joined(separator: "\n\n") + "\n")
    case .tokens: break
    }
  }
}

private func rendered(_ arguments: Arguments, _ console: Console) throws -> Prompt {
  let values = try variables(arguments[sets])
  let url = URL(filePath: arguments[file])
  guard let name = arguments[promptName] else {
    if arguments.has(test) {
      throw UsageError("--test goes with --prompt.", advice: "Name a prompt of the experiment, too.")
    }
    let template = try PromptTemplate(file: url)
    for name in values.keys where !template.mentions(name) {
      console.warn("The template does not read the variable \(JSON.quoted(name)).")
    }
    return try template.prompt(values)
  }
  let experiment = try Experiment(file: url)
  let variant = try experiment.prompt(named: name)
  guard let asked = experiment.tests.first(where: { arguments[test] == nil || $0.id == arguments[test] })
  else {
    throw UsageError(
      "The experiment has no test ‘\(arguments[test] ?? "")’.",
      advice: "Its tests are numbered from 1 where they have no id.")
  }
  var all = asked.variables
  for (name, value) in values { all[name] = value }
  var embeddings: TextEmbeddings?
  if variant.strategy.examples?.choice == .nearest {
    embeddings = try OpenModel.embedder(
      named: experiment.embedder ?? ModelParameters.defaultEmbedder, arguments, console
    ).textEmbeddings
  }
  return try variant.prompt(all, embeddings: embeddings)
}

/// The variables of `--set NAME=VALUE`.
private func variables(_ texts: [String]) throws(UsageError) -> JSONObject {
  var variables: JSONObject = [:]
  for text in texts {
    guard let equals = text.firstIndex(of: "="), equals > text.startIndex else {
      throw UsageError("--set ‘\(text)’ is not NAME=VALUE.", advice: "Write --set bill=47.50, for example.")
    }
    variables[String(text[..<equals])] = .string(String(text[text.index(after: equals)...]))
  }
  return variables
}
