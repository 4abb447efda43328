/// Numbers the n-grams of a few texts, so that they can be counted and compared as integers. Equal n-grams have equal
/// numbers; no hash stands for one.
///
/// An n-gram's number is found by that of its first n - 1 tokens and by its last token, so that all orders together
/// need one look-up for each n-gram.
struct NgramNumbers<Token: Hashable> {
  private var tokens = [Token: UInt32]()
  private var longer = [UInt64: UInt32]()
  private var next: UInt32 = 0

  /// The n-grams of each order from 1 to `maximumOrder`, by their numbers and in the order of the text.
  mutating func ngrams(_ text: some Collection<Token>, maximumOrder: Int) -> [[UInt32]] {
    let unigrams = text.map { token in
      if let known = tokens[token] { return known }
      tokens[token] = next
      next += 1
      return next - 1
    }
    var orders = maximumOrder > 0 ? [unigrams] : []
    while orders.count < maximumOrder, let shorter = orders.last {
      guard shorter.count > 1 else {
        orders.append([])
        continue
      }
      let order = orders.count
      orders.append(
        (0..<shorter.count - 1).map { start in
          let key = UInt64(shorter[start]) << 32 | UInt64(unigrams[start + order])
          if let known = longer[key] { return known }
          longer[key] = next
          next += 1
          return next - 1
        })
    }
    return orders
  }

  /// How many n-grams of a text are in its references, by order. Each counts at most as often as in the reference that
  /// has it most often.
  func matches(_ text: [[UInt32]], _ references: [[[UInt32]]]) -> [Int] {
    var left = [Int32](repeating: 0, count: Int(next))
    for (number, reference) in references.enumerated() {
      if number == 0 {
        for order in reference { for ngram in order { left[Int(ngram)] += 1 } }
      } else {
        var counts = [Int32](repeating: 0, count: Int(next))
        for order in reference { for ngram in order { counts[Int(ngram)] += 1 } }
        for (ngram, count) in counts.enumerated() where count > left[ngram] { left[ngram] = count }
      }
    }
    return text.map { order in
      var matches = 0
      for ngram in order where left[Int(ngram)] > 0 {
        left[Int(ngram)] -= 1
        matches += 1
      }
      return matches
    }
  }
}
