import Foundation
import MartletJSON

/// Embeddings by OpenAI's API: at OpenAI, or on a server that speaks it.
public struct OpenAIEmbeddings: Sendable {
  /// The reference that names the model.
  public let name: String
  private let endpoint: Endpoint
  private let dimensions: Int?

  /// The most texts and bytes of one request.
  private static let (batchCount, batchBytes) = (256, 200_000)

  /// - Parameters:
  ///   - reference: Which model.
  ///   - settings: What models share.
  ///   - dimensions: How long vectors are to be, for models that can shorten them.
  /// - Throws: ``ProviderError`` where a key is missing or cannot be read, or a cap was set and the price is not known.
  public init(
    _ reference: ProviderReference, _ settings: ProviderSettings, dimensions: Int? = nil
  ) throws(ProviderError) {
    guard reference.provider == .openAI else {
      throw .invalidReference(reference.name, problem: "\(reference.provider.rawValue) has no embeddings.")
    }
    name = reference.name
    self.dimensions = dimensions
    endpoint = try OpenAIModel.endpoint(reference, settings)
  }

  /// The vectors of texts, in their order; many texts take several requests.
  /// - Throws: ``ProviderError``; `CancellationError` where the task is cancelled.
  public func embed(_ texts: [String]) async throws -> [[Float]] {
    var vectors: [[Float]] = []
    var rest = texts[...]
    while !rest.isEmpty {
      var count = 0
      var bytes = 0
      for text in rest.prefix(Self.batchCount) {
        bytes += text.utf8.count
        if count > 0, bytes > Self.batchBytes { break }
        count += 1
      }
      vectors += try await batch(Array(rest.prefix(count)))
      rest = rest.dropFirst(count)
    }
    if let first = vectors.first, let other = vectors.first(where: { $0.count != first.count }) {
      throw endpoint.unexpected("it has vectors of \(first.count) and of \(other.count) numbers")
    }
    return vectors
  }

  private func batch(_ texts: [String]) async throws -> [[Float]] {
    var body: JSONObject = [
      "model": .string(endpoint.reference.model), "input": .array(texts.map { .string($0) }),
      "encoding_format": "base64",
    ]
    if let dimensions { body["dimensions"] = JSON(dimensions) }
    let answer = try await endpoint.call(
      "/embeddings", .object(body), worst: (WorstCase.promptTokens(of: .object(body)), 0)
    ) { OpenAIUsage.read($0["usage"]) }
    let items = answer["data"]?.arrayValue ?? []
    guard items.count == texts.count else {
      throw endpoint.unexpected("it has \(items.count) vectors for \(texts.count) texts")
    }
    var vectors = [[Float]?](repeating: nil, count: texts.count)
    for (place, item) in items.enumerated() {
      let index = item["index"]?.intValue ?? place
      guard vectors.indices.contains(index), vectors[index] == nil else {
        throw endpoint.unexpected("its vectors are not numbered from 0")
      }
      vectors[index] = try vector(item["embedding"])
    }
    return vectors.compactMap { $0 }
  }

  /// A vector: base64 of little-endian float32, or a list of numbers where the server does not know that.
  private func vector(_ json: JSON?) throws -> [Float] {
    var numbers: [Float] = []
    if let text = json?.stringValue {
      guard let data = Data(base64Encoded: text), data.count % 4 == 0 else {
        throw endpoint.unexpected("a vector is no base64 of 32-bit numbers")
      }
      let bytes = [UInt8](data)
      numbers = stride(from: 0, to: bytes.count, by: 4).map { index in
        Float(
          bitPattern: UInt32(bytes[index]) | UInt32(bytes[index + 1]) << 8 | UInt32(bytes[index + 2]) << 16
            | UInt32(bytes[index + 3]) << 24)
      }
    } else if let list = json?.arrayValue {
      numbers = list.compactMap { $0.doubleValue.map { Float($0) } }
      guard numbers.count == list.count else {
        throw endpoint.unexpected("a vector has something else than numbers")
      }
    }
    guard !numbers.isEmpty, numbers.allSatisfy(\.isFinite) else {
      throw endpoint.unexpected("a vector is empty or not finite")
    }
    return numbers
  }
}
