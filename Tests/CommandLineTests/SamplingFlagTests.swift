import Foundation
import MartletJSON
import MartletLanguageModels
import MartletTestScope
import Testing

@testable import MartletCommandLine

/// The tiny model's random weights give tokens nearly equal chances, so that each flag shows.
@Suite("What the sampling options do", .startsProcesses)
struct SamplingFlagTests {
  private func object(_ arguments: [String], count: Int = 24) throws -> JSON {
    let result = try MartletProcess().run(
      ["generate", "-m", TinyFolder.path, "--raw", "--json", "--ignore-eos", "-n", "\(count)"] + arguments
        + ["the swift"])
    try #require(result.status == 0, "\(arguments): \(result.errors)")
    return try JSON(parsing: result.text)
  }

  private func tokens(_ arguments: String..., count: Int = 24) throws -> [Int] {
    try object(arguments, count: count)["token_ids"]?.arrayValue?.compactMap(\.intValue) ?? []
  }

  @Test("Temperature 0 is greedy, and so is every other option that leaves one token")
  func greedy() throws {
    let greedy = try tokens("--temperature", "0")
    #expect(greedy.count == 24)
    for seed in ["1", "2"] {
      let free = ["--temperature", "5", "--seed", seed]
      #expect(try object(free)["token_ids"] != JSON.array(greedy.map { JSON($0) }))
      for option in [["--top-k", "1"], ["--min-p", "1"], ["--top-p", "0.000001"]] {
        let found = try object(free + option)["token_ids"]
        #expect(found == JSON.array(greedy.map { JSON($0) }), "\(option)")
      }
    }
  }

  @Test("--top-k K leaves K tokens to draw from, --top-p and --min-p the fewer the stricter they are")
  func candidates() throws {
    // Beside such biases the logits are lost in rounding to multiples of 16.
    func drawn(_ biases: [String], topK: String, topP: String, minP: String) throws -> Set<Int> {
      let options = biases.flatMap { ["--logit-bias", $0] } + ["--temperature", "32"]
      return try Set(
        (0..<16).compactMap { seed in
          try object(
            options + ["--seed", "\(seed)", "--top-k", topK, "--top-p", topP, "--min-p", minP], count: 1)[
              "token_ids"]?[0]?.intValue
        })
    }
    let equal = ["70=200000000", "71=200000000", "72=200000000"]
    #expect(try drawn(equal, topK: "0", topP: "1", minP: "0") == [70, 71, 72])
    #expect(try drawn(equal, topK: "2", topP: "1", minP: "0") == [70, 71])
    #expect(try drawn(equal, topK: "0", topP: "0.5", minP: "0") == [70, 71])
    #expect(try drawn(equal, topK: "0", topP: "0.3", minP: "0") == [70])
    #expect(try drawn(equal, topK: "0", topP: "1", minP: "1") == [70, 71, 72])
    // e^-16 times as probable as the first, which is 0.6 times at this temperature.
    let unequal = ["70=200000000", "71=199999984"]
    #expect(try drawn(unequal, topK: "0", topP: "1", minP: "0.0000001") == [70, 71])
    #expect(try drawn(unequal, topK: "0", topP: "1", minP: "0.01") == [70])
  }

  /// Greedy, with two tokens far ahead of all others: what the penalties make of them.
  private func alternation(_ options: String...) throws -> String {
    let ids = try object(
      ["--temperature", "0", "--logit-bias", "70=1000", "--logit-bias", "71=990"] + options, count: 6)[
        "token_ids"]
    return (ids?.arrayValue ?? []).map { $0 == 70 ? "c" : $0 == 71 ? "d" : "?" }.joined()
  }

  @Test("The penalties hold back what was said: once, or for every time, or in the window only")
  func penalties() throws {
    #expect(try alternation() == "cccccc")
    #expect(try alternation("--presence-penalty", "50") == "cdcccc")
    #expect(try alternation("--frequency-penalty", "50") == "cdcdcd")
    #expect(try alternation("--repetition-penalty", "1.5") == "cdcccc")
    #expect(try alternation("--presence-penalty", "50", "--penalty-window", "1") == "cdcdcd")
    #expect(try alternation("--presence-penalty", "50", "--penalty-window", "0") == "cccccc")
    #expect(try alternation("--presence-penalty", "-50") == "cccccc")
  }

