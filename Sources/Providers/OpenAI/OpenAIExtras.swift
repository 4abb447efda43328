import MartletJSON
import MartletLanguageModels

/// What a request asks for beyond OpenAI's API, which some servers have.
struct OpenAIExtras {
  private let request: GenerationRequest

  init(_ request: GenerationRequest) { self.request = request }

  /// A sampling parameter that the API does not have.
  private struct Extra {
    let name: SamplingParameters.Name
    let value: JSON
    /// Whether it changes nothing, so that a server that does not have it does as it says.
    let isOff: Bool
  }

  private var sampling: [Extra] {
    let sampling = request.sampling
    let defaults = SamplingParameters()
    let hasPenalties =
      sampling.repetitionPenalty != 1 || sampling.presencePenalty != 0 || sampling.frequencyPenalty != 0
    let all: [(Extra, isDefault: Bool)] = [
      (
        Extra(name: .topK, value: JSON(sampling.topK), isOff: sampling.topK == 0),
        sampling.topK == defaults.topK
      ),
      (
        Extra(name: .minP, value: JSON(sampling.minP), isOff: sampling.minP == 0),
        sampling.minP == defaults.minP
      ),
      (
        Extra(
          name: .repetitionPenalty, value: JSON(sampling.repetitionPenalty),
          isOff: sampling.repetitionPenalty == 1),
        sampling.repetitionPenalty == defaults.repetitionPenalty
      ),
      (
        Extra(name: .penaltyWindow, value: JSON(sampling.penaltyWindow), isOff: !hasPenalties),
        sampling.penaltyWindow == defaults.penaltyWindow
      ),
    ]
    return all.filter { !$0.isDefault || sampling.stated.contains($0.0.name) }.map(\.0)
  }

  private var continuesReply: Bool {
    if case .messages(let messages, _) = request.prompt { messages.last?.role == "assistant" } else { false }
  }

  private var hasGrammar: Bool {
    switch request.responseFormat {
    case .regex, .grammar: true
    case .text, .json, .jsonSchema, .choice: false
    }
  }

  /// Whether anything is to be sent that the API does not have.
  var isNeeded: Bool { !sampling.isEmpty || continuesReply || hasGrammar || request.ignoresEnd }

  /// The members that a server takes for it.
  /// - Throws: `LanguageModelError.unsupported`.
  func members(of server: OpenAIServer, _ model: OpenAIModel) throws -> JSONObject {
    func refuse(_ feature: String) -> LanguageModelError {
      model.unsupported(
        feature, "It is not in OpenAI's API, and \(server.title) is not known to have it. Leave it out.")
    }
    var members: JSONObject = [:]
    for extra in sampling {
      guard let name = Self.name(of: extra.name, on: server) else {
        if extra.isOff { continue }
        throw refuse(extra.name.rawValue)
      }
      members[name] = extra.value
    }
    if request.ignoresEnd {
      guard server == .llamaCpp || server == .vLLM else { throw refuse("going on after the end token") }
      members["ignore_eos"] = true
    }
    if continuesReply {
      switch server {
      // It goes on with an assistant's last message by itself.
      case .llamaCpp: break
      case .vLLM:
        members["add_generation_prompt"] = false
        members["continue_final_message"] = true
      case .openAI, .other: throw refuse("going on with a message of the assistant")
      }
    }
    switch (request.responseFormat, server) {
    case (.grammar(let grammar), .llamaCpp): members["grammar"] = .string(grammar)
    case (.grammar(let grammar), .vLLM): members["structured_outputs"] = ["grammar": .string(grammar)]
    case (.regex(let pattern), .vLLM): members["structured_outputs"] = ["regex": .string(pattern)]
    case (.grammar, _): throw refuse("grammars")
    case (.regex, _): throw refuse("regular expressions")
    case (.text, _), (.json, _), (.jsonSchema, _), (.choice, _): break
    }
    return members
  }

  private static func name(of parameter: SamplingParameters.Name, on server: OpenAIServer) -> String? {
    switch (server, parameter) {
    case (.llamaCpp, .repetitionPenalty): "repeat_penalty"
    case (.llamaCpp, .penaltyWindow): "repeat_last_n"
    case (.vLLM, .penaltyWindow): nil
    case (.llamaCpp, _), (.vLLM, _): parameter.rawValue
    case (.openAI, _), (.other, _): nil
    }
  }
}
