/// How far walks through a graph go, measured on the collection's own vectors: on some data a walk finds nearly all of the
/// nearest among a few thousand comparisons, on other data no walk does that is shorter than comparing all.
struct MeasuredEffort: Sendable, Equatable {
  /// What some number of neighbours takes.
  struct Point: Sendable, Equatable {
    /// Nodes to keep in view; 0 where comparing all is better than a walk that finds enough.
    var nodes: Int
    /// Comparisons that such a walk makes without a filter.
    var comparisons: Int
  }

  /// For ten neighbours, and for fewer.
  var ten: Point
  /// For a hundred.
  var hundred: Point
  /// So many times the usual candidates have to be found by codes, so that the nearest in truth are among them; 0 where
  /// records are closer to each other than codes can tell, so that all are compared in full precision.
  var widening: Int
  /// How many slots the graph held when this was measured.
  var slots: Int

  /// What walks keep in view at least, whatever was measured: queries may lie elsewhere than the vectors do.
  static let leastNodes = 128
  /// More than these in view take longer to keep in order than to compare.
  static let mostNodes = 4096
  /// A walk's comparison takes about as long as so many of a scan, which reads memory in order.
  static let costOfComparison = 2.5
  /// More candidates than this take longer than to compare all.
  static let mostWidening = 16
  /// What is taken before anything is measured.
  static let unmeasuredWidening = 4

  /// Whether any search walks.
  var walks: Bool { ten.nodes > 0 || hundred.nodes > 0 }

  /// What `wanted` neighbours take: in proportion between ten and a hundred, and beyond.
  func point(wanted: Int) -> Point {
    if wanted <= 10 { return ten }
    guard hundred.nodes > 0 else { return hundred }
    if wanted >= 100 {
      let factor = Double(wanted) / 100
      return Point(
        nodes: Int(factor * Double(hundred.nodes)), comparisons: Int(factor * Double(hundred.comparisons)))
    }
    guard ten.nodes > 0 else { return ten }
    let share = Double(wanted - 10) / 90
    func between(_ low: Int, _ high: Int) -> Int { low + Int(share * Double(high - low)) }
    return Point(
      nodes: between(ten.nodes, hundred.nodes), comparisons: between(ten.comparisons, hundred.comparisons))
  }

  // MARK: In a snapshot

  /// The numbers that a snapshot keeps: zeros where nothing was measured.
  static func numbers(of effort: MeasuredEffort?) -> [UInt64] {
    guard let effort else { return [0, 0, 0, 0, 0, 0] }
    return [
      effort.slots, effort.ten.nodes, effort.ten.comparisons, effort.hundred.nodes,
      effort.hundred.comparisons, effort.widening,
    ].map { UInt64($0) }
  }

  init(ten: Point, hundred: Point, widening: Int, slots: Int) {
    (self.ten, self.hundred, self.widening, self.slots) = (ten, hundred, widening, slots)
  }

  /// Nil for zeros, and for numbers that no measurement gives.
  init?(numbers: [UInt64]) {
    let numbers = numbers.compactMap { Int(exactly: $0) }
    guard numbers.count == 6, numbers[0] > 0, numbers.allSatisfy({ $0 <= CollectionIndex.mostSlots }),
      max(numbers[1], numbers[3]) <= Self.mostNodes, numbers[5] <= Self.mostWidening
    else { return nil }
    self.init(
      ten: Point(nodes: numbers[1], comparisons: numbers[2]),
      hundred: Point(nodes: numbers[3], comparisons: numbers[4]), widening: numbers[5], slots: numbers[0])
  }
}
