import MartletCheckpoints

/// The names that models go by, for completion and for lists.
struct ModelNames {
  /// What a model is for.
  enum Purpose: String, Sendable {
    case generation, embedding, reranking
    case maskedLanguageModel = "masked-language-model"
  }

  private let cache = ModelCache()
  private let catalogue: Catalogue?

  /// A catalogue that cannot be read is for the commands to complain of that need it.
  init() { catalogue = try? cache.catalogue() }

  /// The models of the catalogue, with what is said of them.
  var known: [(name: String, summary: String)] {
    (catalogue?.entries ?? []).map { ($0.name, $0.summary) }
  }

  /// The models in the cache, whatever they are for where the catalogue does not know them.
  func pulled(for purpose: Purpose? = nil) -> [String] {
    ((try? cache.installed()) ?? []).map(\.name).filter { name in
      guard let purpose, let entry = catalogue?.find(name) else { return true }
      return entry.purpose == purpose.rawValue && entry.obstacle == nil
    }
  }

  /// What the catalogue says of a model.
  func summary(of name: String) -> String { catalogue?.find(name)?.summary ?? "" }
}
