import MartletJSON

extension ExperimentReport {
  /// The report for programs: `experiment`, `rows`, `comparisons`, `tests`.
  public var json: JSON {
    [
      "experiment": .string(name), "rows": .array(rows.map(\.json)),
      "comparisons": .array(comparisons.map { json(of: $0) }),
      "tests": .array(
        tests.map { test in
          [
            "id": .string(test.id), "question": .string(test.question), "expected": .string(test.expected),
            "results": .array(
              zip(rows, test.results).compactMap { row, result in
                guard var object = result?.json.objectValue else { return nil }
                for member in ["id", "expected"] { object[member] = nil }
                return .object(["run": JSON(row.run.id)] + object)
              }),
          ]
        }),
    ]
  }

  private func json(of comparison: Comparison) -> JSON {
    let (best, other) = (rows[comparison.best], rows[comparison.other])
    let values = comparison.comparison
    return [
      "best": JSON(best.run.id), "other": JSON(other.run.id), "n": JSON(values.count),
      "difference": JSON(values.difference.difference), "low": JSON(values.difference.interval.low),
      "high": JSON(values.difference.interval.high), "p_value": JSON(values.pValue),
      "test": .string(values.mcNemar == nil ? "paired bootstrap" : "McNemar's exact test"),
      "significant": .bool(values.isSignificant),
    ]
  }

  /// One line for each output as CSV (RFC 4180), with a line of names first.
  public var csv: String {
    var lines = [
      [
        "run", "prompt", "model", "test", "question", "expected", "repeat", "passed", "answer", "output",
        "prompt_tokens", "completion_tokens", "seconds", "cost",
      ]
    ]
    let tests = tests
    for (index, row) in rows.enumerated() {
      for test in tests {
        guard let result = test.results[index] else { continue }
        let outputs = result.outputs ?? []
        for (number, output) in outputs.enumerated() {
          let passed = result.checks.flatMap {
            $0.indices.contains(number) ? $0[number].allSatisfy(\.holds) : nil
          }
          let usage = result.usage
          // What was counted is for all repeats together.
          func share(_ value: Double?) -> String {
            value.map { JSON($0 / Double(outputs.count)).serialized() } ?? ""
          }
          lines.append([
            "\(row.run.id)", row.prompt, row.model, test.id, test.question, test.expected, "\(number + 1)",
            passed.map { $0 ? "true" : "false" } ?? "", number == 0 ? result.extracted?["answer"] ?? "" : "",
            output, share(usage.map { Double($0.promptTokens) }),
            share(usage.map { Double($0.completionTokens) }), share(usage?.seconds), share(usage?.cost),
          ])
        }
      }
    }
    return lines.map { $0.map(Self.quoted).joined(separator: ",") + "\r\n" }.joined()
  }

  private static func quoted(_ cell: String) -> String {
    let needsQuotes = cell.utf8.contains { [0x22, 0x2C, 0x0A, 0x0D].contains($0) }
    return needsQuotes ? "\"" + cell.replacing("\"", with: "\"\"") + "\"" : cell
  }
}

extension ExperimentReport.Row {
  /// The row for programs.
  public var json: JSON {
    [
      "run": JSON(run.id), "prompt": .string(prompt), "model": .string(model), "best": .bool(isBest),
      "tests": JSON(records.count), "accuracy": JSON(accuracy), "low": JSON(interval.low),
      "high": JSON(interval.high),
      "scores": .object(JSONObject(scores.map { ($0.name, JSON($0.value)) })),
      "repeats": repeats.map {
        [
          "means": .array($0.means.map { JSON($0) }), "mean": JSON($0.mean),
          "sd": JSON($0.standardDeviation),
        ]
      } ?? .null,
      "prompt_tokens": JSON(promptTokens), "completion_tokens": JSON(completionTokens),
      "seconds": JSON(seconds), "latency": JSON(latency), "cost": usage.cost.map { JSON($0) } ?? .null,
      "replayed": JSON(usage.replayed), "warnings": .array(warnings.map { .string($0) }),
    ]
  }
}

extension RunComparison {
  /// The probability of such a difference by chance: McNemar's exact p where items are right or wrong, else the paired
  /// bootstrap's.
  public var pValue: Double { mcNemar?.exactPValue ?? difference.pValue }
}

private func + (a: JSONObject, b: JSONObject) -> JSONObject {
  var joined = a
  for (name, value) in b { joined[name] = value }
  return joined
}
