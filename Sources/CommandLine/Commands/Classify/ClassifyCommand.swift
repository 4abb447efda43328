import MartletClassification
import MartletJSON
import MartletTensors

private let text = Parameter<String?>.argument(
  "TEXT", .text("TEXT"), help: "The text; without it, standard input as a whole.")
private let second = Parameter<String?>.option(
  "pair", .text("TEXT"), help: "A second text, for models that compare two.")

extension Command {
  /// What a text is.
  static let classify: Command = Command(
    name: "classify",
    summary: "Say what a text, a pair of texts or each token is.",
    discussion: """
      Runs an encoder with a head that classifies: texts, pairs of texts (--pair), the tokens of a text, or, of a BERT \
      as it was pretrained, whether the second sentence follows the first. Labels come best first, with scores that \
      sum to 1; where labels do not exclude each other each score is a probability of its own, and a model with one \
      label gives its logit. The model computes in float32 unless --precision says otherwise.

      --json prints an object with "labels": label, score and logit. A model that classifies tokens gives "tokens": \
      token, start and end (the characters of the text, in Unicode scalars from 0), label, score and logit.
      """,
    parameters: [
      text.definition, ModelParameters.classifier.definition, second.definition,
      ModelParameters.exactPrecision.definition, ModelParameters.threads.definition,
      StoreParameters.json.definition,
    ],
    examples: [
      .init("martlet classify -m ./sentiment \"I like swifts.\"", "The labels of a text:"),
      .init(
        "martlet classify -m ./entailment \"A bird sings.\" --pair \"It is quiet.\"",
        "The labels of a pair:"),
    ]
  ) { arguments, console in
    let text = try textArgument(arguments[text])
    let name = try ModelParameters.required(ModelParameters.classifier, arguments)
    let classifier = try OpenModel.withHead(of: name) {
      try TextClassifier(
        OpenModel.checkpoint(name), precision: arguments[ModelParameters.exactPrecision].precision,
        device: Device(threads: arguments[ModelParameters.threads]))
    }
    classifier.warnings.forEach(console.warn)
    if classifier.classifiesTokens, arguments[second] == nil {
      let tokens = try classifier.classifyTokens(of: text)
      if arguments[StoreParameters.json] {
        let object: JSON = ["tokens": .array(tokens.map(\.json))]
        return try console.result(object.serialized() + "\n")
      }
      let table = TextTable(
        headings: ["token", "label", "score"],
        rows: tokens.map {
          [printable($0.token), printable($0.label.label), formatDecimal(Double($0.label.score), 4)]
        }, rightAligned: [2])
      return try console.result(table.text(console.style))
    }
    let labels = try classifier.classify(text, arguments[second])
    if arguments[StoreParameters.json] {
      let object: JSON = ["labels": .array(labels.map { .object($0.members) })]
      return try console.result(object.serialized() + "\n")
    }
    let table = TextTable(
      headings: ["label", "score", "logit"],
      rows: labels.map {
        [printable($0.label), formatDecimal(Double($0.score), 4), formatDecimal(Double($0.logit), 3)]
      }, rightAligned: [1, 2])
    try console.result(table.text(console.style))
  }
}

extension TextClassifier.Label {
  /// The label for programs.
  fileprivate var members: JSONObject {
    ["label": .string(label), "score": JSON(score), "logit": JSON(logit)]
  }
}

extension TextClassifier.Token {
  /// The token for programs.
  fileprivate var json: JSON {
    var object: JSONObject = [
      "token": .string(token), "start": JSON(scalarRange.lowerBound), "end": JSON(scalarRange.upperBound),
    ]
    for (key, value) in label.members { object[key] = value }
    return .object(object)
  }
}
