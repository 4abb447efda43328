import MartletJSON

/// Tells what a JSON Schema (draft 2020-12) finds wrong with a value.
struct SchemaCheck: Sendable {
  /// A sentence for each violation; none where the schema accepts the value.
  let violations: @Sendable (JSON) -> [String]
}
