import MartletTensors

/// The gated feed-forward network of Llama and its kin (Shazeer 2020): down(f(gate x) · up x), with f SiLU or another
/// activation.
struct GatedFeedForward: Sendable {
  let gate, up, down: Linear
  let activation: Activation

  init(
    _ weights: Weights, _ configuration: DecoderConfiguration, bias: Bool = false
  ) throws(ModelError) {
    let (width, inner) = (configuration.shape.width, configuration.intermediateSize)
    gate = try weights.linear("gate_proj", outputs: inner, inputs: width, bias: bias)
    up = try weights.linear("up_proj", outputs: inner, inputs: width, bias: bias)
    down = try weights.linear("down_proj", outputs: width, inputs: inner, bias: bias)
    activation = configuration.activation
  }

  func callAsFunction(_ x: Tensor) -> Tensor {
    let (gated, raised) = project(x, gate, up)
    return down(gated.gate(raised, by: activation))
  }
}
