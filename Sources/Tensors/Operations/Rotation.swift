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
    (cosines, sines) = device.perform(
      RotationAngles(positions: positions, inverseFrequencies: inverseFrequencies, device: device))
  }

  /// `x` with every head of each row turned by the row's angles, in Hugging Face's order: dimension i pairs with
  /// i + half.
  public func rotate(_ x: Tensor, headDimension: Int) -> Tensor {
    precondition(
      x.rows == cosines.rows && headDimension == cosines.columns * 2 && x.columns % headDimension == 0)
    return x.device.perform(Rotation(x: x, angles: self, headDimension: headDimension))
  }
}

/// The cosines and the sines of positions times frequencies: positions × frequencies each.
private struct RotationAngles: Operation {
  let positions: [Int]
  let inverseFrequencies: [Float]
  let device: Device

  func forward(on processor: Processor) -> (cosines: Tensor, sines: Tensor) {
    let half = inverseFrequencies.count
    let cosines = Tensor(uninitializedRows: positions.count, columns: half, device: device)
    let sines = Tensor(uninitializedRows: positions.count, columns: half, device: device)
    processor.parallelRows(positions.count, elementsPerRow: half * 16) { rows in
      for row in rows {
        for index in 0..<half {
          let angle = Float(positions[row]) * inverseFrequencies[index]
          cosines.row(row)[index] = cos(angle)
          sines.row(row)[index] = sin(angle)
        }
      }
    }
    return (cosines, sines)
  }
}

private struct Rotation: RecordableOperation {
  let x: Tensor
  let angles: RotaryAngles
  let headDimension: Int
  var operands: [Tensor] { [x] }
  var isRecorded: Bool { x.isRecorded }

  func forward(on processor: Processor) -> Tensor {
    let result = Tensor(uninitializedRows: x.rows, columns: x.columns, device: x.device)
    let kernels = processor.kernels
    processor.parallelRows(x.rows, elementsPerRow: x.columns) { rows in
      for row in rows {
        let out = result.row(row)
        out.update(from: x.row(row), count: x.columns)
        for head in stride(from: 0, to: x.columns, by: headDimension) {
          kernels.rotate_half(out + head, angles.cosines.row(row), angles.sines.row(row), headDimension)
        }
      }
    }
    return result
  }
}
