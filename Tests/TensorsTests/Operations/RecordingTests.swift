import MartletSeededRandom
import Testing

@testable import MartletTensors

@Suite("Operations that a tensor remembers")
struct RecordingTests {
  let device: Device
  init() throws { device = try Device(threads: 2) }

  func tensor(_ rows: Int, _ columns: Int, seed: UInt64) throws -> Tensor {
    var random = SplitMix64(seed: seed)
    return try Tensor(random.values(rows * columns), rows: rows, columns: columns, device: device)
  }

  func linear(_ outputs: Int, _ inputs: Int) throws -> Linear {
    var random = SplitMix64(seed: 9)
    return Linear(
      weight: try random.values(outputs * inputs).withUnsafeBytes { bytes in
        try WeightMatrix(
          rows: outputs, columns: inputs, format: .float32, precision: .float32, device: device, bytes: bytes)
      })
  }

  /// The name of an operation's type.
  func names(_ tensor: Tensor) -> [String] { tensor.history.map { "\(type(of: $0))" } }

  @Test("Every operation between a recorded tensor and a loss is remembered, in order, and each once")
  func order() throws {
    let weight = try tensor(1, 32, seed: 2)
    let x = try tensor(3, 32, seed: 1).recorded()
    let layers = (try linear(32, 32), try linear(16, 32), try linear(16, 32))
    let normed = x.rmsNormalized(weight: weight, epsilon: 1e-6)
    let (q, k, v) = project(normed, layers.0, layers.1, layers.2)
    let angles = RotaryAngles(
      positions: [0, 1, 2], inverseFrequencies: .init(repeating: 1, count: 8), device: device)
    let shape = AttentionShape(heads: 2, keyValueHeads: 1, headDimension: 16, isCausal: true)
    let attended = attention(
      queries: angles.rotate(q, headDimension: 16), keys: angles.rotate(k, headDimension: 16), values: v,
      shape: shape, batch: PackedBatch([1, 2, 3]), layer: 0)
    let residual = attended + x
    let gated = residual.gate(residual.scaled(by: 2), by: .silu).activated(by: .gelu)
    let last = gated.gatherRows([2]).meanOfRows(in: [0..<1]).normalizedRows()
    #expect(
      names(last) == [
        "RMSNormalization", "MatrixProduct", "Rotation", "Rotation", "ScaledDotProductAttention", "Sum",
        "Scaling", "Gate", "ActivationOfValues", "RowGathering", "MeanOfRows", "UnitLength",
      ])
    #expect(last.history.allSatisfy { !$0.operands.isEmpty && $0.isRecorded })
  }

  @Test("Nothing is remembered of tensors that are not recorded, and recording changes no value")
  func unrecorded() throws {
    let (a, b) = (try tensor(4, 48, seed: 3), try tensor(4, 48, seed: 4))
    let layer = try linear(24, 48)
    let plain = layer((a + b).activated(by: .gelu))
    let recorded = layer((a.recorded() + b).activated(by: .gelu))
    #expect(!plain.isRecorded && plain.history.isEmpty)
    #expect(recorded.isRecorded && names(recorded) == ["Sum", "ActivationOfValues", "MatrixProduct"])
    #expect(plain.values == recorded.values)
  }

  @Test("A recorded weight is enough for the result to remember")
  func weights() throws {
    let (x, weight) = (try tensor(2, 16, seed: 5), try tensor(1, 16, seed: 6).recorded())
    #expect(names(x.rmsNormalized(weight: weight, epsilon: 1e-5)) == ["RMSNormalization"])
    #expect(
      names(x.layerNormalized(weight: weight, bias: x.gatherRows([0]), epsilon: 1e-5)) == [
        "LayerNormalization"
      ])
  }

  @Test("A long chain of operations is remembered and given back")
  func longChain() throws {
    var x = try tensor(1, 16, seed: 7).recorded()
    for _ in 0..<20_000 { x = x.scaled(by: 1) }
    #expect(x.history.count == 20_000)
  }
}

@Suite("Adapters on linear layers")
struct LowRankAdapterTests {
  @Test("A layer with an adapter gives W x + b + scaling · B (A x), alone and beside others")
  func values() throws {
    let device = try Device(threads: 2)
    var random = SplitMix64(seed: 11)
    func matrix(_ rows: Int, _ columns: Int) throws -> WeightMatrix {
      try random.values(rows * columns).withUnsafeBytes { bytes in
        try WeightMatrix(
          rows: rows, columns: columns, format: .float32, precision: .float32, device: device, bytes: bytes)
      }
    }
    let weight = try matrix(20, 48)
    let bias = try Tensor(random.values(20), rows: 1, columns: 20, device: device)
    let adapter = try LowRankAdapter(a: matrix(4, 48), b: matrix(20, 4), scaling: 2)
    let x = try Tensor(random.values(5 * 48), rows: 5, columns: 48, device: device)
    let plain = try Linear(weight: weight, bias: bias)
    let adapted = try Linear(weight: weight, bias: bias, adapter: adapter)
    let expected = (plain(x) + Linear(weight: adapter.b)(Linear(weight: adapter.a)(x)).scaled(by: 2)).values
    #expect(adapted(x).values == expected)
    #expect(project(x, plain, adapted).1.values == expected)
    let (first, second, third) = project(x, adapted, plain, adapted)
    #expect(first.values == expected && second.values == plain(x).values && third.values == expected)
  }

  @Test("Adapters that do not fit are refused with both shapes")
  func shapes() throws {
    let device = try Device(threads: 1)
    func zeros(_ rows: Int, _ columns: Int) throws -> WeightMatrix {
      try [UInt8](repeating: 0, count: rows * columns * 4).withUnsafeBytes { bytes in
        try WeightMatrix(
          rows: rows, columns: columns, format: .float32, precision: .float32, device: device, bytes: bytes)
      }
    }
    #expect(throws: TensorError.self) { try LowRankAdapter(a: zeros(2, 8), b: zeros(8, 3), scaling: 1) }
    let adapter = try LowRankAdapter(a: zeros(2, 8), b: zeros(8, 2), scaling: 1)
    #expect(throws: TensorError.self) { try Linear(weight: zeros(8, 16), bias: nil, adapter: adapter) }
  }
}
