import MartletJSON
import MartletLanguageModels

/// What a task's file says, in the vocabulary of lm-evaluation-harness.
struct TaskDefinition: Sendable {
  /// Where the continuations of a multiple-choice question come from.
  enum Choices: Sendable {
    case fixed([String])
    case template(TaskTemplate)
  }

  /// Where the right answer comes from.
  enum Target: Sendable {
    case index(Int)
    case template(TaskTemplate)
  }

  /// How the examples in a prompt are chosen.
  struct Examples: Sendable {
    enum Sampler: String, Sendable, CaseIterable {
      /// Drawn at random, by Python's `random.sample`.
      case random = "default"
      /// The first ones, in order.
      case first = "first_n"
    }
    var sampler = Sampler.random
    /// The values of a member that rows must have, in this order: examples that a task names.
    var selection: (member: String, values: [JSON])?
    /// Set to true in each example, so that a template can ask whether it renders one.
    var mark: String?
  }

  /// How rows belong to groups that are scored apart.
  struct Groups: Sendable {
    let member: String
    /// The groups of each category, in the order of the file.
    let categories: [(name: String, groups: [String])]
  }

  var outputType: EvaluationTask.OutputType
  var dataset: EvaluationTask.Dataset
  var trainingSplit: String?
  var validationSplit: String?
  var testSplit: String?
  var fewshotSplit: String?
  var description: TaskTemplate?
  var text: TaskTemplate
  var choices: Choices?
  var target: Target
  /// What the reply begins with, and the model goes on from.
  var prefix: TaskTemplate?
  var targetDelimiter: String
  var fewshotDelimiter: String
  /// Nil where the file gives no number, so that there are none unless asked for.
  var fewshotCount: Int?
  var examples: Examples
  var generation: GenerationSettings
  var repeats: Int
  var filters: [OutputFilter]
  var metrics: [TaskMetric]
  var forms: [RowForm]
  var groups: Groups?

  /// The split whose rows are questions.
  var evaluatedSplit: String? { testSplit ?? validationSplit }

  /// Whether a row is left out of its own examples. lm-evaluation-harness draws one example more and drops the row
  /// wherever the two names are equal, also where neither is given.
  var excludesOwnRow: Bool { fewshotSplit == testSplit }
}

/// How a reply is generated.
struct GenerationSettings: Sendable, Equatable {
  /// What ends the reply.
  var until: [String]
  /// lm-evaluation-harness's own number where a task gives none.
  var maximumTokens = 256
  var sampling = SamplingParameters.greedy

  /// The settings as a run's recipe tells them.
  var json: JSON {
    [
      "until": .array(until.map { .string($0) }), "max_gen_toks": JSON(maximumTokens),
      "temperature": JSON(sampling.temperature), "top_p": JSON(sampling.topP),
    ]
  }
}

/// What a task's replies are scored by.
enum TaskMetric: Sendable {
  /// The most probable choice is the right one.
  case accuracy
  /// The same, with each log-likelihood divided by the characters of its choice.
  case normalizedAccuracy
  /// The share of the true choices in the probability of all. The name is `acc`, as lm-evaluation-harness has it.
  case trueProbability(labels: TaskTemplate)
  /// The extracted answer is the reference's.
  case exactMatch(ExactMatch)
  /// The program that the reply makes passes its tests, in the best of k tries.
  case passAtK([Int])
  /// The program that the first reply makes passes its tests.
  case passAtOne
}
