/// One way to read a text so far: the terminal that reads the next byte, and what is open around it.
struct Configuration: Sendable {
  let terminal: Int32
  /// The terminal's state.
  var state: Int32
  /// The bounds of the rest of a counted text. For the name of a property: the range of the names already there that
  /// begin as it does.
  var low: Int32
  var high: Int32
  /// The bytes of a property's name so far, where it is not one of the named properties alone.
  var name: [UInt8]
  let parent: Frame?

  init(_ terminal: Int, state: Int32, bounds: LengthBounds = .none, parent: Frame?) {
    self.terminal = Int32(terminal)
    self.state = state
    (low, high) = (bounds.minimum, bounds.maximum)
    name = []
    self.parent = parent
  }

  var bounds: LengthBounds {
    get { LengthBounds(minimum: low, maximum: high) }
    set { (low, high) = (newValue.minimum, newValue.maximum) }
  }
}

extension Configuration: Hashable {
  static func == (left: Configuration, right: Configuration) -> Bool {
    left.state == right.state && left.terminal == right.terminal && left.low == right.low
      && left.high == right.high && Frame.equal(left.parent, right.parent) && left.name == right.name
  }

  func hash(into hasher: inout Hasher) {
    hasher.combine(terminal)
    hasher.combine(state)
    hasher.combine(low)
    hasher.combine(high)
    hasher.combine(parent?.hash ?? 0)
  }
}

/// A rule that has begun and waits for a part of it to end. Frames are shared and never change.
final class Frame: Sendable {
  /// What the frame waits for.
  enum Phase: UInt8 {
    /// The next part of a sequence, or the next repeat.
    case part
    /// The opening bracket or brace.
    case open
    /// The space before an element or a name.
    case lead
    /// An element, or the value of a property.
    case value
    /// The comma.
    case comma
    /// The name of a property.
    case name
    /// The colon behind a name.
    case colon
    /// The space before the value of a property.
    case valueLead
  }

  let rule: Int32
  let phase: Phase
  /// The place in a sequence or an array; the class of the property that was named.
  let place: Int32
  /// How many repeats or elements are still needed.
  let low: Int32
  /// How many repeats or elements are still allowed.
  let high: Int32
  /// How many elements were contained so far, as far as that matters.
  let contained: Int32
  let properties: Properties?
  let parent: Frame?
  let depth: Int32
  let hash: Int

  init(
    rule: Int32, phase: Phase, place: Int32 = 0, low: Int32 = 0, high: Int32 = 0, contained: Int32 = 0,
    properties: Properties? = nil, parent: Frame?
  ) {
    self.rule = rule
    self.phase = phase
    self.place = place
    self.low = low
    self.high = high
    self.contained = contained
    self.properties = properties
    self.parent = parent
    depth = (parent?.depth ?? 0) + 1
    var hasher = Hasher()
    hasher.combine(rule)
    hasher.combine(phase.rawValue)
    hasher.combine(place)
    hasher.combine(low)
    hasher.combine(high)
    hasher.combine(contained)
    if let properties { hasher.combine(properties.hash) }
    hasher.combine(parent?.hash ?? 0)
    hash = hasher.finalize()
  }

  /// The same with another phase.
  func with(_ phase: Phase, place: Int32? = nil, properties: Properties? = nil) -> Frame {
    Frame(
      rule: rule, phase: phase, place: place ?? self.place, low: low, high: high, contained: contained,
      properties: properties ?? self.properties, parent: parent)
  }

  static func equal(_ left: Frame?, _ right: Frame?) -> Bool {
    var (left, right) = (left, right)
    while let one = left, let other = right {
      if one === other { return true }
      guard
        one.hash == other.hash, one.rule == other.rule, one.phase == other.phase, one.place == other.place,
        one.low == other.low, one.high == other.high, one.contained == other.contained,
        one.depth == other.depth, Properties.equal(one.properties, other.properties)
      else { return false }
      (left, right) = (one.parent, other.parent)
    }
    return left == nil && right == nil
  }
}

/// The properties that an object has so far.
final class Properties: Sendable {
  let seen: NameSet
  /// The other names, as their bytes, sorted.
  let others: [[UInt8]]
  let count: Int
  /// The named properties that may come next.
  let allowed: NameSet
  /// Whether another name may come next.
  let allowsOthers: Bool
  let hash: Int

  init(
    seen: NameSet = NameSet(), others: [[UInt8]] = [], count: Int = 0, allowed: NameSet = NameSet(),
    allowsOthers: Bool = false
  ) {
    self.seen = seen
    self.others = others
    self.count = count
    self.allowed = allowed
    self.allowsOthers = allowsOthers
    var hasher = Hasher()
    hasher.combine(seen)
    hasher.combine(others)
    hasher.combine(allowed)
    hasher.combine(allowsOthers)
    hash = hasher.finalize()
  }

  static func equal(_ left: Properties?, _ right: Properties?) -> Bool {
    guard let left, let right else { return left == nil && right == nil }
    return left === right
      || (left.hash == right.hash && left.count == right.count && left.seen == right.seen
        && left.others == right.others && left.allowed == right.allowed
        && left.allowsOthers == right.allowsOthers)
  }
}
