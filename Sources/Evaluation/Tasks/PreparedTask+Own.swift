import MartletJSON
import MartletLanguageModels
import MartletPrompting

extension PreparationRequest {
  /// The prompts of one's own questions.
  func prepare(_ own: OwnQuestions) throws(TaskError) -> Outcome {
    var outcome = Outcome()
    let pool = own.questions.indices.filter { own.questions[$0].exampleAnswer != nil }
    var sampler = ExampleSampler(
      pool.map { own.questions[$0].row }, rule: .random, task: task.name, seed: seed)
    var generation = own.generation
    // A text goes on with the next question where nothing says that the answer ends.
    if !isChat, !own.hasOwnStop { generation.until = shots > 0 ? ["\n\n"] : [] }
    for (index, question) in own.questions.prefix(limit ?? .max).enumerated() {
      var turns = PromptTurns()
      let system = question.system ?? own.system ?? ""
      turns.describe(system, delimiter: PlainText.endsWithSpace(system) ? "" : "\n\n")
      for example in try sampler.examples(shots, without: question.row) {
        guard let other = own.questions.first(where: { $0.row.place == example.place }),
          let answer = other.exampleAnswer
        else { continue }
        turns.addExample(
          try own.text(of: other), answer: answer, prefix: nil, targetDelimiter: " ", fewshotDelimiter: "\n\n"
        )
      }
      turns.addQuestion(try own.text(of: question), prefix: nil, targetDelimiter: " ")
      outcome.items.append(item(question, index: index, prompt: prompt(of: turns), generation))
    }
    outcome.recipe = [
      "generation": generation.json, "sampler": "default",
      // Two files of one name are two tasks where their questions differ.
      "questions_sha256": .string(TaskData(["questions": own.questions.map(\.row.object)]).sha256),
    ]
    return outcome
  }

  private func item(
    _ question: OwnQuestion, index: Int, prompt: Prompt, _ generation: GenerationSettings
  ) -> EvaluationItem {
    let asked: ItemPrompt
    let gold: EvaluationItem.Gold
    let expected: String
    switch question.answer {
    case .choice(let choices, let right):
      let letters = OwnQuestions.letters.prefix(choices.count)
      asked = .choices(context: prompt, continuations: letters.map { isChat ? $0 : " " + $0 })
      gold = .choice(right, characters: letters.map { _ in 1 })
      expected = "\(OwnQuestions.letters[right]). \(choices[right])"
    case .text(let expectation):
      asked = .generation(
        prompt, stop: generation.until, maximumTokens: generation.maximumTokens, sampling: generation.sampling
      )
      gold = .expectation(expectation)
      expected = expectation.shown.text
    }
    return EvaluationItem(
      id: question.id ?? String(index + 1), group: nil, document: question.row.object, prompt: asked,
      replyPrefix: nil, expected: expected, gold: gold, place: question.row.place)
  }
}

extension OwnQuestion {
  /// What an example shows as the answer; nil where only a pattern says what is right.
  var exampleAnswer: String? {
    switch answer {
    case .choice(_, let right): OwnQuestions.letters[right]
    case .text(let expectation): expectation.shown.example
    }
  }
}
