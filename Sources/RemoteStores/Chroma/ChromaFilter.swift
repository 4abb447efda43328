import MartletJSON
import MartletVectorStore

/// A filter in Chroma's words. The server decides what it means: docs/chroma.md says where Chroma's own differs.
enum ChromaFilter: Equatable {
  /// All records pass.
  case everything
  /// No record passes.
  case nothing
  /// Those pass that the server says.
  case condition(JSON)

  /// - Throws: `RemoteStoreError.unsupported` for numbers that JSON does not have.
  init(_ filter: Filter?, _ title: String) throws(RemoteStoreError) {
    switch filter {
    case nil: self = .everything
    case .all(let filters):
      var parts = [JSON]()
      for filter in filters {
        switch try ChromaFilter(filter, title) {
        case .everything: continue
        case .nothing:
          self = .nothing
          return
        case .condition(let json): parts.append(json)
        }
      }
      self = Self.joined("$and", parts, ofNone: .everything)
    case .any(let filters):
      var parts = [JSON]()
      for filter in filters {
        switch try ChromaFilter(filter, title) {
        case .everything:
          self = .everything
          return
        case .nothing: continue
        case .condition(let json): parts.append(json)
        }
      }
      self = Self.joined("$or", parts, ofNone: .nothing)
    case .document(let condition): self = .condition(["#document": Self.json(condition)])
    case .metadata(let key, let condition):
      switch condition {
      // Chroma wants lists to have something in them.
      case .oneOf([]): self = .nothing
      case .noneOf([]): self = .everything
      default:
        self = .condition(.object(JSONObject([(key, try Self.json(condition, title))])))
      }
    }
  }

  /// What stands behind "where"; nil where there is nothing to say.
  var json: JSON? { if case .condition(let json) = self { json } else { nil } }

  private static func joined(_ name: String, _ parts: [JSON], ofNone: ChromaFilter) -> ChromaFilter {
    switch parts.count {
    case 0: ofNone
    case 1: .condition(parts[0])
    default: .condition(.object(JSONObject([(name, .array(parts))])))
    }
  }

  private static func json(_ condition: DocumentCondition) -> JSON {
    switch condition {
    case .contains(let part): ["$contains": .string(part)]
    case .notContains(let part): ["$not_contains": .string(part)]
    case .matches(let expression): ["$regex": .string(expression.pattern)]
    case .notMatches(let expression): ["$not_regex": .string(expression.pattern)]
    }
  }

  private static func json(_ condition: MetadataCondition, _ title: String) throws(RemoteStoreError) -> JSON {
    switch condition {
    case .equal(let value): return ["$eq": try json(value, title)]
    case .notEqual(let value): return ["$ne": try json(value, title)]
    case .ordered(let order, let number):
      return .object(JSONObject([(order.rawValue, try json(.number(number), title))]))
    case .oneOf(let values):
      return ["$in": .array(try values.map { (value) throws(RemoteStoreError) in try json(value, title) })]
    case .noneOf(let values):
      return ["$nin": .array(try values.map { (value) throws(RemoteStoreError) in try json(value, title) })]
    case .contains(let value): return ["$contains": try json(value, title)]
    case .notContains(let value): return ["$not_contains": try json(value, title)]
    }
  }

  private static func json(_ value: FilterValue, _ title: String) throws(RemoteStoreError) -> JSON {
    switch value {
    case .string(let text): return .string(text)
    case .bool(let truth): return .bool(truth)
    case .number(.integer(let number)): return JSON(number)
    case .number(.double(let number)):
      guard number.isFinite else {
        throw .unsupported(
          operation: "Comparing with \(number)", store: title, advice: "JSON has finite numbers only.")
      }
      return JSON(number)
    }
  }
}
