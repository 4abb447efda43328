/// How an index of FAISS compares vectors, with FAISS's numbers.
public enum FAISSMetric: Sendable, Equatable {
  /// The largest inner product is nearest.
  case innerProduct
  /// The squared Euclidean distance.
  case euclidean
  /// One that Martlet does not compute, with its number and argument: Manhattan, Canberra, …
  case other(Int32, argument: Float)

  init?(number: Int32, argument: Float) {
    switch number {
    case 0: self = .innerProduct
    case 1: self = .euclidean
    case 2...4, 20...25: self = .other(number, argument: argument)
    default: return nil
    }
  }

  init(_ distance: Distance) { self = distance == .l2 ? .euclidean : .innerProduct }

  /// The distance that ranks as the index does; nil where there is none.
  public var distance: Distance? {
    switch self {
    case .innerProduct: .ip
    case .euclidean: .l2
    case .other: nil
    }
  }

  var number: Int32 {
    switch self {
    case .innerProduct: 0
    case .euclidean: 1
    case .other(let number, _): number
    }
  }
}
