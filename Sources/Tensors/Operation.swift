/// One computation on tensors: its operands, and how a device carries it out.
///
/// Tensors have methods, and each makes an operation and hands it to ``Device/perform(_:)``. So there is one place that
/// every computation passes: a second kind of device adds a `forward` of its own here, and a derivative is found by going
/// back over the operations that a tensor remembers (``Tensor/recorded()``).
protocol Operation {
  associatedtype Result

  /// The result, computed by this machine's processor.
  func forward(on processor: Processor) -> Result
}

/// An operation whose results remember it where one of its operands is recorded.
protocol RecordableOperation: Operation, Sendable where Result: Recordable {
  /// The tensors that the result depends on.
  var operands: [Tensor] { get }
  /// Whether any of ``operands`` is recorded; asked for every operation, so it makes no list of them.
  var isRecorded: Bool { get }

  /// The operation as a result remembers it: without the values of operands that its derivative does not need
  /// (``Tensor/valueless``), so that these take no memory.
  var remembered: Self { get }

  /// Adds to `pass` the gradients by those operands that are recorded.
  /// - Parameter gradients: The loss's gradients by the results, in the order of their ``Origin/index``; nil by those that
  ///   it does not depend on. At least one is not nil.
  /// - Throws: ``GradientError/noDerivative(operation:)`` where the operation has no derivative.
  func backward(_ gradients: [Tensor?], _ pass: BackwardPass) throws(GradientError)
}

extension RecordableOperation {
  var remembered: Self { self }

  func backward(_ gradients: [Tensor?], _ pass: BackwardPass) throws(GradientError) {
    // An optimized build names the file of a private type, too: "(MaximumOfRows in _F7…)".
    let name = "\(Self.self)"
    throw .noDerivative(operation: name.hasPrefix("(") ? String(name.dropFirst().prefix { $0 != " " }) : name)
  }
}

/// What a ``RecordableOperation`` may give: tensors.
protocol Recordable {
  /// The same values, which remember the operation that they come from.
  func remembering(_ step: Step) -> Self
}

extension Device {
  /// Carries out an operation.
  func perform<O: Operation>(_ operation: O) -> O.Result {
    operation.forward(on: processor)
  }

  /// Carries out an operation. Its result remembers it where an operand is recorded; for all others that costs one test.
  func perform<O: RecordableOperation>(_ operation: O) -> O.Result {
    let result = operation.forward(on: processor)
    return operation.isRecorded ? result.remembering(Step(operation.remembered)) : result
  }
}

/// One operation that was carried out on recorded tensors.
///
/// Results point to their step, and its operation to its operands with steps of their own, so that a result keeps alive
/// all that it was made from, and nothing else does.
final class Step: Sendable {
  /// What was carried out; nil where recording began.
  let operation: (any RecordableOperation)?

  init(_ operation: (any RecordableOperation)?) { self.operation = operation }
}

/// How a recorded tensor came to be: a step, and which of its results the tensor is.
struct Origin: Sendable {
  let step: Step
  let index: Int
}

extension Tensor: Recordable {
  /// The same values, recorded: whatever is computed from them remembers how.
  ///
  /// Recording keeps every intermediate result in memory for as long as a result of them lives.
  public func recorded() -> Tensor { Tensor(self, origin: Origin(step: Step(nil), index: 0)) }

  /// Whether the tensor remembers how it came to be.
  public var isRecorded: Bool { origin != nil }

  func remembering(_ step: Step) -> Tensor { Tensor(self, origin: Origin(step: step, index: 0)) }

  /// The operations that led from recorded tensors to this one, each after those that it builds on.
  var history: [any RecordableOperation] { steps.compactMap(\.operation) }

  /// The steps of ``history``.
  var steps: [Step] {
    var steps: [Step] = []
    var seen: Set<ObjectIdentifier> = []
    // A list in place of recursion, since a model's operations make a long chain.
    var waiting: [(tensor: Tensor, isExpanded: Bool)] = [(self, false)]
    while let (tensor, isExpanded) = waiting.popLast() {
      guard let step = tensor.origin?.step, let operation = step.operation else { continue }
      if isExpanded {
        steps.append(step)
      } else if seen.insert(ObjectIdentifier(step)).inserted {
        waiting.append((tensor, true))
        for operand in operation.operands.reversed() { waiting.append((operand, false)) }
      }
    }
    return steps
  }
}
