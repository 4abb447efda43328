/// How the text of an argument becomes a value: what `--help` calls it, what it may be, and how it is read.
struct ValueType<Value: Sendable>: Sendable {
  /// The placeholder in help texts, such as `FILE` or `N`.
  let placeholder: String
  /// The values that can be given, where they are few.
  let choices: [String]
  /// What a shell completes it with, beside the choices.
  var completion = ValueCompletion.nothing
  /// Reads one value.
  let read: @Sendable (String) throws(InvalidValue) -> Value
}

/// What a shell completes a value with.
enum ValueCompletion: Sendable, Equatable {
  case nothing
  /// Files and folders.
  case files
  case folders
  /// Models in the cache that are for this purpose, or for any, and files.
  case models(ModelNames.Purpose?)
  /// Models of the catalogue and the cache, and files.
  case anyModel
  /// Models in the cache.
  case pulledModels
  /// Models of the catalogue that are not in the cache.
  case modelsToPull
  /// Collections of the store that the command line names.
  case collections
}

/// A text that cannot be the value it is given for; the message completes "--name …".
struct InvalidValue: Error, Equatable {
  let problem: String
}

extension ValueType where Value == String {
  /// Any text.
  static func text(_ placeholder: String, completing completion: ValueCompletion = .nothing) -> Self {
    ValueType(placeholder: placeholder, choices: [], completion: completion) { text in text }
  }

  /// A path; the shell has expanded `~` in most places, and we do it in the rest (`--store=~/x`).
  static func path(_ placeholder: String = "PATH", completing completion: ValueCompletion = .files) -> Self {
    ValueType(placeholder: placeholder, choices: [], completion: completion) { (text) throws(InvalidValue) in
      guard !text.isEmpty else { throw InvalidValue(problem: "needs a path, not an empty text") }
      return expandingHome(text)
    }
  }

  private static func expandingHome(_ path: String) -> String {
    guard path == "~" || path.hasPrefix("~/"), let home = Environment["HOME"] else { return path }
    return home + path.dropFirst()
  }
}

extension ValueType where Value == Int {
  /// A whole number in a range.
  static func integer(_ placeholder: String = "N", in range: ClosedRange<Int>) -> Self {
    ValueType(placeholder: placeholder, choices: []) { (text) throws(InvalidValue) in
      guard let number = Int(text) else {
        throw InvalidValue(problem: "needs a whole number, not ‘\(text)’")
      }
      guard range.contains(number) else {
        throw InvalidValue(problem: "must be \(describe(range)), not \(text)")
      }
      return number
    }
  }

  /// A whole number of at least `minimum`.
  static func integer(_ placeholder: String = "N", atLeast minimum: Int) -> Self {
    integer(placeholder, in: minimum...Int.max)
  }

  /// A number of bytes: `1048576`, `1024K`, `1M` or `1G`, in powers of 1024.
  static func byteCount(_ placeholder: String = "SIZE", atLeast minimum: Int) -> Self {
    ValueType(placeholder: placeholder, choices: []) { (text) throws(InvalidValue) in
      let shift = ["K": 10, "M": 20, "G": 30][text.last?.uppercased() ?? ""]
      guard let number = Int(shift == nil ? text[...] : text.dropLast()), number >= 0,
        number <= Int.max >> (shift ?? 0)
      else { throw InvalidValue(problem: "needs a number of bytes such as 512M or 1G, not ‘\(text)’") }
      let bytes = number << (shift ?? 0)
      guard bytes >= minimum else {
        throw InvalidValue(problem: "must be at least \(minimum >> 20)M, not \(text)")
      }
      return bytes
    }
  }

  private static func describe(_ range: ClosedRange<Int>) -> String {
    range.upperBound == Int.max
      ? "at least \(range.lowerBound)" : "between \(range.lowerBound) and \(range.upperBound)"
  }
}

extension ValueType where Value == UInt64 {
  /// A whole number from 0 up, such as a seed.
  static func unsigned(_ placeholder: String = "N") -> Self {
    ValueType(placeholder: placeholder, choices: []) { (text) throws(InvalidValue) in
      guard let number = UInt64(text) else {
        throw InvalidValue(problem: "needs a whole number from 0 up, not ‘\(text)’")
      }
      return number
    }
  }
}

extension ValueType where Value == Double {
  /// A finite number in a range.
  static func number(_ placeholder: String = "X", in range: ClosedRange<Double>) -> Self {
    ValueType(placeholder: placeholder, choices: []) { (text) throws(InvalidValue) in
      guard let number = Double(text), number.isFinite else {
        throw InvalidValue(problem: "needs a number, not ‘\(text)’")
      }
      guard range.contains(number) else {
        let (low, high) = (short(range.lowerBound), short(range.upperBound))
        let limit =
          range.upperBound < .greatestFiniteMagnitude ? "between \(low) and \(high)" : "at least \(low)"
        throw InvalidValue(problem: "must be \(limit), not \(text)")
      }
      return number
    }
  }

  /// A finite number above `low` and not above `high`.
  static func number(_ placeholder: String = "X", above low: Double, atMost high: Double) -> Self {
    ValueType(placeholder: placeholder, choices: []) { (text) throws(InvalidValue) in
      let number = try Self.number(placeholder, in: low...high).read(text)
      guard number > low else {
        throw InvalidValue(problem: "must be above \(short(low)) and at most \(short(high)), not \(text)")
      }
      return number
    }
  }

  private static func short(_ number: Double) -> String {
    number == number.rounded() && abs(number) < 1e15 ? "\(Int(number))" : "\(number)"
  }
}

extension ValueType where Value: RawRepresentable & CaseIterable, Value.RawValue == String {
  /// One of an enumeration's raw values.
  ///
  /// - Parameters:
  ///   - aliases: Further names that are read, but neither listed nor completed.
  ///   - isOffered: Which of them the command takes.
  static func choice(
    _ placeholder: String, of type: Value.Type = Value.self, aliases: [String: Value] = [:],
    where isOffered: (Value) -> Bool = { _ in true }
  ) -> Self {
    let names = Value.allCases.filter(isOffered).map(\.rawValue)
    return ValueType(placeholder: placeholder, choices: names) { (text) throws(InvalidValue) in
      if let value = aliases[text] { return value }
      guard names.contains(text), let value = Value(rawValue: text) else {
        throw InvalidValue(problem: "must be one of \(names.joined(separator: ", ")), not ‘\(text)’")
      }
      return value
    }
  }
}
