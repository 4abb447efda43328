/// Unicode's normalization forms (UAX #15).
enum NormalizationForm: String, Sendable {
  case nfc = "NFC"
  case nfd = "NFD"
  case nfkc = "NFKC"
  case nfkd = "NFKD"

  var isCompatible: Bool { self == .nfkc || self == .nfkd }
  var composes: Bool { self == .nfc || self == .nfkc }
}

extension MappedText {
  /// Brings the text into a normalization form.
  mutating func normalize(to form: NormalizationForm) {
    if isNormalized(in: form) { return }
    var result: [SourcedScalar] = []
    result.reserveCapacity(bytes.count)
    for item in scalars() {
      Normalization.forEachPart(of: item.scalar, compatible: form.isCompatible) {
        result.append(SourcedScalar(scalar: $0, source: item.source))
      }
    }
    Normalization.reorder(&result)
    if form.composes { Normalization.compose(&result) }
    assign(result)
  }

  /// A quick yes for text that holds nothing the form could change.
  private func isNormalized(in form: NormalizationForm) -> Bool {
    let limit: UInt8 = form == .nfc ? 0xCC : form == .nfd ? 0xC3 : 0xC2  // U+0300, U+00C0, U+0080
    if bytes.allSatisfy({ $0 < limit }) { return true }
    guard form == .nfc else { return false }
    var index = 0
    while index < bytes.count {
      let (scalar, length) = UTF8Scalars.read(bytes, index)
      if scalar >= 0x300, Normalization.mayChangeInNFC(scalar) { return false }
      index += length
    }
    return true
  }
}

/// The steps that the forms are made of.
enum Normalization {
  static let classes = ScalarTable(runs: NormalizationData.combiningClasses)
  static let canonical = ScalarMapping(NormalizationData.canonical)
  static let compatibility = ScalarMapping(NormalizationData.compatibility)
  static let compositions = CompositionTable(NormalizationData.compositions)

  static func mayChangeInNFC(_ scalar: UInt32) -> Bool {
    classes[scalar] != 0 || compositions.seconds.contains(scalar) || (0x1161...0x11C2).contains(scalar)
      || canonical[scalar] != nil && !compositions.results.contains(scalar)
  }

  /// Calls with each scalar of the full decomposition.
  @inline(__always)
  static func forEachPart(of scalar: UInt32, compatible: Bool, _ body: (UInt32) -> Void) {
    if scalar < 0xA0 { return body(scalar) }
    if scalar &- 0xAC00 < 11172 {
      let index = scalar - 0xAC00
      body(0x1100 + index / 588)
      body(0x1161 + index % 588 / 28)
      if index % 28 != 0 { body(0x11A7 + index % 28) }
      return
    }
    if let parts = (compatible ? compatibility[scalar] : nil) ?? canonical[scalar] {
      for part in parts { body(part) }
    } else {
      body(scalar)
    }
  }

  /// Puts marks that follow one another into the canonical order; the sort is stable. Where they came from stays as
  /// it was, in the order of the text.
  static func reorder(_ scalars: inout [SourcedScalar]) {
    var start = 0
    while start < scalars.count {
      var end = start
      var last: UInt8 = 0
      var isOrdered = true
      while end < scalars.count {
        let own = classes[scalars[end].scalar]
        if own == 0 { break }
        if own < last { isOrdered = false }
        last = own
        end += 1
      }
      if !isOrdered {
        let run = scalars[start..<end].enumerated().sorted { a, b in
          let (left, right) = (classes[a.element.scalar], classes[b.element.scalar])
          return left != right ? left < right : a.offset < b.offset
        }
        for (place, item) in run.enumerated() { scalars[start + place].scalar = item.element.scalar }
      }
      start = end + 1
    }
  }

  /// Joins what composes, in place.
  static func compose(_ scalars: inout [SourcedScalar]) {
    var written = 0
    var starter: Int?
    var lastClass: UInt8 = 0
    for index in scalars.indices {
      let item = scalars[index]
      let own = classes[item.scalar]
      if let base = starter, lastClass == 0 ? base == written - 1 : lastClass < own,
        let joined = pair(scalars[base].scalar, item.scalar)
      {
        scalars[base].scalar = joined
        scalars[base].source.start = min(scalars[base].source.start, item.source.start)
        scalars[base].source.end = max(scalars[base].source.end, item.source.end)
        continue
      }
      if own == 0 { starter = written }
      lastClass = own
      scalars[written] = item
      written += 1
    }
    scalars.removeSubrange(written...)
  }

  private static func pair(_ first: UInt32, _ second: UInt32) -> UInt32? {
    if first &- 0x1100 < 19, second &- 0x1161 < 21 {
      return 0xAC00 + ((first - 0x1100) * 21 + second - 0x1161) * 28
    }
    if first &- 0xAC00 < 11172, (first - 0xAC00) % 28 == 0, second &- 0x11A8 < 27 {
      return first + second - 0x11A7
    }
    return compositions.pairs[UInt64(first) << 32 | UInt64(second)]
  }
}

/// Pairs of scalars that compose to one.
struct CompositionTable: Sendable {
  private(set) var pairs: [UInt64: UInt32] = [:]
  private(set) var seconds: Set<UInt32> = []
  private(set) var results: Set<UInt32> = []

  init(_ text: StaticString) {
    var numbers = PackedNumbers(text)
    var result: UInt32 = 0
    while !numbers.isAtEnd {
      result += numbers.next()
      let first = UInt32(truncatingIfNeeded: Int(result) + Int(numbers.nextSigned()))
      let second = UInt32(truncatingIfNeeded: Int(result) + Int(numbers.nextSigned()))
      pairs[UInt64(first) << 32 | UInt64(second)] = result
      seconds.insert(second)
      results.insert(result)
    }
  }
}
