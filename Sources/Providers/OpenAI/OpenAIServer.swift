import MartletJSON
import Synchronization

/// What a server with OpenAI's API understands beyond it.
public enum OpenAIServer: Sendable, Equatable {
  /// OpenAI itself: nothing.
  case openAI
  /// llama.cpp's server: `top_k`, `min_p`, `repeat_penalty`, `repeat_last_n`, `ignore_eos`, `grammar`.
  case llamaCpp
  /// vLLM: `top_k`, `min_p`, `repetition_penalty`, `ignore_eos`, `structured_outputs`.
  case vLLM
  /// Another server, by the owner that it names in its list of models: nothing that is known.
  case other(String)

  /// The owners of models that servers name in `GET /models`.
  init(owner: String) {
    self =
      switch owner {
      case "llamacpp": .llamaCpp
      case "vllm": .vLLM
      default: .other(owner)
      }
  }

  /// What messages call it.
  var title: String {
    switch self {
    case .openAI: "OpenAI's API"
    case .llamaCpp: "llama.cpp's server"
    case .vLLM: "vLLM"
    case .other(let owner): owner.isEmpty ? "this server" : "this server (of ‘\(owner)’)"
    }
  }
}

/// Which server it is: asked of the server itself, once, and only when a request has something for which it matters.
final class ServerIdentity: Sendable {
  private let endpoint: Endpoint
  private let known: OpenAIServer?
  private let question = Mutex<Task<OpenAIServer, any Error>?>(nil)

  init(_ endpoint: Endpoint, known: OpenAIServer?) {
    self.endpoint = endpoint
    self.known = known
  }

  func server() async throws -> OpenAIServer {
    if let known { return known }
    // Requests that begin together share the question; one that failed is asked again.
    let task = question.withLock { question in
      let task = question ?? Task { try await Self.ask(endpoint) }
      question = task
      return task
    }
    do { return try await task.value } catch {
      question.withLock { if $0 == task { $0 = nil } }
      throw error
    }
  }

  private static func ask(_ endpoint: Endpoint) async throws -> OpenAIServer {
    let list = try await endpoint.retrying { try await endpoint.json("GET", "/models") }
    let models = list["data"]?.arrayValue ?? []
    let own = models.first { $0["id"]?.stringValue == endpoint.reference.model } ?? models.first
    return OpenAIServer(owner: endpoint.clean(own?["owned_by"]?.stringValue ?? ""))
  }
}
