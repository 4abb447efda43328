import MartletJSON

/// The shapes of bodies that `OpenAPI` refers to.
enum OpenAPISchemas {
  /// The shape of what a route reads; nil where it reads no body.
  static func body(of method: HTTPMethod, _ path: String) -> String? {
    switch (method, path.split(separator: "/").last) {
    case (.post, "tenants"), (.post, "databases"): "NamePayload"
    case (.post, "collections"): "CreateCollectionPayload"
    case (.put, "{collection}"): "UpdateCollectionPayload"
    case (.post, "add"), (.post, "upsert"): "AddRecordsPayload"
    case (.post, "update"): "UpdateRecordsPayload"
    case (.post, "get"), (.post, "delete"): "SelectionPayload"
    case (.post, "query"): "QueryPayload"
    default: nil
    }
  }

  /// The parameters behind the question mark.
  static func queries(of method: HTTPMethod, _ path: String) -> [String] {
    method == .get && (path.hasSuffix("/databases") || path.hasSuffix("/collections"))
      ? ["limit", "offset"] : []
  }

  private static let text: JSON = ["type": "string"]
  private static let count: JSON = ["type": "integer", "minimum": 0]
  private static let object: JSON = ["type": ["object", "null"]]
  private static let texts: JSON = list(of: text)
  private static let textsOrNulls: JSON = list(of: ["type": ["string", "null"]])
  /// A vector is a list of numbers, or 32-bit floats in base64.
  private static let vector: JSON = [
    "oneOf": [["type": "array", "items": ["type": "number"]], ["type": "string", "format": "byte"]]
  ]
  private static let include = list(
    of: ["type": "string", "enum": ["distances", "documents", "embeddings", "metadatas", "uris"]])

  private static func list(of items: JSON) -> JSON { ["type": "array", "items": items] }

  private static func shape(_ members: JSONObject, required: [String]) -> JSON {
    [
      "type": "object", "properties": .object(members),
      "required": .array(required.map { .string($0) }),
    ]
  }

  private static let columns: JSONObject = [
    "ids": texts, "embeddings": list(of: vector), "documents": textsOrNulls, "uris": textsOrNulls,
    "metadatas": list(of: object),
  ]
  private static let selection: JSONObject = [
    "ids": texts, "where": object, "where_document": object, "include": include,
  ]

  /// All shapes by their names.
  static var all: JSONObject {
    var get = selection
    (get["limit"], get["offset"]) = (count, count)
    var query = selection
    (query["query_embeddings"], query["n_results"]) = (list(of: vector), count)
    return [
      "ErrorResponse": shape(["error": text, "message": text], required: ["error", "message"]),
      "NamePayload": shape(["name": text], required: ["name"]),
      "CreateCollectionPayload": shape(
        ["name": text, "metadata": object, "configuration": object, "get_or_create": ["type": "boolean"]],
        required: ["name"]),
      "UpdateCollectionPayload": shape(
        ["new_name": text, "new_metadata": object, "new_configuration": object], required: []),
      "AddRecordsPayload": shape(columns, required: ["ids", "embeddings"]),
      "UpdateRecordsPayload": shape(columns, required: ["ids"]),
      "SelectionPayload": shape(get, required: []),
      "QueryPayload": shape(query, required: ["query_embeddings"]),
    ]
  }
}
