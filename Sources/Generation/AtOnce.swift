import Foundation
import Synchronization

/// The results of two pieces of work, the first done on a thread of its own while the second is done here.
/// - Throws: What the first throws, else what the second does.
func atOnce<First: Sendable, Second>(
  _ first: @escaping @Sendable () throws -> First, and second: () throws -> Second
) throws -> (First, Second) {
  let promise = Promise<First>()
  Thread.detachNewThread { promise.fulfil(Result { try first() }) }
  let here = Result { try second() }
  return (try promise.wait().get(), try here.get())
}

/// A result that one thread makes and another waits for.
private final class Promise<Value: Sendable>: Sendable {
  private let result = Mutex<Result<Value, any Error>?>(nil)
  private let isFulfilled = DispatchSemaphore(value: 0)

  func fulfil(_ value: Result<Value, any Error>) {
    result.withLock { $0 = value }
    isFulfilled.signal()
  }

  func wait() -> Result<Value, any Error> {
    while true {
      isFulfilled.wait()  // Once: the loop only spares an unwrapping.
      if let value = result.withLock({ $0 }) { return value }
    }
  }
}
