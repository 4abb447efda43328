import MartletCheckpoints
import MartletJSON
import MartletTransformers

/// What can be said of one model, whether it is in the cache or not.
struct ModelDetails {
  private let name: String
  private let entry: CatalogueEntry?
  private let checkpoint: Checkpoint?
  private let path: String?

  init(_ name: String, cache: ModelCache) throws {
    switch try ModelLocation(name, cache: cache, catalogue: cache.catalogue()) {
    case .catalogue(let entry):
      self.name = entry.name
      self.entry = entry
      path = cache.isInstalled(entry) ? cache.path(of: entry) : nil
    case .path(let path):
      self.name = name
      entry = nil
      self.path = path
    }
    checkpoint = try path.map { path throws(CheckpointError) in try Checkpoint.open(path) }
  }

  private var facts: [(key: String, label: String, text: String, value: JSON)] {
    var facts: [(String, String, String, JSON)] = []
    func add(_ key: String, _ label: String, _ text: String?, _ value: JSON? = nil) {
      guard let text, !text.isEmpty else { return }
      facts.append((key, label, text, value ?? .string(text)))
    }
    add("summary", "what", entry?.summary)
    add("purpose", "purpose", entry?.purpose)
    add("architecture", "architecture", checkpoint?.architecture ?? entry?.architecture)
    let obstacle = self.obstacle
    add("runs", "runs", obstacle.map { "no: \($0)" } ?? "yes", .bool(obstacle == nil))
    add("parameters", "parameters", checkpoint.map(parameters), checkpoint.map { JSON($0.parameterCount) })
    add("warnings", "warnings", warnings.joined(separator: " "), .array(warnings.map { .string($0) }))
    add("quantization", "quantization", checkpoint?.quantization)
    add("context_length", "context", checkpoint?.contextLength.map { "\($0) tokens" }, contextLength)
    add(
      "maximum_tokens", "reads",
      reads.map { "\($0) tokens of a text; longer texts are cut, with a warning" },
      reads.map { JSON($0) })
    add("weight_bytes", "memory", memory?.text, memory.map { JSON($0.bytes) })
    add("context_cache_bytes", "context cache", cache?.text, cache.map { JSON($0.bytes) })
    add("chat_template", "chat", checkpoint.map(chat), .bool(checkpoint?.chatTemplates.standard != nil))
    let sampling = self.sampling.map { SamplingValues($0) }
    add("sampling", "sampling", sampling.map { $0.text.isEmpty ? Self.unstated : $0.text }, sampling?.json)
    let unfollowed = self.sampling?.unfollowed.map(\.description) ?? []
    add(
      "sampling_not_followed", "not followed", unfollowed.joined(separator: " "),
      .array(unfollowed.map { .string($0) }))
    let license = entry?.license ?? checkpoint?.license
    add(
      "license", "licence", license ?? "unknown: its files do not state one",
      license.map { .string($0) } ?? .null)
    add("bytes", "size", entry?.byteCount.map(formatBytes), entry?.byteCount.map { JSON($0) })
    if let entry, !entry.isPinned {
      add("pinned", "SHA-256", "not in the catalogue: a pull is held to what the hub states only", false)
    } else if entry != nil {
      add("pinned", "SHA-256", "in the catalogue: a pull is held to it", true)
    }
    add(
      "aliases", "also", entry?.aliases.joined(separator: ", "),
      entry.map { .array($0.aliases.map { .string($0) }) })
    add("path", "path", path ?? "not pulled yet: martlet pull \(name)", path.map { .string($0) } ?? .null)
    add("sources", "sources", sources.joined(separator: "; "), .array(sources.map { .string($0) }))
    return facts
  }

  private var obstacle: String? {
    if let obstacle = entry?.obstacle { return obstacle }
    return checkpoint.flatMap { ModelSupport.obstacle($0, purpose: entry?.purpose) }
  }

  /// What commands that run the model warn of.
  private var warnings: [String] {
    guard let checkpoint, obstacle == nil else { return [] }
    return (try? PretrainedModels.warnings(checkpoint)) ?? []
  }

  /// The tokens of a text that an embedding model reads.
  private var reads: Int? { checkpoint?.sentenceEmbedding?.maximumSequenceLength }

  /// What the weights take in memory once they are loaded; before a pull, what the sizes of its files say of that.
  private var memory: (bytes: Int, text: String)? {
    if let checkpoint {
      let context = cache == nil ? "" : ", and the cache of a context"
      return (checkpoint.weightBytes, "\(formatBytes(checkpoint.weightBytes)) of weights\(context)")
    }
    return entry?.byteCount.map { ($0, "about \(formatBytes($0)) of weights, by the size of its files") }
  }

  /// What a context takes in memory when it is full: pages come as a conversation grows.
  private var cache: (bytes: Int, text: String)? {
    guard let each = checkpoint?.cacheBytesPerToken, let length = checkpoint?.contextLength else {
      return nil
    }
    let (bytes, overflow) = each.multipliedReportingOverflow(by: length)
    guard !overflow else { return nil }
    return (bytes, "\(formatBytes(each)) a token, \(formatBytes(bytes)) when all of the context is used")
  }

  private var contextLength: JSON? { checkpoint?.contextLength.map { JSON($0) } }
  private var sources: [String] { entry?.sources.map(\.summary) ?? [] }

  /// What the files of a model that generates say of sampling.
  private var sampling: SamplingAdvice? {
    checkpoint.flatMap { $0.sentenceEmbedding == nil ? $0.generationConfiguration.sampling : nil }
  }
  private static let unstated = "none stated; the defaults of martlet generate apply"

  private func parameters(_ checkpoint: Checkpoint) -> String {
    let count = "\(formatDecimal(Double(checkpoint.parameterCount) / 1e6, 1)) million"
    return checkpoint.repeatsEmbedding
      ? count + "; the output head, which is the token embedding again, is not counted twice" : count
  }

  private func chat(_ checkpoint: Checkpoint) -> String {
    checkpoint.chatTemplates.standard == nil
      ? "no template: plain text only" : "with the model's own template"
  }

  /// The columns of the facts' names.
  static let labelWidth = 14

  func text(_ style: Style) -> String {
    let lines = facts.map { fact in
      "\(style.bold(fact.label))\(String(repeating: " ", count: Self.labelWidth - fact.label.count))\(fact.text)\n"
    }
    return style.bold(name) + "\n" + lines.joined()
  }

  var json: JSON { .object(JSONObject([("name", .string(name))] + facts.map { ($0.key, $0.value) })) }
}
