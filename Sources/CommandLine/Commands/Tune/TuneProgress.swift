import MartletFineTuning
import Synchronization

/// What `tune` says while it trains: a line that is redrawn on a terminal and every ten seconds elsewhere, or an object a
/// step.
final class TuneProgress: Sendable {
  private struct State {
    var firstStep: Int
    var start = ContinuousClock.now
    var lastSaid = ContinuousClock.now
    var stepTimes: [Double] = []
  }

  private let console: Console
  private let steps: Int
  private let printsJSON: Bool
  private let state: Mutex<State>

  init(firstStep: Int, steps: Int, printsJSON: Bool, _ console: Console) {
    (self.console, self.steps, self.printsJSON) = (console, steps, printsJSON)
    state = Mutex(State(firstStep: firstStep))
  }

  /// Says what is about to be done.
  func begin(_ trainer: Trainer, examples: TrainingDataReport) {
    let weights = trainer.weights
    console.note(
      """
      \(count(trainer.examples.count, "example")), \(examples.tokens) tokens; \(count(trainer.totalSteps, "step")). \
      \(weights.trainableCount) of \(weights.totalCount) parameters train.

      """)
  }

  /// Tells of an event.
  func report(_ event: TrainingRun.Event) throws {
    switch event {
    case .saved: break
    case .start(let evaluation):
      console.note("Held-out loss \(loss(evaluation.loss)) before the first step.\n")
    case .step(let step, let evaluation):
      if printsJSON {
        try console.result(step.json(evaluation).serialized() + "\n")
        try console.flush()
      }
      say(step)
      if let evaluation {
        console.note("Held-out loss \(loss(evaluation.loss)) after step \(evaluation.step).\n")
      }
    }
  }

  /// Removes the line.
  func end() { console.setStatus("") }

  private func say(_ step: StepReport) {
    let text: String? = state.withLock { state in
      state.stepTimes.append(step.seconds)
      if state.stepTimes.count > 20 { state.stepTimes.removeFirst() }
      let mean = state.stepTimes.reduce(0, +) / Double(state.stepTimes.count)
      let isDue =
        step.step == state.firstStep + 1 || step.step == steps || .now - state.lastSaid > .seconds(10)
      guard console.canRedraw || isDue && !printsJSON else { return nil }
      state.lastSaid = .now
      return line(step, secondsLeft: mean * Double(steps - step.step))
    }
    guard let text else { return }
    if console.canRedraw {
      console.setStatus(String(text.prefix(columns: max(10, console.noteWidth - 1))))
    } else {
      console.note(text + "\n")
    }
  }

  private func line(_ step: StepReport, secondsLeft: Double) -> String {
    let rate = formatDecimal(step.tokensPerSecond, step.tokensPerSecond < 100 ? 1 : 0)
    return "step \(step.step)/\(steps)  loss \(loss(step.loss))  \(rate) tokens/s  "
      + (step.step < steps ? "\(formatDuration(secondsLeft)) left  " : "") + formatBytes(step.memoryBytes)
  }

  private func loss(_ value: Double) -> String { formatDecimal(value, 4) }
}
