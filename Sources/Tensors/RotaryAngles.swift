import Kernels

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The cosines and sines that rotary position embedding turns a batch's heads by (RoFormer, Su et al. 2021).
public struct RotaryAngles: Sendable {
  let cosines: Tensor
  let sines: Tensor

  /// The angles of `positions` for heads whose pairs turn with `inverseFrequencies` (half a head's dimension of them).
  public init(positions: [Int], inverseFrequencies: [Float], device: Device) {
    let half = inverseFrequencies.count
    cosines = Tensor(uninitializedRows: positions.count, columns: half, device: device)
    sines = Tensor(uninitializedRows: positions.count, columns: half, device: device)
    let (cosines, sines) = (cosines, sines)
    device.parallelRows(positions.count, elementsPerRow: half * 16) { rows in
      for row in rows {
        for index in 0..<half {
          let angle = Float(positions[row]) * inverseFrequencies[index]
          cosines.row(row)[index] = cos(angle)
          sines.row(row)[index] = sin(angle)
        }
      }
    }
  }

  /// `x` with every head of each row turned by the row's angles, in Hugging Face's order: dimension i pairs with
  /// i + half.
  public func rotate(_ x: Tensor, headDimension: Int) -> Tensor {
    precondition(
      x.rows == cosines.rows && headDimension == cosines.columns * 2 && x.columns % headDimension == 0)
    let result = Tensor(uninitializedRows: x.rows, columns: x.columns, device: x.device)
    let kernels = x.device.kernels
    x.device.parallelRows(x.rows, elementsPerRow: x.columns) { rows in
      for row in rows {
        let out = result.row(row)
        out.update(from: x.row(row), count: x.columns)
        for head in stride(from: 0, to: x.columns, by: headDimension) {
          kernels.rotate_half(out + head, cosines.row(row), sines.row(row), headDimension)
        }
      }
    }
    return result
  }
}
