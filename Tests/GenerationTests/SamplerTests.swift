import Foundation
import MartletLanguageModels
import MartletTensors
import Testing

@testable import MartletGeneration

@Suite("The sampler draws as llama.cpp does")
struct SamplerTests {
  private let device: Device

  init() throws { device = try Device(threads: 1) }

  private func draw(
    _ logits: [Float], _ parameters: SamplingParameters, history: [Int32] = []
  ) throws -> Int32 {
    var sampler = try Sampler(parameters, history: history)
    return try sampler.sample(Tensor(logits, rows: 1, columns: logits.count, device: device), row: 0)
  }

  /// Logits with many ties.
  private func logits(_ count: Int, _ random: inout RandomNumbers) -> [Float] {
    (0..<count).map { _ in Float((random.uniform() * 60 - 30).rounded()) / 4 }
  }

  private func parameters(_ random: inout RandomNumbers, vocabulary: Int) -> SamplingParameters {
    func pick<T>(_ values: [T]) -> T { values[Int(random.uniform() * Double(values.count))] }
    var bias: [Int32: Float] = [:]
    for _ in 0..<pick([0, 0, 3]) {
      bias[Int32(random.uniform() * Double(vocabulary))] = pick([-5, 2.5, -.infinity])
    }
    return SamplingParameters(
      temperature: pick([0.3, 0.8, 1.5]), topK: pick([0, 1, 5, 40, 10_000]),
      topP: pick([1, 0.95, 0.5, 0.01]),
      minP: pick([0, 0.05, 0.4, 1]), repetitionPenalty: pick([1, 1.3, 0.8]),
      presencePenalty: pick([0, 0.7, -0.4]), frequencyPenalty: pick([0, 0.4]),
      penaltyWindow: pick([-1, 0, 1, 8, 64]), logitBias: bias, seed: UInt64(random.uniform() * 1e6))
  }

  /// What llama.cpp's chain leaves of the vocabulary, written as plainly as can be: each token's probability.
  private func oracle(
    _ logits: [Float], _ parameters: SamplingParameters, history: [Int32]
  ) -> [(token: Int32, probability: Double)] {
    var logits = logits
    for (token, bias) in parameters.logitBias { logits[Int(token)] += bias }
    let window = parameters.penaltyWindow < 0 ? history[...] : history.suffix(parameters.penaltyWindow)
    if parameters.repetitionPenalty != 1 || parameters.presencePenalty != 0
      || parameters.frequencyPenalty != 0
    {
      for token in logits.indices {
        let count = window.count { Int($0) == token }
        if count == 0 { continue }
        if logits[token] <= 0 {
          logits[token] *= parameters.repetitionPenalty
        } else {
          logits[token] /= parameters.repetitionPenalty
        }
        logits[token] -= Float(count) * parameters.frequencyPenalty + parameters.presencePenalty
      }
    }
    var tokens = logits.indices.sorted { logits[$0] != logits[$1] ? logits[$0] > logits[$1] : $0 < $1 }
    if parameters.topK > 0 { tokens = Array(tokens.prefix(parameters.topK)) }
    if parameters.topP < 1 {
      let sum = tokens.reduce(0.0) { $0 + exp(Double(logits[$1] - logits[tokens[0]])) }
      var reached = 0.0
      var kept = 0
      while kept < tokens.count, reached < Double(parameters.topP) {
        reached += exp(Double(logits[tokens[kept]] - logits[tokens[0]])) / sum
        kept += 1
      }
      tokens = Array(tokens.prefix(kept))
    }
    if parameters.minP > 0 {
      let least = logits[tokens[0]] + logf(parameters.minP)
      tokens = tokens.filter { $0 == tokens[0] || logits[$0] >= least }
    }
    let weights = tokens.map { exp(Double((logits[$0] - logits[tokens[0]]) / parameters.temperature)) }
    let sum = weights.reduce(0, +)
    return zip(tokens, weights).map { (Int32($0), $1 / sum) }
  }

  @Test(
    "Every draw is the one that a slow chain of the same steps makes", arguments: 1...8 as ClosedRange<UInt64>
  )
  func chain(seed: UInt64) throws {
    var random = RandomNumbers(seed: seed)
    for _ in 0..<150 {
      let count = 2 + Int(random.uniform() * 120)
      let logits = logits(count, &random)
      let parameters = parameters(&random, vocabulary: count)
      let history = (0..<Int(random.uniform() * 80)).map { _ in Int32(random.uniform() * Double(count)) }
      let expected = oracle(logits, parameters, history: history)
      var draws = RandomNumbers(seed: try #require(parameters.seed))
      let point = draws.uniform()
      var sum = 0.0
      let index = expected.firstIndex { candidate in
        sum += candidate.probability
        return point < sum
      }
      let token = expected[index ?? expected.count - 1].token
      #expect(try draw(logits, parameters, history: history) == token, "\(parameters)")
    }
  }

  @Test("Choosing the best k in one pass is sorting them all", arguments: 1...4 as ClosedRange<UInt64>)
  func partialSelection(seed: UInt64) {
    var random = RandomNumbers(seed: seed)
    for _ in 0..<100 {
      let logits = logits(1 + Int(random.uniform() * 300), &random)
      logits.withUnsafeBufferPointer { row in
        let all = Candidates(row, top: 0).list
        #expect(
          all.map(\.token)
            == logits.indices.sorted { (-logits[$0], $0) < (-logits[$1], $1) }.map { Int32($0) })
        for count in [1, 2, 3, 17, logits.count - 1, logits.count, logits.count + 1] where count > 0 {
          #expect(Candidates(row, top: count).list == Array(all.prefix(count)))
        }
      }
    }
  }

