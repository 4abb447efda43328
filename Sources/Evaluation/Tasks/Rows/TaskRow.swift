import MartletJSON

/// A row of data, and where it comes from.
public struct TaskRow: Sendable {
  /// The members.
  public var object: JSONObject
  /// Where it stands.
  public let place: RowPlace

  /// A row.
  public init(_ object: JSONObject, at place: RowPlace) {
    (self.object, self.place) = (object, place)
  }

  func error(_ member: String, _ problem: String) -> TaskError {
    .row(place, member: member, problem: problem)
  }
}

extension JSON {
  /// Whether Python finds the two equal: members in any order, numbers by value.
  func isSame(as other: JSON) -> Bool {
    switch (self, other) {
    case (.number(let a), .number(let b)): a == b || a.doubleValue == b.doubleValue
    case (.array(let a), .array(let b)): a.count == b.count && zip(a, b).allSatisfy { $0.isSame(as: $1) }
    case (.object(let a), .object(let b)): a.isSame(as: b)
    default: self == other
    }
  }
}

extension JSONObject {
  func isSame(as other: JSONObject) -> Bool {
    count == other.count
      && allSatisfy { key, value in other[key].map { value.isSame(as: $0) } ?? false }
  }
}
