import MartletJSON

/// What a step of training did.
public struct StepReport: Sendable, Equatable {
  /// The number of the step, from 1 on.
  public let step: Int
  /// How often the examples were gone through, with this step.
  public let epoch: Double
  /// The mean of -log p over the tokens that count, before the step.
  public let loss: Double
  /// The learning rate of the step.
  public let learningRate: Double
  /// The norm of all gradients together, before they were clipped.
  public let gradientNorm: Double
  /// The tokens that went through the model.
  public let tokens: Int
  /// Those of them that the loss counts.
  public let countedTokens: Int
  /// How long the step took.
  public let seconds: Double
  /// The most memory that the process has had so far, in bytes.
  public let memoryBytes: Int

  /// The tokens that went through the model in a second.
  public var tokensPerSecond: Double { seconds > 0 ? Double(tokens) / seconds : 0 }

  /// The report as a line of `metrics.jsonl`.
  /// - Parameter evaluation: What was measured after the step; nil for nothing.
  public func json(_ evaluation: EvaluationReport? = nil) -> JSON {
    var members: JSONObject = [
      "step": JSON(step), "epoch": JSON(epoch), "loss": JSON(loss), "learning_rate": JSON(learningRate),
      "gradient_norm": JSON(gradientNorm), "tokens": JSON(tokens), "counted_tokens": JSON(countedTokens),
      "tokens_per_second": JSON(tokensPerSecond), "memory_bytes": JSON(memoryBytes),
    ]
    if let evaluation {
      members["eval_loss"] = JSON(evaluation.loss)
      members["eval_tokens"] = JSON(evaluation.countedTokens)
    }
    return .object(members)
  }
}

/// How well a model predicts examples that it does not learn from.
public struct EvaluationReport: Sendable, Equatable {
  /// The number of steps taken before.
  public let step: Int
  /// The mean of -log p over the tokens that count.
  public let loss: Double
  /// The tokens that count.
  public let countedTokens: Int

  /// The report as a line of `metrics.jsonl`.
  public var json: JSON { ["step": JSON(step), "eval_loss": JSON(loss), "eval_tokens": JSON(countedTokens)] }
}