  @Test("The tokens come as often as their probabilities say (chi-square)", arguments: [1, 2, 3] as [UInt64])
  func distribution(seed: UInt64) throws {
    let logits: [Float] = [2, 1.5, 1.5, 0.5, 0, -1, -3, 0.9]
    let parameters = SamplingParameters(temperature: 0.9, topK: 7, topP: 0.98, minP: 0.02, seed: seed)
    let expected = oracle(logits, parameters, history: [])
    var sampler = try Sampler(parameters, history: [])
    let tensor = try Tensor(logits, rows: 1, columns: logits.count, device: device)
    let draws = 40_000
    var counts: [Int32: Int] = [:]
    for _ in 0..<draws { counts[try sampler.sample(tensor, row: 0), default: 0] += 1 }
    var statistic = 0.0
    for (token, probability) in expected {
      let mean = probability * Double(draws)
      statistic += pow(Double(counts[token] ?? 0) - mean, 2) / mean
    }
    #expect(counts.values.reduce(0, +) == draws && counts.count == expected.count)
    // The 99.9% point of chi-square with up to 6 degrees of freedom; the seeds are fixed.
    #expect(statistic < 22.46)
  }

  @Test("One seed gives one sequence, another seed another")
  func seeds() throws {
    var random = RandomNumbers(seed: 9)
    let tensor = try Tensor(logits(200, &random), rows: 1, columns: 200, device: device)
    func sequence(_ seed: UInt64?) throws -> [Int32] {
      var sampler = try Sampler(
        SamplingParameters(temperature: 2, topK: 0, topP: 1, minP: 0, seed: seed), history: [])
      return try (0..<40).map { _ in try sampler.sample(tensor, row: 0) }
    }
    #expect(try sequence(5) == sequence(5))
    #expect(try sequence(5) != sequence(6))
    #expect(try sequence(nil) != sequence(nil))
  }

  @Test("Greedy takes the best token, the smaller id of equals, and draws nothing")
  func greedy() throws {
    for seed in [1, 2, 3] as [UInt64] {
      var parameters = SamplingParameters.greedy
      parameters.seed = seed
      #expect(try draw([0, 3, 1, 3], parameters) == 1)
      parameters.logitBias = [3: 0.5]
      #expect(try draw([0, 3, 1, 3], parameters) == 3)
      parameters.logitBias = [0: 3]
      #expect(try draw([0, 3, 1, 3], parameters) == 0)
    }
  }

  @Test("A token that was drawn counts as history for the penalties")
  func remembers() throws {
    var sampler = try Sampler(SamplingParameters(temperature: 0, presencePenalty: 2), history: [2])
    let tensor = try Tensor([1.5, 1, 2, 0], rows: 1, columns: 4, device: device)
    let drawn = try (0..<3).map { _ in
      let token = try sampler.sample(tensor, row: 0)
      try sampler.accept(token)
      return token
    }
    #expect(drawn == [0, 1, 2])
  }

  @Test("Tokens that leave the window are free again, and a window of 0 looks at none")
  func window() throws {
    var parameters = SamplingParameters(temperature: 0, presencePenalty: 9, penaltyWindow: 2)
    #expect(try draw([3, 2, 1], parameters, history: [0, 2, 2]) == 0)
    #expect(try draw([3, 2, 1], parameters, history: [2, 0, 2]) == 1)
    parameters.penaltyWindow = 0
    #expect(try draw([3, 2, 1], parameters, history: [0, 0, 0]) == 0)
    parameters.penaltyWindow = -1
    #expect(try draw([3, 2, 1], parameters, history: [0] + Array(repeating: 2, count: 500)) == 1)
  }

  @Test(
    "A logit that is no number or infinite is reported, wherever it stands",
    arguments: [Float.nan, .infinity, -.infinity], [0, 7, 15])
  func notFinite(value: Float, place: Int) {
    var logits = (0..<16).map { Float($0 % 5) }
    logits[place] = value
    for parameters in [
      .greedy, SamplingParameters(), SamplingParameters(topK: 1),
      SamplingParameters(topK: 0, logitBias: [3: 9]),
      SamplingParameters(temperature: 0, repetitionPenalty: 1.2),
    ] {
      #expect(throws: GenerationError.notANumber) { try draw(logits, parameters) }
    }
  }

  @Test(
    "A bias for a token that is not in the vocabulary is refused with its id", arguments: [4, -1] as [Int32])
  func foreignBias(token: Int32) {
    for temperature in [0, 1] as [Float] {
      let parameters = SamplingParameters(temperature: temperature, logitBias: [token: 1, 2: 1])
      #expect(throws: GenerationError.unknownToken(token, vocabularySize: 4)) {
        try draw([1, 2, 3, 4], parameters)
      }
    }
  }

  @Test("A bias of minus infinity forbids a token; forbidding all of them is an error that says so")
  func forbidden() throws {
    for temperature in [0, 1] as [Float] {
      var parameters = SamplingParameters(
        temperature: temperature, logitBias: [1: -.infinity, 0: -.infinity])
      #expect(try draw([9, 9, 0], parameters) == 2)
      parameters.logitBias[2] = -.infinity
      #expect(throws: GenerationError.everyTokenForbidden) { try draw([9, 9, 0], parameters) }
    }
    for bias in [Float.infinity, .nan] {
      #expect(throws: SamplingError.self) {
        try Sampler(SamplingParameters(logitBias: [0: bias]), history: [])
      }
    }
  }
}
