import MartletHTTPClient
import MartletJSON
import MartletLanguageModels

/// Reads the events of a streamed message.
struct AnthropicDecoder: AnswerDecoder {
  private let endpoint: Endpoint
  private(set) var isDone = false
  private var stopReason: FinishReason?
  private var prompt: (all: Int, cached: Int, written: Int)?
  private var completionTokens: Int?

  init(_ endpoint: Endpoint) { self.endpoint = endpoint }

  /// A message is complete with its last event, and not with its reason.
  var finishReason: FinishReason? { isDone ? stopReason : nil }

  var usage: TokenUsage? {
    guard let prompt, let completionTokens else { return nil }
    return TokenUsage(
      promptTokens: prompt.all, cachedTokens: prompt.cached, cacheWriteTokens: prompt.written,
      completionTokens: completionTokens)
  }

  mutating func take(_ event: ServerSentEvent) throws -> [DecodedPart] {
    let json: JSON
    do { json = try JSON(parsing: event.data) } catch {
      throw endpoint.unexpected("an event is no JSON (\(error)): ‘\(endpoint.excerpt(event.data.utf8))’")
    }
    switch json["type"]?.stringValue ?? event.event {
    case "message_start": note(json["message"]?["usage"])
    case "content_block_start":
      if json["content_block"]?["type"]?.stringValue == "tool_use" {
        throw endpoint.unexpected("it calls tools")
      }
      if let text = json["content_block"]?["text"]?.stringValue, !text.isEmpty { return [.text(text)] }
    case "content_block_delta":
      // Thinking is not part of the answer.
      if json["delta"]?["type"]?.stringValue == "text_delta", let text = json["delta"]?["text"]?.stringValue,
        !text.isEmpty
      {
        return [.text(text)]
      }
    case "message_delta":
      note(json["usage"])
      if let reason = json["delta"]?["stop_reason"]?.stringValue { stopReason = try finishReason(reason) }
    case "message_stop":
      guard stopReason != nil else { throw endpoint.unexpected("the stream has no stop_reason") }
      isDone = true
    case "error": throw failure(json["error"])
    // `ping`, the end of a block, and what later versions of the API may add.
    default: break
    }
    return []
  }

  /// Counts are of the whole message so far.
  private mutating func note(_ usage: JSON?) {
    if let plain = usage?["input_tokens"]?.tokenCount {
      let cached = usage?["cache_read_input_tokens"]?.tokenCount ?? prompt?.cached ?? 0
      let written = usage?["cache_creation_input_tokens"]?.tokenCount ?? prompt?.written ?? 0
      prompt = (plain + cached + written, cached, written)
    }
    if let count = usage?["output_tokens"]?.tokenCount { completionTokens = count }
  }

  private func finishReason(_ reason: String) throws(ProviderError) -> FinishReason {
    switch reason {
    case "end_turn", "stop_sequence": return .stop
    case "max_tokens", "model_context_window_exceeded": return .length
    case "refusal": return .contentFilter
    default: throw endpoint.unexpected("it ended for the unknown reason ‘\(endpoint.clean(reason))’")
    }
  }

  private func failure(_ error: JSON?) -> any Error {
    let type = error?["type"]?.stringValue ?? ""
    let message = endpoint.clean(error?["message"]?.stringValue ?? "no reason given")
    let lasting = [
      "invalid_request_error": 400, "authentication_error": 401, "billing_error": 402,
      "permission_error": 403,
      "not_found_error": 404, "request_too_large": 413,
    ]
    if let status = lasting[type] {
      return ProviderError.refused(model: endpoint.name, status: status, message: message)
    }
    return Endpoint.Passing(
      reason:
        "the server reports an error in the stream (\(type.isEmpty ? "" : endpoint.clean(type) + ": ")\(message))"
    )
  }
}
