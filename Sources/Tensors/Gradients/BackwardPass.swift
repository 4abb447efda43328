/// A pass back over recorded operations, which gathers the gradients of a loss (reverse-mode differentiation; Baydin et
/// al. 2018, "Automatic Differentiation in Machine Learning: a Survey").
///
/// Each operation is given the gradients by its results and adds those by its operands. A tensor that several operations
/// read gets the sum of what each adds, always in the same order. One thread owns a pass.
final class BackwardPass {
  let processor: Processor
  private let device: Device
  /// Gradients by tensors whose operation is still to come, and by those that recording began with.
  private var gradients: [Key: Slot] = [:]
  /// Where recording began, as far as gradients have reached.
  private var leaves: [ObjectIdentifier: Step] = [:]

  private struct Key: Hashable {
    let step: ObjectIdentifier
    let index: Int

    init(_ origin: Origin) { (step, index) = (ObjectIdentifier(origin.step), origin.index) }
    init(_ step: Step, _ index: Int) { (self.step, self.index) = (ObjectIdentifier(step), index) }
  }

  private struct Slot {
    var gradient: Tensor
    /// Whether nobody else has this memory, so that it may be added to.
    var isOwned: Bool
  }

  init(device: Device) { (processor, self.device) = (device.processor, device) }

  /// Begins with a gradient by a tensor that recording began with.
  func begin(with gradient: Tensor, by leaf: Step, isOwned: Bool) {
    leaves[ObjectIdentifier(leaf)] = leaf
    gradients[Key(leaf, 0)] = Slot(gradient: gradient, isOwned: isOwned)
  }

  /// Adds a gradient by `operand`; nothing where that is not recorded.
  /// - Parameter isOwned: Whether the gradient was made for this call, so that others may be added to it in place.
  func add(_ gradient: Tensor, to operand: Tensor, isOwned: Bool = true) {
    guard let origin = operand.origin else { return }
    note(origin)
    let key = Key(origin)
    guard let slot = gradients[key] else {
      gradients[key] = Slot(gradient: gradient, isOwned: isOwned)
      return
    }
    let target = slot.isOwned ? slot.gradient : isOwned ? gradient : emptyTensor(like: gradient)
    addValues(slot.gradient, gradient, into: target)
    gradients[key] = Slot(gradient: target, isOwned: true)
  }

  /// Has `body` write a gradient by `operand`, or add to what is there; nothing where that is not recorded.
  /// - Parameters:
  ///   - isZeroed: Whether `body` adds in any case, to zeros where nothing is there yet.
  ///   - body: Gets the gradient, and whether it has to add to it.
  func accumulate(
    to operand: Tensor, isZeroed: Bool = false, _ body: (_ gradient: Tensor, _ adds: Bool) -> Void
  ) {
    guard let origin = operand.origin else { return }
    note(origin)
    let key = Key(origin)
    if let slot = gradients[key], slot.isOwned {
      body(slot.gradient, true)
      return
    }
    let target = emptyTensor(like: operand)
    let earlier = gradients[key]
    if let earlier {
      target.pointer.update(from: earlier.gradient.pointer, count: target.count)
    } else if isZeroed {
      target.pointer.update(repeating: 0, count: target.count)
    }
    body(target, isZeroed || earlier != nil)
    gradients[key] = Slot(gradient: target, isOwned: true)
  }

  /// Goes back from `result`, whose gradient is `gradient`, over all that it was made from.
  func run(from result: Tensor, gradient: Tensor) throws(GradientError) {
    add(gradient, to: result, isOwned: false)
    var steps = result.steps
    while let step = steps.popLast() {
      guard let operation = step.operation else { continue }
      let results = (0..<Self.mostResults).map { gradients.removeValue(forKey: Key(step, $0))?.gradient }
      guard results.contains(where: { $0 != nil }) else { continue }
      try operation.backward(results, self)
    }
  }

  /// The gradient by a tensor that recording began with, which the pass then forgets.
  func take(_ leaf: Tensor) -> Tensor? {
    guard let origin = leaf.origin else { return nil }
    leaves[ObjectIdentifier(origin.step)] = nil
    return gradients.removeValue(forKey: Key(origin))?.gradient
  }

  /// What was gathered for the tensors that recording began with.
  var gathered: Gradients {
    Gradients(
      leaves.values.compactMap { step in gradients[Key(step, 0)].map { (step, $0.gradient) } })
  }

  private static let mostResults = 3

  private func note(_ origin: Origin) {
    if origin.step.operation == nil { leaves[ObjectIdentifier(origin.step)] = origin.step }
  }

  /// A tensor of the shape of `tensor`, not yet written.
  func emptyTensor(like tensor: Tensor) -> Tensor {
    Tensor(uninitializedRows: tensor.rows, columns: tensor.columns, device: device)
  }

  private func addValues(_ a: Tensor, _ b: Tensor, into sum: Tensor) {
    processor.parallelRows(a.rows, elementsPerRow: a.columns) { rows in
      let first = rows.lowerBound
      processor.kernels.add(a.row(first), b.row(first), sum.row(first), rows.count * a.columns)
    }
  }
}
