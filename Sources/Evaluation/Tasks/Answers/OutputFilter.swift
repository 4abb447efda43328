import MartletPrompting

/// A named run of steps that makes answers of a model's outputs.
struct OutputFilter: Sendable {
  /// What is done with each output.
  enum Step: Sendable {
    /// What a pattern finds: the match of that number (-1 is the last), in it the first group that is not empty.
    case regex(AnswerPattern, select: Int, fallback: String)
    /// The first output alone.
    case takeFirst
    case lowercase
    case uppercase
    /// Without white space at both ends.
    case removeWhitespace
    /// What comes before the first ``` fence.
    case beforeFence
    /// A row's member in front.
    case prepend(TaskTemplate)
  }

  /// The name in results; "none" is left out there.
  let name: String
  let steps: [Step]

  /// What is left of the outputs for a row.
  func apply(to outputs: [String], of row: TaskRow) throws(TaskError) -> [String] {
    var outputs = outputs
    for step in steps {
      if case .takeFirst = step {
        outputs = Array(outputs.prefix(1))
        continue
      }
      var changed: [String] = []
      for output in outputs { changed.append(try step.apply(to: output, of: row)) }
      outputs = changed
    }
    return outputs
  }
}

extension OutputFilter.Step {
  fileprivate func apply(to output: String, of row: TaskRow) throws(TaskError) -> String {
    switch self {
    case .takeFirst: return output
    case .lowercase: return output.lowercased()
    case .uppercase: return output.uppercased()
    case .removeWhitespace: return PlainText.stripped(output)
    case .beforeFence: return PlainText.split(output, at: "```")?.before ?? output
    case .prepend(let member): return try member.string(in: row) + output
    case .regex(let pattern, let select, let fallback):
      let matches = pattern.findAll(in: output)
      guard !matches.isEmpty else { return fallback }
      let index = select < 0 ? matches.count + select : select
      // Python ends with an error for a number that no match has.
      guard matches.indices.contains(index) else { return fallback }
      let groups = matches[index]
      guard groups.count > 1 else { return PlainText.stripped(groups[0]) }
      return groups.first { !$0.isEmpty }.map(PlainText.stripped) ?? fallback
    }
  }
}
