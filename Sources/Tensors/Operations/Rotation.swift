#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The cosines and sines that rotary position embedding turns a batch's heads by (RoFormer, Su et al. 2021).
public struct RotaryAngles: Sendable {
  let cosines: Tensor
  let sines: Tensor

  /// Positions that are turned with the same frequencies: those of one sequence, since some models choose their
  /// frequencies by a sequence's length.
  public struct Run: Sendable {
    /// The position of each row.
    public var positions: [Int]
    /// How far each pair of a head's dimensions turns from a position to the next, in radians.
    public var inverseFrequencies: [Float]

    /// Positions and their frequencies.
    public init(positions: [Int], inverseFrequencies: [Float]) {
      (self.positions, self.inverseFrequencies) = (positions, inverseFrequencies)
    }
  }

  /// The angles of runs of rows, end to end.
  /// - Parameters:
  ///   - runs: All with as many frequencies: half the dimensions that are turned. The others of a head stay as they are.
  ///   - scale: What cosines and sines are multiplied by (`attention_factor` of the scalings YaRN and LongRoPE).
  ///   - device: Where the angles live.
  /// - Precondition: There is a run, and all have as many frequencies.
  public init(_ runs: [Run], scale: Float = 1, device: Device) {
    precondition(
      !runs.isEmpty && runs.allSatisfy { $0.inverseFrequencies.count == runs[0].inverseFrequencies.count })
    (cosines, sines) = device.perform(RotationAngles(runs: runs, scale: scale, device: device))
  }

  /// The angles of `positions`, all turned with the same frequencies.
  public init(positions: [Int], inverseFrequencies: [Float], device: Device) {
    self.init([Run(positions: positions, inverseFrequencies: inverseFrequencies)], device: device)
  }

  /// The same angles the other way round.
  func reversed() -> RotaryAngles {
    RotaryAngles(cosines: cosines, sines: sines.scaled(by: -1))
  }

  private init(cosines: Tensor, sines: Tensor) { (self.cosines, self.sines) = (cosines, sines) }

  /// `x` with every head of each row turned by the row's angles, in Hugging Face's order: dimension i pairs with
  /// i + half of those that are turned.
  public func rotate(_ x: Tensor, headDimension: Int) -> Tensor {
    precondition(
      x.rows == cosines.rows && headDimension >= cosines.columns * 2 && x.columns % headDimension == 0)
    return x.device.perform(Rotation(x: x, angles: self, headDimension: headDimension))
  }
}

/// The cosines and the sines of positions times frequencies: positions × frequencies each.
private struct RotationAngles: Operation {
  let runs: [RotaryAngles.Run]
  let scale: Float
  let device: Device

  func forward(on processor: Processor) -> (cosines: Tensor, sines: Tensor) {
    let rows = runs.reduce(0) { $0 + $1.positions.count }
    let half = runs[0].inverseFrequencies.count
    let cosines = Tensor(uninitializedRows: rows, columns: half, device: device)
    let sines = Tensor(uninitializedRows: rows, columns: half, device: device)
    var first = 0
    for run in runs {
      processor.parallelRows(run.positions.count, elementsPerRow: half * 16) { rows in
        for row in rows {
          for index in 0..<half {
            let angle = Float(run.positions[row]) * run.inverseFrequencies[index]
            cosines.row(first + row)[index] = cos(angle) * scale
            sines.row(first + row)[index] = sin(angle) * scale
          }
        }
      }
      first += run.positions.count
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
  var remembered: Rotation { Rotation(x: x.valueless, angles: angles, headDimension: headDimension) }

  func forward(on processor: Processor) -> Tensor {
    let result = Tensor(uninitializedRows: x.rows, columns: x.columns, device: x.device)
    let (kernels, turned) = (processor.kernels, angles.cosines.columns * 2)
    processor.parallelRows(x.rows, elementsPerRow: x.columns) { rows in
      for row in rows {
        let out = result.row(row)
        out.update(from: x.row(row), count: x.columns)
        for head in stride(from: 0, to: x.columns, by: headDimension) {
          kernels.rotate_half(out + head, angles.cosines.row(row), angles.sines.row(row), turned)
        }
      }
    }
    return result
  }

  // Turned back: a rotation's transpose has the other sign of the sines.
  func backward(_ gradients: [Tensor?], _ pass: BackwardPass) throws(GradientError) {
    guard let gradient = gradients[0] else { return }
    let back = Rotation(x: gradient, angles: angles.reversed(), headDimension: headDimension)
    pass.add(back.forward(on: pass.processor), to: x)
  }
}
