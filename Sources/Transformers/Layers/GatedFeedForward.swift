import MartletTensors

/// The gated feed-forward network SwiGLU (Shazeer 2020): down(silu(gate x) · up x).
struct GatedFeedForward: Sendable {
  let gate, up, down: Linear

  init(_ weights: Weights, width: Int, inner: Int, bias: Bool = false) throws(ModelError) {
    gate = try weights.linear("gate_proj", outputs: inner, inputs: width, bias: bias)
    up = try weights.linear("up_proj", outputs: inner, inputs: width, bias: bias)
    down = try weights.linear("down_proj", outputs: width, inputs: inner, bias: bias)
  }

  func callAsFunction(_ x: Tensor) -> Tensor {
    let (gated, raised) = project(x, gate, up)
    return down(gated.siluGate(raised))
  }
}
