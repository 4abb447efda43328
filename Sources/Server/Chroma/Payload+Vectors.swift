import MartletJSON

extension JSONReader {
  /// The most numbers of a vector; models have some thousands.
  static let longestVector = 1 << 16

  /// A vector: a list of numbers, or the base64 of float32 values, lowest byte first. All are finite.
  mutating func vector(at place: String) throws -> [Float] {
    let vector: [Float]
    switch try nextKind() {
    case .string: vector = try Base64.floats(try readString(), at: place)
    case .array: vector = try numbers(at: place)
    case let other:
      throw HTTPError.misshapen("\(place): expected a list of numbers or base64, got \(other.rawValue)")
    }
    guard !vector.isEmpty else {
      throw HTTPError.invalid("Validation error: \(place): Each embedding must have at least 1 dimension")
    }
    guard vector.count <= Self.longestVector else { throw Self.vectorTooLong(place) }
    if let index = vector.firstIndex(where: { !$0.isFinite }) {
      throw HTTPError.invalid(
        "\(place): Embeddings must not contain NaN or Infinity values (number \(index))")
    }
    return vector
  }

  private mutating func numbers(at place: String) throws -> [Float] {
    var numbers: [Float] = []
    try readElements { reader in
      let kind = try reader.nextKind()
      guard kind == .number else {
        throw HTTPError.misshapen("\(place)[\(numbers.count)]: expected a number, got \(kind.rawValue)")
      }
      guard numbers.count < Self.longestVector else { throw Self.vectorTooLong(place) }
      numbers.append(Float(try reader.readDouble()))
    }
    return numbers
  }

  private static func vectorTooLong(_ place: String) -> HTTPError {
    .invalid("\(place): an embedding may have \(longestVector) numbers, and this one has more")
  }
}

/// Base64 (RFC 4648) with its padding.
enum Base64 {
  private static let values: [UInt8] = {
    var values = [UInt8](repeating: 255, count: 256)
    let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    for (value, letter) in alphabet.utf8.enumerated() { values[Int(letter)] = UInt8(value) }
    return values
  }()

  /// The float32 values, lowest byte first, that a text stands for.
  static func floats(_ text: String, at place: String) throws(HTTPError) -> [Float] {
    guard let bytes = decoded(text) else { throw .invalid("\(place): Invalid base64 string") }
    guard bytes.count % 4 == 0 else {
      throw .invalid(
        "\(place): Invalid byte length: \(bytes.count) bytes cannot be converted to f32 values (must be divisible by 4)"
      )
    }
    return bytes.withUnsafeBytes { bytes in
      (0..<bytes.count / 4).map { index in
        let bits = bytes.loadUnaligned(fromByteOffset: index * 4, as: UInt32.self)
        return Float(bitPattern: UInt32(littleEndian: bits))
      }
    }
  }

  /// The bytes that a text stands for; nil where it is not base64.
  static func decoded(_ text: String) -> [UInt8]? {
    var text = text
    return text.withUTF8 { letters in
      guard letters.count % 4 == 0 else { return nil }
      let padding = letters.suffix(2).reduce(0) { $0 + ($1 == UInt8(ascii: "=") ? 1 : 0) }
      let count = letters.count - padding
      if count > 0, letters[count - 1] == UInt8(ascii: "=") { return nil }
      return values.withUnsafeBufferPointer { values in decoded(letters[..<count], values) }
    }
  }

  private static func decoded(
    _ letters: Slice<UnsafeBufferPointer<UInt8>>, _ values: UnsafeBufferPointer<UInt8>
  ) -> [UInt8]? {
    var isValid = true
    let bytes = [UInt8](unsafeUninitializedCapacity: letters.count * 3 / 4) { buffer, written in
      var (bits, held) = (UInt32(0), 0)
      for letter in letters {
        let value = values[Int(letter)]
        if value == 255 {
          isValid = false
          break
        }
        bits = bits << 6 | UInt32(value)
        held += 6
        guard held >= 8 else { continue }
        held -= 8
        buffer[written] = UInt8(truncatingIfNeeded: bits >> UInt32(held))
        written += 1
      }
      // Bits that no byte takes are zero in what an encoder writes.
      if bits & (1 << UInt32(held) - 1) != 0 { isValid = false }
    }
    return isValid ? bytes : nil
  }
}
