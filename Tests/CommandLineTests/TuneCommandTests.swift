import Foundation
import MartletJSON
import MartletTestScope
import Testing

@Suite("tune", .startsProcesses)
struct TuneCommandTests {
  private let program = MartletProcess()

  /// Calls `body` with a folder that has examples of a rule: each letter is followed by the next.
  private func withExamples<Result>(_ body: (_ data: String, _ run: String) throws -> Result) throws -> Result
  {
    try withTemporaryFolder { folder in
      let letters = Array("abcdefghijklmnopqrstuvwxyz")
      let lines = (0..<24).map { index in
        let text = String((0..<8 + index % 5).map { letters[(index + $0) % 26] })
        return #"{"text": "\#(text)"}"#
      }
      let data = folder.appendingPathComponent("data.jsonl")
      try Data((lines.joined(separator: "\n") + "\n").utf8).write(to: data)
      return try body(data.path, folder.appendingPathComponent("run").path)
    }
  }

  private func objects(_ text: String) throws -> [JSON] {
    try text.split(separator: "\n").map { try JSON(parsing: String($0)) }
  }

  private func losses(_ run: String) throws -> [Double] {
    try objects(String(contentsOfFile: run + "/metrics.jsonl", encoding: .utf8)).filter { $0["loss"] != nil }
      .enumerated().map { index, line in
        #expect(line["step"]?.intValue == index + 1)
        return try #require(line["loss"]?.doubleValue)
      }
  }

  @Test("An object a step, a run in its folder, and what to do next")
  func runs() throws {
    try withExamples { data, run in
      let result = try program.run(
        "tune", TinyFolder.path, "--data", data, "--steps", "10", "--learning-rate", "0.02", "--held-out",
        "0.2",
        "-o", run, "--json")
      #expect(result.status == 0, "\(result.errors)")
      let steps = try objects(result.text)
      #expect(steps.map { $0["step"]?.intValue } == Array(1...10))
      for key in ["loss", "learning_rate", "tokens_per_second", "memory_bytes"] {
        #expect(steps.allSatisfy { $0[key]?.doubleValue != nil }, "\(key)")
      }
      #expect(steps.last?["eval_loss"]?.doubleValue != nil)
      #expect(result.errors.contains("Held-out loss:") && result.errors.contains("--adapter \(run)"))
      #expect(try losses(run) == steps.compactMap { $0["loss"]?.doubleValue })
      for name in ["config.json", "loss.svg", "adapter_config.json", "adapter_model.safetensors"] {
        #expect(FileManager.default.fileExists(atPath: run + "/" + name), "\(name)")
      }
      let again = try program.run("tune", TinyFolder.path, "--data", data, "-o", run)
      #expect(again.status == 64 && again.errors.contains("--resume \(run)"))
      let complete = try program.run("tune", "--resume", run)
      #expect(complete.status == 64 && complete.errors.contains("all 10 steps are done"))
    }
  }

  @Test("A dry run counts without data, and a preview shows examples without training")
  func dryRun() throws {
    let result = try program.run(
      "tune", TinyFolder.path, "--dry-run", "--json", "--lora-r", "4", "--target", "q_proj,v_proj")
    let object = try JSON(parsing: result.text)
    #expect(object["modules"]?.arrayValue?.count == 4 && (object["memory_bytes"]?.intValue ?? 0) > 0)
    let (trainable, total) = (object["trainable"]?.intValue ?? 0, object["total"]?.intValue ?? 0)
    #expect(trainable > 0 && total > trainable)
    try withExamples { data, _ in
      let preview = try program.run("tune", TinyFolder.path, "--data", data, "--preview", "2", "--json")
      let examples = try objects(preview.text)
      #expect(examples.count == 2)
      #expect(examples.allSatisfy { $0["ids"]?.arrayValue?.count == $0["mask"]?.arrayValue?.count })
      #expect(examples[0]["text"]?.stringValue?.contains("abcdefgh") == true)
    }
  }

