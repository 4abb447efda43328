/// A matrix of float32 with one row a token: the value that flows through a model.
///
/// Tensors are values that never change. A batch packs the tokens of all its sequences end to end, so a row is a
/// token and nothing is padding.
public struct Tensor: Sendable {
  /// Tokens, or 1 for a vector of weights.
  public let rows: Int
  /// Values in a row.
  public let columns: Int
  private(set) var storage: TensorStorage
  /// How the tensor came to be, where that is recorded (``recorded()``).
  let origin: Origin?

  /// The device that the tensor lives on.
  public var device: Device { storage.device }

  /// A tensor whose values are not yet written; operations of this module fill it before anyone sees it.
  init(uninitializedRows rows: Int, columns: Int, device: Device) {
    self.rows = rows
    self.columns = columns
    storage = TensorStorage(count: rows * columns, device: device)
    origin = nil
  }

  /// The values of `tensor`, which they share, with an origin.
  init(_ tensor: Tensor, origin: Origin?) {
    (rows, columns, storage) = (tensor.rows, tensor.columns, tensor.storage)
    self.origin = origin
  }

  /// The values of `tensor`, which they share, in another shape of the same size.
  init(sharing tensor: Tensor, rows: Int, columns: Int) {
    (self.rows, self.columns, storage, origin) = (rows, columns, tensor.storage, nil)
  }

  /// A tensor of this shape without values, which stands where a shape is needed: whoever reads its values finds anything.
  /// It takes no memory.
  package var withoutValues: Tensor { Tensor(valueless, origin: nil) }

  /// A tensor of this shape and origin without values, which nobody may read: what is left of an operand whose values no
  /// derivative needs.
  var valueless: Tensor {
    Tensor(rows: rows, columns: columns, storage: TensorStorage(count: 0, device: device), origin: origin)
  }

  /// A tensor without values (``withoutValues``).
  init(rows: Int, columns: Int, withoutValuesOn device: Device) {
    self.init(rows: rows, columns: columns, storage: TensorStorage(count: 0, device: device), origin: nil)
  }

  private init(rows: Int, columns: Int, storage: TensorStorage, origin: Origin?) {
    (self.rows, self.columns, self.storage, self.origin) = (rows, columns, storage, origin)
  }

  /// A tensor with these values, row after row.
  /// - Throws: ``TensorError/shapeMismatch(_:)`` unless there are `rows * columns` values.
  public init(_ values: [Float], rows: Int, columns: Int, device: Device) throws(TensorError) {
    guard rows >= 0, columns >= 0, values.count == rows * columns else {
      throw .shapeMismatch("\(values.count) values cannot fill \(rows) rows of \(columns)")
    }
    self.init(uninitializedRows: rows, columns: columns, device: device)
    values.withUnsafeBufferPointer { source in
      if let base = source.baseAddress { pointer.update(from: base, count: source.count) }
    }
  }

  var pointer: UnsafeMutablePointer<Float> { storage.pointer }

  /// Whether nobody else has the tensor's memory, so that it may be written.
  var isUnique: Bool {
    mutating get { isKnownUniquelyReferenced(&storage) }
  }

  /// Gives the tensor memory of its own where somebody else has it, too.
  mutating func makeUnique() {
    guard !isUnique || origin != nil else { return }
    let copy = Tensor(uninitializedRows: rows, columns: columns, device: device)
    copy.pointer.update(from: pointer, count: rows * columns)
    self = copy
  }

  func row(_ index: Int) -> UnsafeMutablePointer<Float> { storage.pointer + index * columns }

  /// All values, row after row.
  public var values: [Float] { Array(UnsafeBufferPointer(start: pointer, count: rows * columns)) }

  /// The values of one row.
  /// - Precondition: `index` is in `0..<rows`.
  public subscript(row index: Int) -> [Float] {
    precondition(index >= 0 && index < rows, "row \(index) of a tensor of \(rows)")
    return Array(UnsafeBufferPointer(start: row(index), count: columns))
  }

  /// Calls `body` with the values of one row, without copying them.
  /// - Precondition: `index` is in `0..<rows`.
  public func withRow<R>(_ index: Int, _ body: (UnsafeBufferPointer<Float>) throws -> R) rethrows -> R {
    precondition(index >= 0 && index < rows, "row \(index) of a tensor of \(rows)")
    return try withExtendedLifetime(storage) {
      try body(UnsafeBufferPointer(start: row(index), count: columns))
    }
  }
}

/// What is wrong with the tensors that an operation was given.
public enum TensorError: Error, Equatable, Sendable, CustomStringConvertible {
  /// Sizes that do not fit together.
  case shapeMismatch(String)
  /// A weight's bytes are not what its format and shape say.
  case malformedWeight(String)
  /// A probability of dropout outside `0..<1`.
  case invalidProbability(Float)

  /// What is wrong, and what to do.
  public var description: String {
    switch self {
    case .shapeMismatch(let what): "Tensor shapes do not fit: \(what)."
    case .malformedWeight(let what): "A weight is malformed: \(what)."
    case .invalidProbability(let value):
      "\(value) is no probability of dropout. Give a number from 0 up to, but not including, 1."
    }
  }
}
