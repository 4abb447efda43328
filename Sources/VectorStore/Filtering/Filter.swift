/// Which records a query may find, as Chroma's `where` and `where_document` say it.
///
/// Texts and keys are compared byte for byte. Numbers are compared by their exact value, whatever their kind: 1 equals
/// 1.0, and 4 is less than 4.5. A list of the metadata equals no value and is on no side of any; it has elements.
public indirect enum Filter: Sendable, Equatable {
  /// All of them hold; true where there are none.
  case all([Filter])
  /// At least one of them holds; false where there are none.
  case any([Filter])
  /// A value of the metadata.
  case metadata(_ key: String, MetadataCondition)
  /// The text.
  case document(DocumentCondition)
}

/// What is asked of one key of the metadata.
public enum MetadataCondition: Sendable, Equatable {
  /// The order of a number.
  public enum Order: String, Sendable, Equatable, CaseIterable {
    /// `$gt`.
    case greater = "$gt"
    /// `$gte`.
    case greaterOrEqual = "$gte"
    /// `$lt`.
    case less = "$lt"
    /// `$lte`.
    case lessOrEqual = "$lte"

    /// As SQL writes it.
    package var sign: String {
      switch self {
      case .greater: ">"
      case .greaterOrEqual: ">="
      case .less: "<"
      case .lessOrEqual: "<="
      }
    }
  }

  /// `$eq`: the value is this one.
  case equal(FilterValue)
  /// `$ne`: the value is another, or the key is missing.
  case notEqual(FilterValue)
  /// `$gt`, `$gte`, `$lt`, `$lte`: the value is a number on that side of this one.
  case ordered(Order, FilterNumber)
  /// `$in`: the value is one of these.
  case oneOf([FilterValue])
  /// `$nin`: the value is none of these, or the key is missing.
  case noneOf([FilterValue])
  /// `$contains`: the value is a list with this element. A list of integers contains integers only, one of doubles
  /// doubles only.
  case contains(FilterValue)
  /// `$not_contains`: the value is anything else, or the key is missing.
  case notContains(FilterValue)

  /// `$gt`: the value is a number, and greater.
  public static func greaterThan(_ number: FilterNumber) -> Self { .ordered(.greater, number) }
  /// `$gte`: the value is a number, and greater or equal.
  public static func greaterThanOrEqual(_ number: FilterNumber) -> Self { .ordered(.greaterOrEqual, number) }
  /// `$lt`: the value is a number, and less.
  public static func lessThan(_ number: FilterNumber) -> Self { .ordered(.less, number) }
  /// `$lte`: the value is a number, and less or equal.
  public static func lessThanOrEqual(_ number: FilterNumber) -> Self { .ordered(.lessOrEqual, number) }
}

/// What is asked of a record's text. A record without a text is one whose text does not contain, and does not match.
public enum DocumentCondition: Sendable, Equatable {
  /// `$contains`: the text has this part, byte for byte.
  case contains(String)
  /// `$not_contains`: the text does not have this part, or there is none.
  case notContains(String)
  /// `$regex`: some part of the text matches.
  case matches(RegularExpression)
  /// `$not_regex`: no part of the text matches, or there is none.
  case notMatches(RegularExpression)
}
