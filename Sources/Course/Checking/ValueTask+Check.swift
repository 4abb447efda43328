import MartletJSON

extension ValueTask {
  /// Compares what a learner states with the evidence.
  ///
  /// The cheap comes first: what is missing, then what the evidence must be, then each value.
  func check(_ given: [String: String], evidence: Evidence) throws(CourseError) -> Verdict {
    let known = Set(fields.map(\.name))
    if let unknown = given.keys.sorted().first(where: { !known.contains($0) }) {
      return .refused(
        "The answer has no value ‘\(unknown)’. It has \(fields.map { "‘\($0.name)’" }.joined(separator: ", "))."
      )
    }
    var values: [String: JSON] = [:]
    for field in fields {
      guard let text = given[field.name], !text.trimmed.isEmpty else {
        return .refused("‘\(field.name)’ is missing: \(field.question)")
      }
      do throws(CourseError) {
        values[field.name] = try AnswerValue.read(text, as: field.type)
      } catch {
        return .refused("‘\(field.name)’: \(error) \(field.question)")
      }
    }
    for field in fields where field.isPredicted && evidence.prediction[field.name] == nil {
      return .refused("Predict first: ‘martlet learn predict’ asks ‘\(field.question)’")
    }
    var context: [String: JSON]
    switch self.context(evidence, answer: values) {
    case .missing(let message): return .refused(message)
    case .found(let found): context = found
    }
    for requirement in requirements {
      guard holds(requirement.check, context) else { return .refused(requirement.message) }
    }
    for field in fields {
      context["given"] = values[field.name]
      if let message = try field.fault(values[field.name] ?? .null, context) { return .refused(message) }
    }
    let surprises = fields.filter { field in
      guard field.isPredicted, let before = evidence.prediction[field.name], let now = values[field.name]
      else {
        return false
      }
      return !AnswerValue.matches(before, now, type: field.type, tolerance: field.tolerance)
    }
    guard fields.contains(where: \.isPredicted) else { return .passed("Right.") }
    if surprises.isEmpty { return .passed("Right, and as you predicted.") }
    let differences = surprises.map { field in
      "\(field.name): you predicted \(AnswerValue.text(of: evidence.prediction[field.name] ?? .null)), "
        + "it is \(AnswerValue.text(of: values[field.name] ?? .null))"
    }
    return .passed("Right. Your prediction was another; " + differences.joined(separator: "; ") + ".")
  }

  private enum Found {
    case found([String: JSON])
    case missing(String)
  }

  private func context(_ evidence: Evidence, answer: [String: JSON]) -> Found {
    var recorded = JSONObject()
    for pattern in runs {
      guard let run = evidence.runs.last(where: pattern.matches) else {
        let says = pattern.says.isEmpty ? "" : " (\(pattern.says))"
        return .missing("The evidence is missing: record the command first, ‘\(pattern.line) …’\(says).")
      }
      recorded[pattern.name] = pattern.value(run)
    }
    var texts = JSONObject()
    for file in files {
      guard let text = evidence.files[file.path] else {
        return .missing("The evidence is missing: the file \(file.path) in the exercise's folder.")
      }
      texts[file.name] = JSON(parsingLinesOrValue: text) ?? .string(text)
    }
    return .found([
      "runs": .object(recorded), "files": .object(texts),
      "answer": .object(JSONObject(answer.map { ($0, $1) })),
      "prediction": .object(JSONObject(evidence.prediction.map { ($0, $1) })),
    ])
  }

  /// Whether an expression is true. One that cannot be computed, since the evidence is of another form, is not.
  private func holds(_ check: Expression, _ context: [String: JSON]) -> Bool {
    (try? check.value(context).isTruthy) ?? false
  }
}

extension AnswerField {
  /// What to say of a wrong value; nil for a right one.
  fileprivate func fault(_ given: JSON, _ context: [String: JSON]) throws(CourseError) -> String? {
    let isRight: Bool
    switch expectation {
    case .check(let check): isRight = (try? check.value(context).isTruthy) ?? false
    case .value(let expression, let measure):
      // Evidence of another form than the lesson means gives no value, and then nothing is right.
      var expected = try? expression.value(context)
      if let measure { expected = expected.flatMap(measure.value) }
      guard let expected, !expected.isNull else {
        return "‘\(name)’ cannot be found in what was recorded. Look at the command again: \(message)"
      }
      isRight = AnswerValue.matches(given, expected, type: type, tolerance: tolerance)
    }
    if isRight { return nil }
    for wrong in wrong where (try? wrong.when.value(context).isTruthy) ?? false {
      return "\(name): \(wrong.message)"
    }
    return "\(name): \(AnswerValue.text(of: given)) is not what was recorded. \(message)"
  }
}
