import MartletSeededRandom
import Testing

@testable import MartletTensors

@Suite("Going back over what was recorded")
struct BackwardPassTests {
  func tensor(_ rows: Int, _ columns: Int, seed: UInt64, _ device: Device) throws -> Tensor {
    var random = SplitMix64(seed: seed)
    return try Tensor(random.values(rows * columns), rows: rows, columns: columns, device: device)
  }

  /// A small network: its loss, and the leaves that it was computed from.
  func network(_ device: Device, checkpoints: Bool, rows: Int = 70) throws -> (loss: Tensor, leaves: [Tensor])
  {
    let x = try tensor(rows, 48, seed: 1, device).recorded()
    let leaves = try [
      x, tensor(1, 48, seed: 2, device), tensor(64, 48, seed: 3, device), tensor(64, 48, seed: 4, device),
      tensor(48, 64, seed: 5, device),
    ].map { $0.isRecorded ? $0 : $0.recorded() }
    let head = Linear(weight: WeightMatrix(values: try tensor(100, 48, seed: 6, device)))
    let block: @Sendable (Tensor) -> Tensor = { x in
      let (gate, up) = project(
        x.rmsNormalized(weight: leaves[1], epsilon: 1e-5), Linear(weight: WeightMatrix(values: leaves[2])),
        Linear(weight: WeightMatrix(values: leaves[3])))
      return x + Linear(weight: WeightMatrix(values: leaves[4]))(gate.gate(up, by: .silu))
    }
    var states = x
    for _ in 0..<3 { states = checkpoints ? states.checkpointed(block) : block(states) }
    let targets = (0..<rows).map { $0 % 100 }
    return (crossEntropy(of: states, head: head, targets: targets), leaves)
  }

  func values(_ network: (loss: Tensor, leaves: [Tensor])) throws -> [[Float]] {
    let gradients = try network.loss.gradients()
    #expect(gradients.count == network.leaves.count)
    return try [network.loss.values] + network.leaves.map { try #require(gradients[$0]).values }
  }

  @Test("Checkpointed computations have the gradients of others, bit for bit, and keep no step within")
  func checkpoints() throws {
    let device = try Device(threads: 2)
    let plain = try network(device, checkpoints: false)
    let checkpointed = try network(device, checkpoints: true)
    #expect(try values(plain) == values(checkpointed))
    #expect(
      checkpointed.loss.history.map { "\(type(of: $0))" } == [
        "Checkpoint", "Checkpoint", "Checkpoint", "HeadCrossEntropy",
      ])
    let unrecorded = try tensor(2, 3, seed: 1, device)
    #expect(!unrecorded.checkpointed { $0.scaled(by: 2) }.isRecorded)
  }

  @Test("The gradients do not depend on the number of threads")
  func threads() throws {
    let one = try values(network(Device(threads: 1), checkpoints: false, rows: 300))
    #expect(try values(network(Device(threads: 3), checkpoints: false, rows: 300)) == one)
  }

  @Test("A tensor that is read several times gets the sum, and gradients of two losses add up")
  func sums() throws {
    let device = try Device(threads: 1)
    let x = try Tensor([1, 2], rows: 1, columns: 2, device: device).recorded()
    let other = try Tensor([5, 6], rows: 1, columns: 2, device: device).recorded()
    func first(_ x: Tensor) -> Tensor { x.columns(0..<1) }
    let a = try first(x + x + x.scaled(by: 3)).gradients()
    #expect(a[x]?.values == [5, 0] && a[other] == nil)
    let b = try first((x + other).gatheringColumns([1])).gradients()
    let sum = a + b
    #expect(sum[x]?.values == [5, 1] && sum[other]?.values == [0, 1] && sum.count == 2)
  }

  @Test("Nothing is recorded of a tensor's unrecorded values")
  func unrecorded() throws {
    let device = try Device(threads: 1)
    let x = try Tensor([3], rows: 1, columns: 1, device: device).recorded()
    let gradients = try (x.unrecorded().scaled(by: 4) + x).gradients()
    #expect(gradients[x]?.values == [1])
  }

  @Test("What is no loss, is not recorded or has no derivative is refused by name")
  func refused() throws {
    let device = try Device(threads: 1)
    let x = try tensor(2, 4, seed: 1, device)
    #expect(throws: GradientError.notOneValue(rows: 2, columns: 4)) { try x.recorded().gradients() }
    #expect(throws: GradientError.notRecorded) { try x.gatherRows([0]).columns(0..<1).gradients() }
    let largest = x.recorded().maximumOfRows(in: [0..<2]).columns(0..<1)
    let error = #expect(throws: GradientError.self) { try largest.gradients() }
    #expect(error == .noDerivative(operation: "MaximumOfRows"))
    #expect(error?.description.contains("MaximumOfRows") == true)
  }

  @Test("A long chain goes back without deep recursion")
  func longChain() throws {
    let device = try Device(threads: 1)
    let x = try Tensor([1], rows: 1, columns: 1, device: device).recorded()
    var y = x
    for _ in 0..<20_000 { y = y.scaled(by: 1) }
    #expect(try y.gradients()[x]?.values == [1])
  }
}
