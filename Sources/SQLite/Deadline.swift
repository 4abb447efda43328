/// When an answer is to be there: what takes longer is given up, with an error.
///
/// It is looked at between records and between conditions: the time that one record's text takes comes on top.
public struct Deadline: Sendable {
  private let end: ContinuousClock.Instant
  /// How much time there was.
  public let seconds: Double

  /// A deadline so many seconds from now.
  public init(seconds: Double) {
    self.seconds = seconds
    end = ContinuousClock.now + .seconds(seconds)
  }

  /// Whether it has passed.
  public var isOver: Bool { ContinuousClock.now >= end }
}
