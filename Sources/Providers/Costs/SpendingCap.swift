import Synchronization

/// A limit on what all requests of a run may cost together, which they never pass.
///
/// Before a request its worst case is reserved, so that requests that run at once cannot pass the limit together. When it
/// is done, what it did cost takes the reservation's place.
public final class SpendingCap: Sendable {
  /// The limit, in US dollars.
  public let limit: Double

  private struct Account {
    var spent = 0.0
    var next = 0
    var reservations: [Int: Double] = [:]
    // Summed anew each time: additions and subtractions in turn would leave a rest.
    var reserved: Double { reservations.values.reduce(0, +) }
  }

  private let account = Mutex(Account())

  /// A cap.
  /// - Parameter limit: In US dollars.
  public init(limit: Double) { self.limit = max(0, limit) }

  /// What has been spent so far, in US dollars.
  public var spent: Double { account.withLock(\.spent) }

  /// A part of the limit that a request holds.
  struct Reservation: Sendable {
    let number: Int
    let amount: Double
  }

  /// Reserves the most that a request can cost.
  /// - Throws: ``ProviderError/capReached(model:cap:spent:reserved:needed:)`` where there is less left.
  func reserve(_ amount: Double, for model: String) throws(ProviderError) -> Reservation {
    try account.withLock { account throws(ProviderError) in
      let reserved = account.reserved
      guard account.spent + reserved + amount <= limit else {
        throw .capReached(
          model: model, cap: limit, spent: account.spent, reserved: reserved, needed: amount)
      }
      account.next += 1
      account.reservations[account.next] = amount
      return Reservation(number: account.next, amount: amount)
    }
  }

  /// Puts what a request did cost in the place of its reservation.
  func settle(_ reservation: Reservation, cost: Double) {
    account.withLock { account in
      guard account.reservations.removeValue(forKey: reservation.number) != nil else { return }
      account.spent += cost
    }
  }
}