  @Test("A presence penalty that is large enough bans all repetition, of the prompt too")
  func noRepetition() throws {
    let ids = try tokens(
      "--temperature", "0", "--presence-penalty", "100", "--penalty-window", "-1", count: 60)
    #expect(ids.count == 60 && Set(ids).count == 60)
    // "<s>" and "the swift".
    #expect(Set(ids).isDisjoint(with: [1, 99, 3, 86, 90, 76, 73, 87]))
    let free = try tokens("--temperature", "0", count: 60)
    #expect(Set(free).count < 60)
  }

  @Test("A logit bias forces a token or bans it")
  func bias() throws {
    let greedy = try tokens("--temperature", "0")
    #expect(try tokens("--logit-bias", "70=1000") == Array(repeating: 70, count: 24))
    let banned = try tokens("--temperature", "0", "--logit-bias", "\(greedy[0])=-inf")
    #expect(!banned.contains(greedy[0]) && banned.count == 24)
  }

  @Test("One seed gives one text, another seed another, and none a new one each time")
  func seeds() throws {
    let first = try tokens("--seed", "1")
    #expect(try tokens("--seed", "1") == first)
    #expect(try tokens("--seed", "2") != first)
    #expect(try tokens() != tokens())
  }

  @Test("Of several stop texts the one that comes first ends the text, and none of it is printed")
  func stops() throws {
    let options = ["--seed", "3"]
    let whole = try #require(object(options, count: 60)["text"]?.stringValue)
    let characters = Array(whole)
    try #require(characters.count > 12)
    let (early, late) = (String(characters[4...5]), String(characters[9...11]))
    let stopped = try object(
      options + ["--stop", late, "--stop", early, "--stop", "no such text"], count: 60)
    let text = try #require(stopped["text"]?.stringValue)
    let starts = [early, late].compactMap { whole.range(of: $0)?.lowerBound }
    let end = try #require(starts.min())
    #expect(text == String(whole[..<end]) && stopped["finish_reason"] == "stop")
    #expect(try object(options + ["--stop", "no such text"], count: 60)["text"]?.stringValue == whole)
  }

  @Test(
    "What the help says of an option where the model states nothing is what is done: llama.cpp's defaults")
  func defaults() throws {
    let options = SamplingOptions()
    #expect(
      options.parameters(from: Arguments(), over: SamplingParameters()) == SamplingParameters())
    let documented = SamplingParameters()
    #expect(documented.temperature == 0.8 && documented.topK == 40 && documented.topP == 0.95)
    #expect(documented.minP == 0.05 && documented.repetitionPenalty == 1 && documented.penaltyWindow == 64)
    #expect(documented.presencePenalty == 0 && documented.frequencyPenalty == 0)
    #expect(documented.logitBias.isEmpty && documented.seed == nil)
    let spelled = [
      "--temperature", "0.8", "--top-k", "40", "--top-p", "0.95", "--min-p", "0.05", "--repetition-penalty",
      "1", "--presence-penalty", "0", "--frequency-penalty", "0", "--penalty-window", "64",
    ]
    for seed in ["1", "2", "3"] {
      let bare = try object(["--seed", seed])["token_ids"]
      #expect(try object(["--seed", seed] + spelled)["token_ids"] == bare)
    }
    let help = try MartletProcess().run("generate", "--help").text.split(whereSeparator: \.isWhitespace)
      .joined(separator: " ")
    for index in stride(from: 0, to: spelled.count, by: 2) {
      let behind = help.components(separatedBy: spelled[index] + " ").dropFirst().first ?? ""
      let value = behind.components(separatedBy: "Default: ").dropFirst().first ?? ""
      let own =
        ["--presence-penalty", "--frequency-penalty"].contains(spelled[index]) ? "" : "the model's own, else "
      #expect(value.hasPrefix(own + spelled[index + 1] + ". "), "\(spelled[index])")
    }
  }
}
