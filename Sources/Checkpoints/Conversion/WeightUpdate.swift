import MartletTensors

/// A change to a weight's values that a conversion makes on the way: what an adapter adds, or puts in their place.
public struct WeightUpdate: Sendable {
  /// Changes the values of some rows, which come end to end.
  let apply: @Sendable (_ rows: [Int], _ values: inout [Float]) -> Void

  /// A change.
  /// - Parameter apply: Is given the rows' numbers, as Hugging Face's checkpoint of the model orders them (of a vector each
  ///   value is a row), and their values, end to end.
  public init(_ apply: @escaping @Sendable (_ rows: [Int], _ values: inout [Float]) -> Void) {
    self.apply = apply
  }

  /// Changes the values of some rows.
  public func callAsFunction(_ rows: [Int], _ values: inout [Float]) { apply(rows, &values) }
}

/// What rounding to the type of the new file did to a weight that an update changed.
public struct RoundingCost: Sendable, Equatable {
  /// The weight's name, as Hugging Face has it.
  public let name: String
  /// The type that it was read in.
  public let from: StorageFormat
  /// The type that it was written in.
  public let to: StorageFormat
  /// The root of the mean square of (written - exact), divided by that of the exact values.
  public let meanRelativeDifference: Double
  /// The largest |written - exact|, divided by the root of the mean square of the exact values.
  public let maximumRelativeDifference: Double
  /// The length of (written - exact), divided by that of the update: how much noise the update came with.
  public let noise: Double
  /// How much of the update is there: (written - base) · update, divided by update · update.
  public let keptShare: Double
}

/// Adds up what rounding did, slab by slab.
final class RoundingLedger {
  private struct Sums {
    var (error, exact, update, kept) = (0.0, 0.0, 0.0, 0.0)
    var (largestError, count) = (Float(0), 0)
    let from, to: StorageFormat

    init(from: StorageFormat, to: StorageFormat) { (self.from, self.to) = (from, to) }
  }
  private var sums: [String: Sums] = [:]

  func add(
    _ name: String, from: StorageFormat, to: StorageFormat, before: [Float], exact: [Float],
    written: [Float]
  ) {
    var sum = sums[name] ?? Sums(from: from, to: to)
    for index in exact.indices {
      let (error, update) = (written[index] - exact[index], exact[index] - before[index])
      sum.error += Double(error * error)
      sum.exact += Double(exact[index] * exact[index])
      sum.update += Double(update * update)
      sum.kept += Double((written[index] - before[index]) * update)
      sum.largestError = max(sum.largestError, abs(error))
    }
    sum.count += exact.count
    sums[name] = sum
  }

  var costs: [RoundingCost] {
    sums.sorted { $0.key < $1.key }.map { name, sum in
      func ratio(_ a: Double, _ b: Double) -> Double { b > 0 ? a / b : 0 }
      return RoundingCost(
        name: name, from: sum.from, to: sum.to,
        meanRelativeDifference: ratio(sum.error, sum.exact).squareRoot(),
        maximumRelativeDifference: ratio(
          Double(sum.largestError), (sum.exact / Double(max(1, sum.count))).squareRoot()),
        noise: ratio(sum.error, sum.update).squareRoot(), keptShare: ratio(sum.kept, sum.update))
    }
  }
}

extension ModelConversion.Options {
  /// Changes to a model's weights.
  public struct Updates: Sendable {
    /// By the weight's name, as Hugging Face has it.
    public var changes: [String: WeightUpdate] = [:]
    /// How the output head, which was the embedding's matrix, differs from the base's embedding; nil where it stays the
    /// embedding's.
    public var head: WeightUpdate?

    /// No changes.
    public init() {}

    var isEmpty: Bool { changes.isEmpty && head == nil }
  }
}

extension ConvertedModel {
  private static let headName = "lm_head.weight"

  /// Has the tensors changed on the way.
  /// - Throws: ``CheckpointError`` where there is no tensor of a name.
  mutating func apply(_ updates: ModelConversion.Options.Updates, of checkpoint: Checkpoint) throws {
    let known = Dictionary(checkpoint.tensors.tensors.map { ($0.nameInFile, $0) }) { first, _ in
      first
    }
    var left = updates.changes
    var head: TensorConversion?
    for index in tensors.indices {
      guard case .tensor(let tensor) = tensors[index].source, let model = known[tensor.nameInFile]
      else {
        continue
      }
      if updates.head != nil, Self.isTokenEmbedding(model.name) {
        head = tensors[index]
        head?.modelName = Self.headName
        head?.update = updates.head
      }
      guard let update = left.removeValue(forKey: model.name) else { continue }
      tensors[index].update = update
      tensors[index].modelName = model.name
      tensors[index].modelRow = model.rowPermutation.map {
        $0.inverseOrder(rows: tensor.shape.first ?? 0)
      }
    }
    guard left.isEmpty else {
      throw CheckpointError.unsupported(
        file: checkpoint.path,
        what: "The result would hold no tensor \(left.keys.sorted()[0]) to change",
        advice: "Merge into a safetensors folder.")
    }
    guard updates.head != nil else { return }
    guard var head else {
      throw CheckpointError.unsupported(
        file: checkpoint.path, what: "It has no embedding to make an output head of",
        advice: "Merge into a safetensors folder.")
    }
    head.name = head.name == "token_embd.weight" ? "output.weight" : Self.headName
    tensors.append(head)
    guard let place = files.firstIndex(where: { $0.name == "config.json" }),
      var members = try? JSONFile.members(files[place].text)
    else { return }
    members["tie_word_embeddings"] = false
    files[place].text = JSONFile.text(members)
  }

  private static func isTokenEmbedding(_ name: String) -> Bool {
    name.hasSuffix("embed_tokens.weight") || name.hasSuffix("wte.weight")
  }
}
