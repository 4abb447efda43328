import Kernels

// Element-wise operations and norms. Each gives a new tensor of the same shape; rows are shared among threads once
// there is enough to do. Shapes that do not fit are a programmer's mistake, not an input's, and are preconditions.

extension Tensor {
  /// The sum of two tensors of one shape: a residual connection.
  public static func + (a: Tensor, b: Tensor) -> Tensor {
    precondition(a.rows == b.rows && a.columns == b.columns, "a sum of tensors of different shapes")
    let kernels = a.device.kernels
    return a.mapRows { rows, out in
      let offset = rows.lowerBound * a.columns
      kernels.add(a.pointer + offset, b.pointer + offset, out, rows.count * a.columns)
    }
  }

  /// Every value times `factor`.
  public func scaled(by factor: Float) -> Tensor {
    let kernels = device.kernels
    return mapRows { rows, out in
      kernels.scale(row(rows.lowerBound), factor, out, rows.count * columns)
    }
  }

  /// The Gaussian error linear unit, exactly by the error function (Hendrycks and Gimpel 2016).
  public func gelu() -> Tensor {
    let kernels = device.kernels
    return mapRows { rows, out in kernels.gelu(row(rows.lowerBound), out, rows.count * columns) }
  }

  /// SiLU of `self` times `up`: the gate of SwiGLU (Shazeer 2020, "GLU Variants Improve Transformer").
  public func siluGate(_ up: Tensor) -> Tensor {
    precondition(rows == up.rows && columns == up.columns, "a gate of another shape")
    let kernels = device.kernels
    return mapRows { rows, out in
      let offset = rows.lowerBound * columns
      kernels.silu_multiply(pointer + offset, up.pointer + offset, out, rows.count * columns)
    }
  }

  /// Each row divided by its root mean square and multiplied by `weight` (Zhang and Sennrich 2019).
  public func rmsNormalized(weight: Tensor, epsilon: Float) -> Tensor {
    precondition(weight.columns == columns, "a norm of another width")
    let kernels = device.kernels
    return mapRows { rows, out in
      for index in rows {
        kernels.rms_norm(
          row(index), weight.pointer, epsilon, out + (index - rows.lowerBound) * columns, columns)
      }
    }
  }

  /// Each row with its mean taken away, divided by its standard deviation, times `weight` plus `bias` (Ba et al. 2016).
  public func layerNormalized(weight: Tensor, bias: Tensor, epsilon: Float) -> Tensor {
    precondition(weight.columns == columns && bias.columns == columns, "a norm of another width")
    let kernels = device.kernels
    return mapRows { rows, out in
      for index in rows {
        kernels.layer_norm(
          row(index), weight.pointer, bias.pointer, epsilon, out + (index - rows.lowerBound) * columns,
          columns)
      }
    }
  }

  /// The rows with these numbers, in their order.
  public func gatherRows(_ indices: [Int]) -> Tensor {
    let result = Tensor(uninitializedRows: indices.count, columns: columns, device: device)
    for (position, index) in indices.enumerated() {
      precondition(index >= 0 && index < rows, "row \(index) of a tensor of \(rows)")
      result.row(position).update(from: row(index), count: columns)
    }
    return result
  }

  /// The columns with these numbers, in their order.
  public func gatheringColumns(_ indices: [Int]) -> Tensor {
    let result = Tensor(uninitializedRows: rows, columns: indices.count, device: device)
    for row in 0..<rows {
      for (position, index) in indices.enumerated() {
        precondition(index >= 0 && index < columns, "column \(index) of a tensor of \(columns)")
        result.row(row)[position] = self.row(row)[index]
      }
    }
    return result
  }

  /// A tensor of this shape whose rows `body` writes, a range of them at a time.
  private func mapRows(_ body: (Range<Int>, UnsafeMutablePointer<Float>) -> Void) -> Tensor {
    let result = Tensor(uninitializedRows: rows, columns: columns, device: device)
    device.parallelRows(rows, elementsPerRow: columns) { range in
      body(range, result.row(range.lowerBound))
    }
    return result
  }
}
