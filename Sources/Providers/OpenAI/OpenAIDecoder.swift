import MartletHTTPClient
import MartletJSON
import MartletLanguageModels

/// Reads the chunks of `chat/completions` and of `completions`.
struct OpenAIDecoder: AnswerDecoder {
  private let endpoint: Endpoint
  private(set) var isDone = false
  private(set) var finishReason: FinishReason?
  private(set) var usage: TokenUsage?

  init(_ endpoint: Endpoint) { self.endpoint = endpoint }

  mutating func take(_ event: ServerSentEvent) throws -> [DecodedPart] {
    if event.data == "[DONE]" {
      guard finishReason != nil else { throw endpoint.unexpected("the stream has no finish_reason") }
      isDone = true
      return []
    }
    let chunk: JSON
    do { chunk = try JSON(parsing: event.data) } catch {
      throw endpoint.unexpected("an event is no JSON (\(error)): ‘\(endpoint.excerpt(event.data.utf8))’")
    }
    if let error = chunk["error"], !error.isNull { throw failure(error) }
    if let counted = OpenAIUsage.read(chunk["usage"]) { usage = counted }
    // The last chunk has the usage alone.
    guard let choice = chunk["choices"]?[0] else { return [] }
    var parts = try OpenAIProbabilities.tokens(choice["logprobs"], endpoint).map { DecodedPart.token($0) }
    let delta = choice["delta"]
    if delta?["tool_calls"]?.arrayValue?.isEmpty == false { throw endpoint.unexpected("it calls tools") }
    if let text = delta?["content"]?.stringValue ?? choice["text"]?.stringValue, !text.isEmpty {
      parts.append(.text(text))
    }
    if let refusal = delta?["refusal"]?.stringValue, !refusal.isEmpty {
      parts.append(.text(refusal))
      finishReason = .contentFilter
    }
    if let reason = choice["finish_reason"]?.stringValue, finishReason != .contentFilter {
      guard let known = FinishReason(rawValue: reason) else {
        throw endpoint.unexpected("it ended for the unknown reason ‘\(endpoint.clean(reason))’")
      }
      finishReason = known
    }
    return parts
  }

  /// An error in the middle of a stream.
  private func failure(_ error: JSON) -> any Error {
    let message = endpoint.clean(error["message"]?.stringValue ?? error.stringValue ?? "no reason given")
    let status = error["code"]?.intValue ?? error["status"]?.intValue
    let type = error["type"]?.stringValue ?? ""
    let isLasting =
      status.map { (400..<500).contains($0) && ![408, 409, 429].contains($0) }
      ?? ["invalid_request_error", "authentication_error", "permission_error", "not_found_error"].contains(
        type)
    return isLasting
      ? ProviderError.refused(model: endpoint.name, status: status ?? 400, message: message)
      : Endpoint.Passing(reason: "the server reports an error in the stream (\(message))")
  }
}

/// The tokens that an answer says it took.
enum OpenAIUsage {
  static func read(_ usage: JSON?) -> TokenUsage? {
    guard let prompt = usage?["prompt_tokens"]?.tokenCount else { return nil }
    return TokenUsage(
      promptTokens: prompt,
      cachedTokens: min(usage?["prompt_tokens_details"]?["cached_tokens"]?.tokenCount ?? 0, prompt),
      completionTokens: usage?["completion_tokens"]?.tokenCount ?? 0)
  }
}

extension JSON {
  /// A number of tokens that a server states: sums of some cannot overflow. Nil for what is no count.
  var tokenCount: Int? { intValue.flatMap { (0...(1 << 40)).contains($0) ? $0 : nil } }
}

/// Log-probabilities, in the form of chats and in that of completions.
enum OpenAIProbabilities {
  static func tokens(_ json: JSON?, _ endpoint: Endpoint) throws -> [GeneratedToken] {
    guard let json, !json.isNull else { return [] }
    if let list = json["content"]?.arrayValue {
      return try list.map { item in
        GeneratedToken(
          try alternative(item, endpoint),
          top: try (item["top_logprobs"]?.arrayValue ?? []).map { try alternative($0, endpoint) })
      }
    }
    guard let texts = json["tokens"]?.arrayValue, let values = json["token_logprobs"]?.arrayValue else {
      return []
    }
    guard texts.count == values.count else { throw endpoint.unexpected("its logprobs have unequal lengths") }
    return try texts.indices.map { index in
      guard let text = texts[index].stringValue, let value = values[index].doubleValue else {
        throw endpoint.unexpected("its logprobs have a token without text or number")
      }
      let top = (json["top_logprobs"]?[index]?.objectValue ?? [:]).compactMap { member in
        member.value.doubleValue.map { GeneratedToken.Alternative(text: member.key, logProbability: $0) }
      }
      return GeneratedToken(
        .init(text: text, logProbability: value), top: top.sorted { $0.logProbability > $1.logProbability })
    }
  }

  private static func alternative(
    _ item: JSON, _ endpoint: Endpoint
  ) throws -> GeneratedToken.Alternative {
    guard let text = item["token"]?.stringValue, let value = item["logprob"]?.doubleValue else {
      throw endpoint.unexpected("its logprobs have a token without text or number")
    }
    let bytes = item["bytes"]?.arrayValue?.compactMap { $0.intValue.flatMap(UInt8.init(exactly:)) }
    return .init(text: text, bytes: bytes, logProbability: value)
  }
}
