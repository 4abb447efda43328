import MartletMetrics

/// Which examples each step learns from. It follows from the number of the step alone, so that a run can go on anywhere.
struct ExampleOrder: Sendable {
  let examples: Int
  let perStep: Int
  let stepsPerEpoch: Int
  let seed: UInt64
  let shuffles: Bool
  private var epoch = -1
  private var order: [Int] = []

  init(examples: Int, recipe: TrainingRecipe) {
    (self.examples, perStep) = (examples, recipe.examplesPerStep)
    stepsPerEpoch = recipe.stepsPerEpoch(examples: examples)
    (seed, shuffles) = (recipe.seed, recipe.shuffles)
  }

  /// The numbers of a step's examples.
  /// - Parameter step: The number of the step, from 0 on.
  mutating func examples(ofStep step: Int) -> [Int] {
    if epoch != step / stepsPerEpoch {
      epoch = step / stepsPerEpoch
      order = order(ofEpoch: epoch)
    }
    let first = step % stepsPerEpoch * perStep
    return Array(order[first..<min(examples, first + perStep)])
  }

  private func order(ofEpoch epoch: Int) -> [Int] {
    var order = Array(0..<examples)
    guard shuffles else { return order }
    var draws = RandomDraws(seed: mixed(seed, UInt64(epoch)))
    // Fisher and Yates's, from the end on (Knuth 1969, algorithm P).
    for place in stride(from: examples - 1, to: 0, by: -1) {
      order.swapAt(place, draws.place(below: place + 1))
    }
    return order
  }
}

/// A seed that follows from two numbers, and tells nothing of either.
func mixed(_ seed: UInt64, _ number: UInt64) -> UInt64 {
  var draws = RandomDraws(seed: seed ^ (number &+ 1) &* 0xD6E8_FEB8_6659_FD93)
  return draws.next()
}

/// The seed of a name.
func mixed(_ seed: UInt64, _ name: String) -> UInt64 {
  // FNV-1a.
  mixed(seed, name.utf8.reduce(0xcbf2_9ce4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 })
}
