import MartletJSON

/// One exercise of the course: a lesson, and what it asks for.
public struct Exercise: Sendable {
  /// What commands call it: the folder's name without its number.
  public let id: String
  /// The skill's id.
  public let skill: String
  /// The folder within the course.
  public let folder: String
  /// The title, in a few words.
  public let title: String
  /// The day within the skill, from 1 to 12.
  public let dayOfSkill: Int
  /// The day of the course, from 1 to 72.
  public let day: Int
  /// What is to be done.
  public let kind: Kind
  /// What one learns.
  public let learn: String
  /// Why it matters.
  public let why: String
  /// The key insight, shown after passing.
  public let insight: String
  /// From a question to a nearly whole idea.
  public let hints: [String]
  /// A formula in words, notation and numbers.
  public let formula: Formula?
  /// Models of the catalogue that it uses.
  public let models: [String]
  /// The practice project that it belongs to, and the number of the milestone.
  public let milestone: Milestone?
  /// Further reading by name.
  public let reading: [String]
  /// What is asked and how it is checked.
  public let task: Task
  /// The lesson, in Markdown.
  public let text: String

  /// The five kinds of exercises.
  public enum Kind: String, Sendable, CaseIterable {
    /// Commit to an expectation, then run.
    case predict
    /// Run commands on one's own data and state findings.
    case experiment
    /// Write a program.
    case code
    /// Explain in one's own words.
    case explain
    /// A milestone of a project.
    case build
  }

  /// A formula said three times.
  public struct Formula: Sendable, Equatable {
    /// In words.
    public let words: String
    /// In the notation of the field.
    public let notation: String
    /// Worked with numbers.
    public let numbers: String
  }

  /// A milestone of a practice project.
  public struct Milestone: Sendable, Equatable {
    /// The project's id.
    public let project: String
    /// From 1.
    public let number: Int
  }

  /// What is asked.
  public enum Task: Sendable {
    /// Values with their evidence.
    case values(ValueTask)
    /// A program.
    case program(ProgramTask)
    /// A text.
    case explanation(ExplanationTask)
  }

  /// The task if it asks for values.
  public var valueTask: ValueTask? { if case .values(let task) = task { task } else { nil } }
  /// The task if it asks for a program.
  public var programTask: ProgramTask? { if case .program(let task) = task { task } else { nil } }
  /// The task if it asks for an explanation.
  public var explanationTask: ExplanationTask? { if case .explanation(let task) = task { task } else { nil } }
}

/// Values that a learner states, and the evidence that they are compared with.
public struct ValueTask: Sendable {
  /// The commands that are the evidence.
  public let runs: [RunPattern]
  /// Files of the learner's that are evidence.
  public let files: [EvidenceFile]
  /// What must hold of the evidence.
  public let requirements: [Requirement]
  /// What is stated.
  public let fields: [AnswerField]

  /// Which recorded command is meant.
  public struct RunPattern: Sendable {
    /// How expressions call it.
    public let name: String
    /// The command's first words, such as `db query`.
    public let command: [String]
    /// Words that must be among the rest.
    public let contains: [String]
    /// Words that must not be among the rest.
    public let without: [String]
    /// For the learner: what to run it on.
    public let says: String
  }

  /// A file in the exercise's folder.
  public struct EvidenceFile: Sendable {
    /// How expressions call it.
    public let name: String
    /// Its path in the exercise's folder.
    public let path: String
  }

  /// An expression that must be true of the evidence.
  public struct Requirement: Sendable {
    let check: Expression
    /// What to say if it is not.
    public let message: String
  }
}

/// One value that a learner states.
public struct AnswerField: Sendable {
  /// How answers call it.
  public let name: String
  /// What is asked.
  public let question: String
  /// How a text becomes a value.
  public let type: AnswerType
  /// Whether it is asked before the commands are run, too.
  public let isPredicted: Bool
  let expectation: Expectation
  /// How far from the right number a number may be.
  public let tolerance: Double
  let wrong: [Wrong]
  /// What to say of a wrong value.
  public let message: String

  enum Expectation: Sendable {
    /// The value of an expression, through a measure if one is named.
    case value(Expression, Measure?)
    /// Any value of which this is true.
    case check(Expression)
  }

  struct Wrong: Sendable {
    let when: Expression
    let message: String
  }
}

/// How a learner's text becomes a value.
public enum AnswerType: String, Sendable, CaseIterable {
  /// A number.
  case number
  /// A whole number.
  case integer
  /// A text, compared without case, outer spaces and final punctuation.
  case text
  /// A set of texts, separated by commas or spaces.
  case words
  /// Texts in order, separated by commas or spaces.
  case list
  /// Yes or no.
  case boolean
}

/// A program that a learner writes.
public struct ProgramTask: Sendable {
  /// What it is compared with.
  public let oracle: Oracle
  /// How far numbers may be off, absolute and relative.
  public let tolerance: Double
  /// How long it may run, in seconds.
  public let seconds: Double
  /// What a line of input looks like.
  public let input: String
  /// What a line of output looks like.
  public let output: String
  /// Inputs with their outputs that the learner sees.
  public let examples: [(input: JSON, output: JSON)]
}

/// A text that a learner writes.
public struct ExplanationTask: Sendable {
  /// What the text has to say.
  public let rubric: [Point]
  /// The fewest words.
  public let minimumWords: Int

  /// Something that the text has to say.
  public struct Point: Sendable {
    /// The point, a sentence.
    public let point: String
    /// The question that it answers, for a learner whose text lacks it.
    public let question: String
    /// Regular expressions, one of which must match.
    public let mentions: [String]
  }
}
