/// The gradients of a loss by the tensors that recording began with (``Tensor/recorded()``).
///
/// ```swift
/// let weight = try Tensor([0.5, -1], rows: 1, columns: 2, device: device).recorded()
/// let loss = weight.columns(1..<2).scaled(by: 3)
/// let slopes = try loss.gradients()[weight]?.values  // [0, 3]
/// ```
public struct Gradients: Sendable {
  private var gradients: [ObjectIdentifier: (step: Step, gradient: Tensor)]

  init(_ gathered: [(step: Step, gradient: Tensor)]) {
    gradients = Dictionary(
      gathered.map { (ObjectIdentifier($0.step), $0) }, uniquingKeysWith: { first, _ in first })
  }

  /// The gradient by a recorded tensor, in its shape; nil where the loss does not depend on it.
  public subscript(tensor: Tensor) -> Tensor? {
    guard let step = tensor.origin?.step else { return nil }
    return gradients[ObjectIdentifier(step)]?.gradient
  }

  /// Takes the gradient by a recorded tensor out, so that nobody else has its memory; nil where there is none.
  public mutating func remove(_ tensor: Tensor) -> Tensor? {
    guard let step = tensor.origin?.step else { return nil }
    return gradients.removeValue(forKey: ObjectIdentifier(step))?.gradient
  }

  /// Hands out all gradients, with whether nobody else has their memory, and is empty then.
  mutating func moveAll(to take: (_ leaf: Step, _ gradient: Tensor, _ isOwned: Bool) -> Void) {
    for key in Array(gradients.keys) {
      guard var moved = gradients.removeValue(forKey: key) else { continue }
      let isOwned = moved.gradient.isUnique
      take(moved.step, moved.gradient, isOwned)
    }
  }

  /// No gradients.
  public init() { gradients = [:] }

  /// How many tensors have a gradient.
  public var count: Int { gradients.count }

  /// The sums of the gradients of two losses: those of the sum of both. A step over several batches adds up theirs.
  public static func + (a: Gradients, b: Gradients) -> Gradients {
    var sum = a
    for (key, other) in b.gradients {
      let gradient = sum.gradients[key].map { $0.gradient + other.gradient } ?? other.gradient
      sum.gradients[key] = (other.step, gradient)
    }
    return sum
  }
}

extension Tensor {
  /// Adds the gradients of this tensor, a loss of one value, to those of earlier losses: the parts of a batch that is too
  /// large to go through a model at once.
  ///
  /// They are added in place, so that the parts take no more memory than one.
  /// - Parameter earlier: The gradients of earlier losses by the same recorded tensors. Where this throws they are gone.
  /// - Throws: ``GradientError`` as ``gradients()`` does.
  public func addGradients(to earlier: inout Gradients) throws(GradientError) {
    let pass = BackwardPass(device: device)
    earlier.moveAll { pass.begin(with: $1, by: $0, isOwned: $2) }
    try run(pass)
    earlier = pass.gathered
  }

  /// The gradients of this tensor, a loss of one value, by the tensors that recording began with.
  ///
  /// The same computation gives the same gradients, bit for bit, however many threads share it.
  /// - Throws: ``GradientError`` where the tensor is not one value, is not recorded, or depends on a recorded tensor
  ///   through an operation without a derivative.
  public func gradients() throws(GradientError) -> Gradients {
    let pass = BackwardPass(device: device)
    try run(pass)
    return pass.gathered
  }

  private func run(_ pass: BackwardPass) throws(GradientError) {
    guard rows == 1, columns == 1 else { throw .notOneValue(rows: rows, columns: columns) }
    guard isRecorded else { throw .notRecorded }
    let one = Tensor(uninitializedRows: 1, columns: 1, device: device)
    one.pointer.pointee = 1
    try pass.run(from: self, gradient: one)
  }
}

/// Why a tensor has no gradients.
public enum GradientError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The tensor is not a loss.
  case notOneValue(rows: Int, columns: Int)
  /// Nothing that the tensor was computed from was recorded.
  case notRecorded
  /// A recorded tensor went through this operation, whose derivative is not there.
  case noDerivative(operation: String)

  /// What is wrong, and what to do.
  public var description: String {
    switch self {
    case .notOneValue(let rows, let columns):
      "Gradients are those of one value, and this tensor has \(rows) × \(columns). Reduce it to a loss first."
    case .notRecorded:
      """
      The loss depends on no recorded tensor, so that there is nothing to differentiate by. Compute it from the \
      recorded() values of what is to be trained.
      """
    case .noDerivative(let operation):
      """
      The loss depends on recorded tensors through \(operation), an operation that has no derivative here. Compute it \
      without this operation, or from tensors that are not recorded.
      """
    }
  }
}
