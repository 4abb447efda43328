import MartletCheckpoints
import MartletTensors
import Testing

@testable import MartletTransformers

@Suite("Training computes what torch and peft compute")
struct TrainingTests {
  let device: Device
  init() throws { device = try Device(threads: 2) }

  @Test("The loss and the gradients by every weight", arguments: TrainingReference.models)
  func full(name: String) throws {
    let reference = try TrainingReference(name)
    let (loss, gradients) = try Trainee.full(Trainee.open(name, device: device)).step(reference.sequences)
    #expect(abs(loss - (try reference.loss("full"))) < 1e-4)
    let expected = try reference.gradients("full")
    #expect(Set(gradients.keys) == Set(expected.keys))
    for (weight, gradient) in gradients {
      expectEqual(gradient, try #require(expected[weight]), "\(name) \(weight)")
    }
  }

  @Test("The loss and the gradients by adapters on frozen weights", arguments: TrainingReference.models)
  func adapters(name: String) throws {
    let reference = try TrainingReference(name)
    let trainee = try Trainee.lora(Trainee.open(name, device: device), reference)
    let (loss, gradients) = try trainee.step(reference.sequences)
    #expect(abs(loss - (try reference.loss("lora"))) < 1e-4)
    for (weight, expected) in try reference.gradients("lora") {
      expectEqual(try #require(gradients[weight]), expected, "\(name) \(weight)")
    }
  }

  @Test("Twenty steps of AdamW have torch's losses", arguments: ["gpt2", "qwen3"], ["full", "lora"])
  func steps(name: String, kind: String) throws {
    let reference = try TrainingReference(name)
    let base = try Trainee.open(name, device: device)
    var trainee = try kind == "full" ? Trainee.full(base) : Trainee.lora(base, reference)
    var optimizer = AdamW(rate: try reference.number("rate"), decay: try reference.number("decay"))
    for (step, expected) in try reference.steps(kind).enumerated() {
      let (loss, gradients) = try trainee.step(reference.sequences)
      #expect(abs(loss - expected) < 1e-3 * max(1, expected), "step \(step)")
      try optimizer.update(&trainee.values, gradients)
    }
  }

  @Test(
    "A checkpointed step has the loss and the gradients of another, bit for bit",
    arguments: ["gpt2", "qwen3"])
  func checkpoints(name: String) throws {
    let reference = try TrainingReference(name)
    let base = try Trainee.open(name, device: device)
    let dropout = try Dropout(probability: 0.3, seed: 5)
    for trainee in try [Trainee.full(base), Trainee.lora(base, reference, dropout: dropout)] {
      let kept = try trainee.step(reference.sequences, checkpoints: false)
      let again = try trainee.step(reference.sequences, checkpoints: true)
      #expect(kept.loss == again.loss)
      for (name, gradient) in kept.gradients { #expect(again.gradients[name]?.values == gradient.values) }
    }
  }

  @Test("A step has the same bits on one thread and on three")
  func threads() throws {
    let reference = try TrainingReference("qwen2")
    let steps = try [1, 3].map { threads in
      let base = try Trainee.open("qwen2", device: Device(threads: threads))
      return (
        try Trainee.full(base).step(reference.sequences),
        try Trainee.lora(base, reference).step(reference.sequences)
      )
    }
    for (one, three) in [(steps[0].0, steps[1].0), (steps[0].1, steps[1].1)] {
      #expect(one.loss == three.loss)
      for (name, gradient) in one.gradients {
        #expect(three.gradients[name]?.values == gradient.values, "\(name)")
      }
    }
  }

  @Test("Gradients that are added up over two calls are those of one")
  func accumulation() throws {
    let reference = try TrainingReference("llama-linear")
    let trainee = try Trainee.full(Trainee.open("llama-linear", device: device))
    let all = reference.sequences, count = all.reduce(0) { $0 + $1.countedTokens }
    let whole = try trainee.step(all)
    let first = try trainee.step(Array(all.prefix(1)), divisor: count)
    let rest = try trainee.step(Array(all.dropFirst()), divisor: count)
    #expect(abs(first.loss + rest.loss - whole.loss) < 1e-5 * whole.loss)
    for (name, gradient) in whole.gradients {
      let sum = try #require(first.gradients[name]).values.enumerated().map {
        $0.element + (rest.gradients[name]?.values[$0.offset] ?? .nan)
      }
      let scale = gradient.values.map(abs).max() ?? 0
      #expect(zip(sum, gradient.values).allSatisfy { abs($0 - $1) <= 1e-5 * scale }, "\(name)")
    }
  }

  @Test("Packed sequences do not see each other")
  func packed() throws {
    let reference = try TrainingReference("gpt2")
    let model = try Trainee.open("gpt2", device: device)
    let losses = try reference.sequences.map { try model.loss(of: [$0], divisor: 1).values[0] }
    let together = try model.loss(of: reference.sequences, divisor: 1).values[0]
    #expect(abs(losses.reduce(0, +) - together) < 1e-5 * together)
    #expect(!(try model.loss(of: reference.sequences)).isRecorded)
  }

  @Test(
    "Adapters train on weights in blocks", arguments: [("llama-linear", "q4_0.gguf"), ("qwen2", "q5_0.gguf")])
  func blocks(name: String, file: String) throws {
    let reference = try TrainingReference(name)
    var trainee = try Trainee.lora(Trainee.open(name, file: file, device: device), reference)
    var optimizer = AdamW(rate: 1e-2, decay: 0)
    let first = try trainee.step(reference.sequences)
    for (weight, expected) in try reference.gradients("lora") {
      // The weights are rounded, so that gradients are near the reference's, and no more.
      let values = try #require(first.gradients[weight]).values
      let size = values.reduce(0) { $0 + Double($1) * Double($1) }.squareRoot()
      #expect(size > 0.2 * expected.size && size < 5 * expected.size, "\(weight)")
    }
    for _ in 0..<10 { try optimizer.update(&trainee.values, trainee.step(reference.sequences).gradients) }
    #expect(try trainee.step(reference.sequences).loss < first.loss)
  }

  @Test("A model that trains still generates from a cache, but has no gradients through it")
  func cached() throws {
    let reference = try TrainingReference("qwen3")
    let base = try Trainee.open("qwen3", device: device)
    let weight = try #require(base.parameters["model.layers.0.self_attn.q_proj.weight"]).values().recorded()
    let model = try base.adapted(by: [:], replacing: ["model.layers.0.self_attn.q_proj.weight": weight])
    let tokens = reference.sequences[0].tokens
    let states = try model.hiddenStates(of: PackedBatch(tokens, cache: model.makeCache(.float32)))
    let plain = try base.hiddenStates(of: PackedBatch(tokens, cache: base.makeCache(.float32)))
    #expect(zip(states.values, plain.values).allSatisfy { abs($0 - $1) < 1e-4 })
    let error = #expect(throws: GradientError.self) { try states.gatherRows([0]).columns(0..<1).gradients() }
    #expect(error == .noDerivative(operation: "ScaledDotProductAttention over a cache of keys and values"))
  }

  @Test("Misfit values, unknown weights, and sequences without anything to learn are refused")
  func refused() throws {
    let model = try Trainee.open("qwen3", device: device)
    let one = try Tensor([1], rows: 1, columns: 1, device: device)
    #expect(throws: ModelError.unusedValues(["model.nothing"])) {
      try model.adapted(by: [:], replacing: ["model.nothing": one])
    }
    let error = #expect(throws: ModelError.self) {
      try model.adapted(by: [:], replacing: ["model.norm.weight": one])
    }
    guard case .unusableValues("model.norm.weight", _) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(throws: ModelError.nothingToLearn) {
      try model.loss(of: [TrainingSequence([1, 2], countingFrom: 2)])
    }
    #expect(throws: ModelError.nothingToLearn) { try model.loss(of: []) }
    #expect(throws: ModelError.misfitTargets(tokens: 2, targets: 1)) {
      try TrainingSequence(tokens: [1, 2], targets: [2])
    }
    #expect(throws: ModelError.self) {
      try model.loss(of: [TrainingSequence(tokens: [1], targets: [70_000])])
    }
  }
}

