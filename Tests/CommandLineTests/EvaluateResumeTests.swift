import Foundation
import MartletJSON
import MartletTestScope
import Testing

/// Runs that are stopped in the middle.
@Suite("eval run, stopped", .startsProcesses)
struct EvaluateResumeTests {
  /// Outputs of some tokens, so that there is a middle to stop in.
  private static let count = 1500

  private func itemsAndScores(_ json: JSON) -> [String] {
    [json["items"]?.serialized() ?? "", json["scores"]?.serialized() ?? ""]
  }

  @Test(
    "Ctrl-C ends a run; the same command goes on, does nothing twice, and has the same scores")
  func interrupted() throws {
    try withEvaluatePlace { place in
      let file = try place.write("many.yaml", EvaluatePlace.texts(Self.count, maximumTokens: 40))
      let whole = try place.measure(file)
      let arguments = ["eval", "run", file, "-m", TinyFolder.path, "--json"]
      let first = try place.program.interrupt(arguments) { _ in place.keptResults(ofRun: 2) > 0 }
      #expect(first.status == 130 && first.output.isEmpty, "\(first.errors)")
      #expect(first.errors.contains("The same command goes on with run 2."))
      let kept = place.keptResults(ofRun: 2)
      #expect(kept > 0 && kept < Self.count)
      let second = try place.program.run(arguments)
      #expect(
        second.errors.contains("Run 2 goes on: \(kept) of \(Self.count) items are done."), "\(second.errors)")
      let json = try JSON(parsing: second.text)
      #expect(json["run"] == 2 && itemsAndScores(json) == itemsAndScores(whole))
      // Finished runs are not gone on with, nor are those of other questions under the same name.
      #expect(try place.measure(file, "--limit", "2")["run"] == 3)
      #expect(try place.measure(file, "--limit", "2")["run"] == 4)
    }
  }

  @Test("After SIGKILL all finished items are there, and the run goes on from them")
  func killed() throws {
    try withEvaluatePlace { place in
      let file = try place.write("many.yaml", EvaluatePlace.texts(Self.count, maximumTokens: 40))
      let arguments = ["eval", "run", file, "-m", TinyFolder.path, "--json"]
      let killed = try place.program.interrupt(arguments, with: SIGKILL) { _ in place.keptResults() > 20 }
      #expect(killed.status == 128 + SIGKILL && killed.output.isEmpty)
      let kept = place.keptResults()
      let list = try place.object("list")
      #expect(list["runs"]?[0]?["results"]?.intValue == kept && list["runs"]?[0]?["finished"]?.isNull == true)
      let shown = try place.run("show", "1")
      #expect(shown.status == 0 && words(of: shown.text).contains("\(kept) of \(Self.count), not finished"))
      let second = try place.program.run(arguments)
      #expect(second.status == 0 && second.errors.contains("goes on: \(kept) of"), "\(second.errors)")
      let whole = try place.measure(file, "--fresh")
      let resumed = try JSON(parsing: second.text)
      #expect(whole["run"] == 2 && itemsAndScores(whole) == itemsAndScores(resumed))
    }
  }

  @Test("A stopped run is not gone on with once its questions have changed")
  func changedQuestions() throws {
    try withEvaluatePlace { place in
      let text = EvaluatePlace.texts(Self.count, maximumTokens: 40)
      let file = try place.write("many.yaml", text)
      let arguments = ["eval", "run", file, "-m", TinyFolder.path]
      _ = try place.program.interrupt(arguments, with: SIGKILL) { _ in place.keptResults() > 0 }
      try place.write("many.yaml", text.replacing("What is 7 + 1?", with: "What is 7 + 2?"))
      _ = try place.program.interrupt(arguments, with: SIGKILL) { _ in place.keptResults(ofRun: 2) > 0 }
      #expect(try place.object("list")["runs"]?.arrayValue?.count == 2)
    }
  }
}
