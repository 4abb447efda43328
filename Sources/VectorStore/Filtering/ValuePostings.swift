/// The slots of each value that a key has, by kinds.
struct ValuePostings {
  private var texts = ValueTable<TextStorage>()
  private var integers = ValueTable<NumberStorage<Int>>()
  private var doubles = ValueTable<NumberStorage<Double>>()
  private var (truths, untruths) = (PostingList(), PostingList())

  mutating func add(_ text: String, slot: UInt32) { TextStorage.withKey(text) { texts.add($0, slot: slot) } }
  mutating func add(_ number: Int, slot: UInt32) { integers.add(number, slot: slot) }
  mutating func add(_ truth: Bool, slot: UInt32) { truth ? truths.append(slot) : untruths.append(slot) }

  /// NaN, which equals nothing, is passed over.
  mutating func add(_ number: Double, slot: UInt32) {
    if !number.isNaN { doubles.add(number, slot: slot) }
  }

  // MARK: Equality

  /// Sets the bits of the slots that have the value.
  func insert(_ value: FilterValue, into target: UnsafeMutableBufferPointer<UInt64>) {
    switch value {
    case .string(let text):
      if let place = TextStorage.withKey(text, { texts.place(of: $0) }) {
        texts.postings.insert(place, into: target)
      }
    case .number(.integer(let number)):
      if let place = integers.place(of: number) { integers.postings.insert(place, into: target) }
    case .number(.double(let number)):
      if let place = doubles.place(of: number) { doubles.postings.insert(place, into: target) }
    case .bool(let truth): (truth ? truths : untruths).insert(into: target)
    }
  }

  // MARK: Order

  /// Sets the bits of the slots whose number lies in the interval.
  func insert(
    _ interval: NumberInterval, _ order: NumberOrder, into target: UnsafeMutableBufferPointer<UInt64>
  ) {
    let (whole, fractions) = (interval.integers, interval.fractions)
    order.integers.forEach(from: whole.least, to: whole.greatest, of: integers.storage.values) {
      integers.postings.insert($0, into: target)
    }
    order.fractions.forEach(from: fractions.least, to: fractions.greatest, of: doubles.storage.values) {
      doubles.postings.insert($0, into: target)
    }
  }
}

/// The order of the numbers in `ValuePostings`.
struct NumberOrder {
  let integers = ValueOrder()
  let fractions = ValueOrder()
}
