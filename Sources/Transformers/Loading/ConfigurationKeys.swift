import MartletCheckpoints
import MartletJSON

/// What becomes of each setting of a checkpoint: an architecture follows it, it changes nothing, or it is refused by its
/// name where its value would change what is computed. A setting that is not known is warned of.
struct ConfigurationKeys {
  /// What a setting is to an architecture.
  enum Treatment {
    /// It is read, or changes nothing that is computed here.
    case accepted
    /// Other values than these, null and those that mean "off" (false, 0, an empty list) would change the outcome.
    case only([JSON])
    /// Other values than these would change the outcome.
    case exactly([JSON])
    /// It is not followed, by llama.cpp neither, and a warning says so.
    case warned(String, unless: [JSON] = [])

    /// A setting that is not followed at all: only its "off" is accepted.
    static let off = Treatment.only([])
  }

  private let configuration: JSONObject
  private let architecture: String
  private let metadata: GGUFMetadata?

  init(_ checkpoint: Checkpoint) {
    configuration = checkpoint.configuration
    architecture = checkpoint.architecture
    metadata = checkpoint.metadata
  }

  /// The members of a `config.json`.
  init(_ members: JSONObject, architecture: String) {
    (configuration, self.architecture, metadata) = (members, architecture, nil)
  }

  /// Refuses a checkpoint with a setting that is not followed.
  /// - Returns: Warnings of settings that are not known, or left out.
  @discardableResult
  func check() throws(ModelError) -> [String] {
    var unknown: [String] = []
    var warnings: [String] = []
    for (key, value) in settings {
      switch treatment(of: key) {
      case nil: unknown.append(displayed(key))
      case .accepted?: continue
      case .warned(let why, let harmless)?:
        if harmless.contains(where: { Self.isSame($0, value) }) { continue }
        if !Self.isOff(value) { warnings.append("\(displayed(key)) is \(value.serialized()): \(why)") }
      case .only(let values)?:
        if !Self.isOff(value) { try require(key, value, among: values) }
      case .exactly(let values)?:
        try require(key, value, among: values)
      }
    }
    guard !unknown.isEmpty else { return warnings }
    let names = unknown.map { "\"\($0)\"" }.joined(separator: ", ")
    return warnings + [
      "The model's configuration has settings that Martlet does not know and leaves out: \(names)."
    ]
  }

  private func require(_ key: String, _ value: JSON, among values: [JSON]) throws(ModelError) {
    guard values.contains(where: { Self.isSame($0, value) }) else {
      throw .unsupportedConfiguration(key: displayed(key), value: value.serialized())
    }
  }

  /// The settings that concern the architecture, in their order: of a GGUF file those under its name.
  private var settings: [(key: String, value: JSON)] {
    guard let metadata else {
      return configuration.map { ($0.key, $0.value) }
    }
    return metadata.keys.filter { $0.hasPrefix(prefix) }.map { key in
      (String(key.dropFirst(prefix.count)), Self.json(metadata[key]))
    }
  }

  private var prefix: String { (metadata?["general.architecture"]?.text ?? "") + "." }

  private func displayed(_ key: String) -> String { metadata == nil ? key : prefix + key }

  private func treatment(of key: String) -> Treatment? {
    metadata == nil
      ? Self.huggingFace(key, architecture: architecture)
      : Self.gguf(key, configuration, architecture: architecture)
  }

  /// Whether a value says that a setting is not used.
  private static func isOff(_ value: JSON) -> Bool {
    if value == .null || value.boolValue == false || value.doubleValue == 0 { return true }
    if let items = value.arrayValue { return items.allSatisfy(isOff) }
    return value.objectValue?.isEmpty == true
  }

  /// Whether two values are the same; files hold numbers in half the digits.
  private static func isSame(_ wanted: JSON, _ found: JSON) -> Bool {
    if let wanted = wanted.doubleValue, let found = found.doubleValue {
      return abs(wanted - found) <= 1e-6 * max(1, abs(wanted))
    }
    if let items = found.arrayValue { return items.allSatisfy { isSame(wanted, $0) } }
    return wanted == found
  }

  private static func json(_ value: GGUFValue?) -> JSON {
    switch value {
    case .unsigned?, .signed?: value?.intValue.map { JSON($0) } ?? .null
    // Of half the digits, as most files have them, no more are shown.
    case .float(let number)?: Double(Float(number)) == number ? JSON(Float(number)) : JSON(number)
    case .bool(let flag)?: .bool(flag)
    case .string(let text)?: .string(text)
    case .array(let array)?:
      ((try? array.integers())?.map { JSON($0) } ?? (try? array.floats())?.map { JSON($0) }).map {
        .array($0)
      }
        ?? .string("a list of \(array.count)")
    case nil: .null
    }
  }
}

extension GGUFValue {
  fileprivate var text: String? { if case .string(let text) = self { text } else { nil } }
}
