import Foundation
import MartletEvaluation
import MartletJSON
import MartletPrompting

/// The file of an experiment, or of a prompt template. Its prompts are made with the variables of the tests.
func readExperiment(_ input: [UInt8]) {
  if let template = try? PromptTemplate(yaml: input, file: "template.yaml") {
    _ = try? template.prompt(["question": "a", "bill": 47.5])
  }
  let folder = URL(filePath: "/nonexistent/")
  guard let experiment = try? Experiment(yaml: input, file: "experiment.yaml", folder: folder) else { return }
  for prompt in experiment.prompts {
    precondition(!Experiment.definition(of: prompt).serialized().isEmpty, "a prompt without a definition")
    for test in experiment.tests.prefix(3) {
      _ = try? prompt.prompt(test.variables, embeddings: { texts in texts.map { _ in [1, 0] } })
    }
  }
}
