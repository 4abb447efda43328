import MartletJSON

/// The form that a completion must have. A model that runs here draws only tokens that keep to it; a provider is given
/// its own feature for it, or refuses with ``LanguageModelError/unsupported(feature:model:advice:)``.
///
/// A completion that ends because of ``GenerationRequest/maximumTokens`` is the beginning of such a text. The form is that
/// of the answer: what a model thinks before it, between the marks of its template, is free.
public enum ResponseFormat: Sendable, Equatable {
  /// Any text.
  case text
  /// Any JSON object.
  case json
  /// JSON that this JSON Schema (draft 2020-12) accepts. A keyword that cannot be enforced is an error.
  case jsonSchema(JSON)
  /// A text that this regular expression matches from its beginning to its end.
  case regex(String)
  /// One of these texts.
  case choice([String])
  /// A text that this grammar, in llama.cpp's GBNF, derives from `root`.
  case grammar(String)
}
