import MartletJSON

/// What is known of a record or a collection besides its text: values by their keys.
public typealias Metadata = [String: MetadataValue]

/// Why a JSON value is no metadata.
public struct MetadataError: Error, Sendable, Equatable, CustomStringConvertible {
  /// Where and why.
  public var description: String
}

extension MetadataValue {
  /// Reads a value as JSON has it: a number with a point or an exponent is a double, one without an integer.
  ///
  /// - Throws: For null, objects, empty lists and lists of mixed kinds, which metadata cannot hold.
  public init(_ json: JSON, key: String) throws(MetadataError) {
    func refusal(_ reason: String) -> MetadataError {
      MetadataError(description: "metadata \"\(key)\" \(reason)")
    }
    switch json {
    case .string(let text): self = .string(text)
    case .bool(let truth): self = .bool(truth)
    case .number(let number):
      do {
        switch try MetadataNumber(number) {
        case .integer(let whole): self = .integer(whole)
        case .double(let value): self = .double(value)
        }
      } catch { throw refusal("is \(error.literal), which \(error.problem)") }
    case .null: throw refusal("is null")
    case .object:
      throw refusal("is an object; values are strings, numbers, booleans, and lists of one of these")
    case .array(let elements):
      guard !elements.isEmpty else { throw refusal("is an empty list") }
      self = try Self.list(try elements.map { (e) throws(MetadataError) in try Self(e, key: key) }, refusal)
    }
  }

  /// Python writes 2.0 as 2.0, but JavaScript as 2: a list with both is one of doubles.
  private static func list(
    _ elements: [MetadataValue], _ refusal: (String) -> MetadataError
  ) throws(MetadataError) -> Self {
    var (strings, integers, doubles, bools) = ([String](), [Int](), [Double](), [Bool]())
    for element in elements {
      switch element {
      case .string(let text): strings.append(text)
      case .integer(let number): integers.append(number)
      case .double(let number): doubles.append(number)
      case .bool(let truth): bools.append(truth)
      default: throw refusal("is a list of lists")
      }
    }
    switch elements.count {
    case strings.count: return .strings(strings)
    case integers.count: return .integers(integers)
    case doubles.count: return .doubles(doubles)
    case bools.count: return .bools(bools)
    case integers.count + doubles.count:
      return .doubles(
        elements.compactMap {
          if case .integer(let n) = $0 { Double(n) } else if case .double(let d) = $0 { d } else { nil }
        })
    default: throw refusal("is a list of several kinds of values")
    }
  }

  /// The value as JSON.
  public var json: JSON {
    switch self {
    case .string(let text): .string(text)
    case .integer(let number): JSON(number)
    case .double(let number): JSON(number)
    case .bool(let truth): .bool(truth)
    case .strings(let texts): .array(texts.map { .string($0) })
    case .integers(let numbers): .array(numbers.map { JSON($0) })
    case .doubles(let numbers): .array(numbers.map { JSON($0) })
    case .bools(let truths): .array(truths.map { .bool($0) })
    }
  }

  /// Whether all of its numbers are finite, as JSON's are.
  var isFinite: Bool {
    switch self {
    case .double(let number): number.isFinite
    case .doubles(let numbers): numbers.allSatisfy(\.isFinite)
    default: true
    }
  }

  /// Whether it is a list without an element, whose kind JSON would not keep.
  var isEmptyList: Bool {
    switch self {
    case .strings(let list): list.isEmpty
    case .integers(let list): list.isEmpty
    case .doubles(let list): list.isEmpty
    case .bools(let list): list.isEmpty
    default: false
    }
  }
}

extension Metadata {
  /// Reads an object.
  ///
  /// - Throws: For a value that metadata cannot hold, with its key; for two keys that Swift takes for one, as their
  ///   accents are written in two ways.
  public init(_ object: JSONObject) throws(MetadataError) {
    self.init(minimumCapacity: object.count)
    for (key, value) in object {
      guard updateValue(try MetadataValue(value, key: key), forKey: key) == nil else {
        throw MetadataError(
          description: "metadata has the key \"\(key)\" twice, with its accents written in two ways")
      }
    }
  }

  /// An object with sorted keys.
  public var json: JSON {
    .object(
      JSONObject(
        sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }.map { ($0.key, $0.value.json) }))
  }

  /// The form that is stored and that the checksum covers.
  var encoded: String { isEmpty ? "{}" : json.serialized() }

  /// Reads what `encoded` wrote; nil where it is something else.
  init?(encoded text: String) {
    if text == "{}" {
      self = [:]
    } else {
      guard let object = try? JSON(parsing: text).objectValue, let metadata = try? Metadata(object) else {
        return nil
      }
      self = metadata
    }
  }
}