/// AdamW (Loshchilov and Hutter 2017), as torch has it.
struct AdamW {
  let rate, decay: Float
  private var step = 0
  private var means: [String: [Float]] = [:], squares: [String: [Float]] = [:]

  init(rate: Float, decay: Float) { (self.rate, self.decay) = (rate, decay) }

  mutating func update(_ values: inout [String: Tensor], _ gradients: [String: Tensor]) throws {
    step += 1
    func correction(_ beta: Double) -> Float { Float(1 - (0..<step).reduce(1) { power, _ in power * beta }) }
    let (first, second) = (correction(0.9), correction(0.999))
    for (name, tensor) in values {
      let gradient = try #require(gradients[name]).values
      var (new, mean) = (tensor.values, means[name] ?? gradient.map { _ in 0 })
      var square = squares[name] ?? gradient.map { _ in 0 }
      for i in new.indices {
        mean[i] = 0.9 * mean[i] + 0.1 * gradient[i]
        square[i] = 0.999 * square[i] + 0.001 * gradient[i] * gradient[i]
        new[i] -= rate * decay * new[i]
        new[i] -= rate / first * mean[i] / ((square[i] / second).squareRoot() + 1e-8)
      }
      (means[name], squares[name]) = (mean, square)
      values[name] = try Tensor(new, rows: tensor.rows, columns: tensor.columns, device: tensor.device)
    }
  }
}