  @Test("Ctrl-C saves, says how to continue, and ends with 130; the run continues with the same losses")
  func interrupted() throws {
    try withExamples { data, run in
      let arguments = [
        "tune", TinyFolder.path, "--data", data, "--steps", "400", "--learning-rate", "0.01",
        "--lora-dropout",
        "0.1",
      ]
      let whole = try program.run(arguments + ["-o", run + "-whole"])
      #expect(whole.status == 0, "\(whole.errors)")
      let stopped = try program.interrupt(arguments + ["-o", run, "--json"])
      #expect(
        stopped.status == 130 && stopped.errors.contains("martlet tune --resume \(run)"), "\(stopped.errors)")
      let resumed = try program.run("tune", "--resume", run, "--threads", "1")
      #expect(resumed.status == 0 && resumed.errors.contains("Continuing after step"), "\(resumed.errors)")
      #expect(try losses(run) == losses(run + "-whole"))
      #expect(
        try Data(contentsOf: URL(filePath: run + "/adapter_model.safetensors"))
          == Data(contentsOf: URL(filePath: run + "-whole/adapter_model.safetensors")))
    }
  }

  @Test(
    "After SIGKILL at random moments a run continues with the same losses",
    arguments: [TestScope.isSlow ? 20 : 3])
  func killed(times: Int) throws {
    try withExamples { data, run in
      let arguments = [
        "tune", TinyFolder.path, "--data", data, "--steps", "300", "--learning-rate", "0.01", "--save-every",
        "7",
        "--held-out", "0.2", "--eval-every", "11",
      ]
      #expect(try program.run(arguments + ["-o", run + "-whole"]).status == 0)
      var generator = SystemRandomNumberGenerator()
      for round in 0..<times {
        // Each time after so many more lines of the metrics, which any moment of a step may be.
        let lines = (try? losses(run).count) ?? 0
        let more = Int.random(in: 1...max(1, 200 / times), using: &generator)
        let line = round == 0 ? arguments + ["-o", run] : ["tune", "--resume", run]
        let killed = try program.interrupt(line, with: SIGKILL) { _ in
          let text = try? String(contentsOfFile: run + "/metrics.jsonl", encoding: .utf8)
          return (text?.split(separator: "\n").count ?? 0) >= lines + more
        }
        #expect(killed.status == 128 + SIGKILL, "\(killed.errors)")
      }
      let resumed = try program.run("tune", "--resume", run)
      #expect(resumed.status == 0, "\(resumed.errors)")
      #expect(try losses(run) == losses(run + "-whole"))
    }
  }

  @Test("A disk that is full while a checkpoint is saved leaves the one before")
  func fullDisk() throws {
    try withExamples { data, run in
      let arguments = [
        "tune", TinyFolder.path, "--data", data, "--steps", "40", "--learning-rate", "0.01", "--save-every",
        "5",
      ]
      let whole = try program.run(arguments + ["-o", run + "-whole"])
      #expect(whole.status == 0)
      let stopped = try program.interrupt(arguments + ["-o", run, "--json"], with: SIGKILL) { _ in
        FileManager.default.fileExists(atPath: run + "/checkpoints/last.safetensors")
      }
      #expect(stopped.status == 128 + SIGKILL)
      let before = try Data(contentsOf: URL(filePath: run + "/checkpoints/last.safetensors"))
      // Files of half the size are all that fits.
      let limited = MartletProcess(launcher: [
        "/bin/bash", "-c", "ulimit -f \(before.count / 2048); exec \"$@\"", "bash",
      ])
      let failed = try limited.run("tune", "--resume", run)
      #expect(failed.status == 74, "\(failed.errors)")
      #expect(try Data(contentsOf: URL(filePath: run + "/checkpoints/last.safetensors")) == before)
      #expect(try program.run("tune", "--resume", run).status == 0)
      #expect(try losses(run) == losses(run + "-whole"))
    }
  }

  @Test(
    "What cannot be done is said before any training",
    arguments: [
      (["--target", "nothing"], "‘nothing’. The names that exist:"),
      (["--lora-r", "100000"], "too large"),
      (["--qlora"], "Quantize it first: martlet quantize"),
      (["--full", "--lora-r", "4"], "--full trains the model's own weights"),
      (["--freeze", "x"], "--freeze is for --full"),
      (["--epochs", "1", "--steps", "1"], "exclude each other"),
      (["--patience", "1"], "for held-out examples"),
      (["--momentum", "0.5"], "--optimizer sgd"),
    ])
  func refused(options: [String], problem: String) throws {
    try withExamples { data, run in
      let result = try program.run(["tune", TinyFolder.path, "--data", data, "-o", run] + options)
      #expect(result.status == 64 && result.errors.contains(problem), "\(result.errors)")
      #expect(!FileManager.default.fileExists(atPath: run))
    }
  }

  @Test("An empty set, a diverging loss, and options beside --resume")
  func others() throws {
    try withExamples { data, run in
      let empty = data + ".empty.jsonl"
      try Data().write(to: URL(filePath: empty))
      let none = try program.run("tune", TinyFolder.path, "--data", empty, "-o", run)
      #expect(none.status == 65 && !FileManager.default.fileExists(atPath: run), "\(none.errors)")
      let diverged = try program.run(
        "tune", TinyFolder.path, "--data", data, "-o", run, "--steps", "40", "--learning-rate", "1000",
        "--max-grad-norm", "0", "--schedule", "constant", "--weight-decay", "1000")
      #expect(
        diverged.status == 65 && diverged.errors.contains("is not a finite number"), "\(diverged.errors)")
      let other = try program.run("tune", "--resume", run, "--batch-size", "2")
      #expect(other.status == 64 && other.errors.contains("--batch-size cannot change"))
    }
  }

  @Test("All weights train into a model that is measured as any other")
  func full() throws {
    try withExamples { data, run in
      let full = try program.run(
        "tune", TinyFolder.path, "--data", data, "-o", run, "--steps", "3", "--full", "--freeze", "embed")
      #expect(full.status == 0 && full.errors.contains("-m \(run)/model"), "\(full.errors)")
      let text = try program.run("perplexity", "-m", run + "/model", data, "--context", "16")
      #expect(text.status == 0, "\(text.errors)")
    }
  }

  @Test("A quantized base keeps its bits, and training continues from an adapter", .needs(Models.small))
  func quantized() throws {
    try withExamples { data, run in
      let arguments = ["tune", Models.small, "--data", data, "--steps", "1", "--batch-size", "1", "--qlora"]
      let first = try program.run(arguments + ["-o", run])
      #expect(first.status == 0 && first.errors.contains("stay quantized"), "\(first.errors)")
      let second = try program.run(arguments + ["-o", run + "-more", "--from-adapter", run])
      #expect(second.status == 0, "\(second.errors)")
    }
  }
}
