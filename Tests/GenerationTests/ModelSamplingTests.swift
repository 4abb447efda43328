import Foundation
import MartletLanguageModels
import Testing

@testable import MartletCheckpoints
@testable import MartletGeneration

@Suite("A model's own sampling")
struct ModelSamplingTests {
  /// The tiny model with this generation_config.json.
  private func model(_ configuration: String, _ body: (LocalModel) async throws -> Void) async throws {
    try await TinyModel.changed { folder in
      try Data(configuration.utf8).write(to: folder.appending(path: "generation_config.json"))
      try await body(TinyModel.open(at: folder))
    }
  }

  @Test("Is what its makers state, and the defaults for what they leave open")
  func parameters() async throws {
    #expect(try TinyModel.open().sampling == SamplingParameters())
    try await model(#"{"repetition_penalty": 1.3}"#) {
      #expect($0.sampling == SamplingParameters(repetitionPenalty: 1.3, penaltyWindow: -1))
    }
    try await model(#"{"do_sample": true, "temperature": 0.6, "top_k": 20, "top_p": 0.9, "min_p": 0.1}"#) {
      #expect($0.sampling == SamplingParameters(temperature: 0.6, topK: 20, topP: 0.9, minP: 0.1))
    }
  }

  @Test("Is for requests to take")
  func requests() async throws {
    try await model(#"{"do_sample": false}"#) { model in
      func tokens(_ sampling: SamplingParameters) async throws -> [Int32] {
        let request = GenerationRequest(.text("the"), sampling: sampling, maximumTokens: 16, ignoresEnd: true)
        return try await model.complete(request).tokenIDs
      }
      let greedy = try await tokens(.greedy)
      #expect(try await tokens(model.sampling) == greedy)
      let free = SamplingParameters(temperature: 5, topK: 0, topP: 1, minP: 0, seed: 1)
      #expect(try await tokens(free) != greedy)
    }
  }

  @Test("What is not followed is told, but for what makes no difference")
  func unfollowed() async throws {
    try await model(#"{"do_sample": true, "num_beams": 4, "typical_p": 0.9, "top_p": 7}"#) { model in
      let advice = model.samplingAdvice
      #expect(advice.unfollowed(by: model.sampling).map(\.key) == ["top_p", "typical_p", "num_beams"])
      #expect(advice.unfollowed(by: .greedy).map(\.key) == ["num_beams"])
      let replaced = advice.unfollowed(by: model.sampling, replacing: [.topP])
      #expect(replaced.map(\.key) == ["typical_p", "num_beams"])
    }
  }

  @Test("Never has a value that the sampler refuses, whatever the file says")
  func alwaysValid() throws {
    var extremes = SamplingAdvice()
    for number in [-1e300, -2, -1, -0.0, 0, 1e-60, 1e-30, 0.5, 1, 1.5, 2, 1e30, 1e300, .infinity, .nan] {
      for parameter in SamplingAdvice.Parameter.allCases {
        extremes.take(parameter, number, text: "\(number)", key: parameter.rawValue, file: "file")
        try SamplingParameters(extremes).validate()
      }
    }
    #expect(extremes.unfollowed.count > 30)
  }
}
