import Foundation
import MartletEvaluation
import Synchronization

/// A run that is kept item by item, and goes on where it was stopped.
struct KeptRun {
  let recipe: RunRecipe
  /// What the progress bar says.
  let title: String
  let itemCount: Int
  let store: RunStore
  let console: Console
  /// What warnings begin with, where there are several runs to warn of.
  var warningPrefix = ""

  /// What came of it.
  struct Finished {
    let run: EvaluationRun
    let records: [ItemRecord]
    let warnings: [String]
  }

  /// - Parameters:
  ///   - isFresh: Whether to begin a new run, even where one of the same recipe was stopped.
  ///   - scores: The scores of all results.
  ///   - work: Gives the results of the items that are not done yet, as they come.
  func perform(
    isFresh: Bool, scores: ([ItemResult]) -> [String: ScoreSummary],
    _ work: (_ done: Set<Int>, _ tell: @Sendable (Evaluator.Event) throws -> Void) async throws -> Void
  ) async throws -> Finished {
    let known = isFresh ? nil : try store.unfinished(like: recipe, itemCount: itemCount)
    let run = try known ?? store.begin(recipe, itemCount: itemCount)
    let done = Set(try store.records(of: run.id).map(\.position))
    if !done.isEmpty {
      console.note("Run \(run.id) goes on: \(done.count) of \(itemCount) items are done.\n")
    }
    let bar = ProgressBar(title, unit: .count("items"), total: itemCount, console: console)
    let progress = Mutex((count: done.count, warnings: [String]()))
    let (store, itemCount) = (store, itemCount)
    do {
      try await work(done) { event in
        switch event {
        case .results(let results, let seconds):
          try store.append(results, to: run.id, seconds: seconds)
          let count = progress.withLock { progress in
            progress.count += results.count
            return progress.count
          }
          bar.update(done: count, total: itemCount)
        case .warning(let warning):
          progress.withLock { if !$0.warnings.contains(warning) { $0.warnings.append(warning) } }
        }
      }
    } catch is CancellationError {
      bar.finish()
      console.note("Stopped. The same command goes on with run \(run.id).\n")
      throw CancellationError()
    }
    bar.finish()
    let records = try store.records(of: run.id)
    let results = records.map(\.result)
    let warnings = progress.withLock { $0.warnings } + RunWarnings.texts(of: results)
    for warning in warnings { console.warn(warningPrefix + warning) }
    try store.finish(run.id, scores: scores(results))
    return Finished(run: try store.run(run.id), records: records, warnings: warnings)
  }
}
