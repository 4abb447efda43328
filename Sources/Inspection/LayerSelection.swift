/// Which of a model's layers, or of a layer's heads, are wanted.
public enum LayerSelection: Sendable, Equatable {
  /// Every one.
  case all
  /// The last one.
  case last
  /// The one of this number.
  case only(Int)

  /// The numbers that are meant of those that there are; nil where the one that is asked for is not among them.
  func numbers(in available: ClosedRange<Int>) -> [Int]? {
    switch self {
    case .all: Array(available)
    case .last: [available.upperBound]
    case .only(let number): available.contains(number) ? [number] : nil
    }
  }

  func layers(in available: ClosedRange<Int>) throws(InspectionError) -> [Int] {
    if let numbers = numbers(in: available) { return numbers }
    guard case .only(let layer) = self else { return [] }
    throw .noSuchLayer(layer, layers: available)
  }

  func heads(in available: ClosedRange<Int>) throws(InspectionError) -> [Int] {
    if let numbers = numbers(in: available) { return numbers }
    guard case .only(let head) = self else { return [] }
    throw .noSuchHead(head, heads: available)
  }
}
