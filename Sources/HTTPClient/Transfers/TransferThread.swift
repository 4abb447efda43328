import Foundation
import Synchronization

/// The one thread that advances the transfers of all tasks, so that none of them holds a thread of Swift's own.
final class TransferThread: Sendable {
  /// A part of an answer.
  enum Part: Sendable {
    case head(HTTPResponseHead)
    case bytes([UInt8])
  }

  typealias Parts = AsyncThrowingStream<Part, any Error>

  static let shared = TransferThread()

  private struct Job: Sendable {
    let number: Int
    let request: HTTPClient.Request
    let client: HTTPClient
    let continuation: Parts.Continuation
  }

  private struct Orders {
    var last = 0
    var added: [Job] = []
    var cancelled: [Int] = []
    var multi: CurlMulti?
  }

  private let orders = Mutex(Orders())

  /// Starts a transfer. It ends early where nobody awaits its parts any more.
  func start(_ request: HTTPClient.Request, _ client: HTTPClient) -> Parts {
    Parts { continuation in
      do {
        let (number, multi) = try orders.withLock { orders in
          let multi = try orders.multi ?? launch()
          orders.multi = multi
          orders.last += 1
          orders.added.append(
            Job(number: orders.last, request: request, client: client, continuation: continuation))
          return (orders.last, multi)
        }
        continuation.onTermination = { termination in
          guard case .cancelled = termination else { return }
          self.orders.withLock { $0.cancelled.append(number) }
          multi.wake()
        }
        multi.wake()
      } catch {
        continuation.finish(throwing: error)
      }
    }
  }

  private func launch() throws(HTTPClientError) -> CurlMulti {
    let multi = try CurlMulti()
    let thread = Thread { self.run(multi) }
    thread.name = "martlet http"
    thread.start()
    return multi
  }

  /// A transfer that is under way.
  private struct Running {
    let job: Job
    let transfer: CurlTransfer
  }

  private func run(_ multi: CurlMulti) {
    var running: [UnsafeMutableRawPointer: Running] = [:]
    while true {
      let (added, cancelled) = orders.withLock { orders in
        defer { (orders.added, orders.cancelled) = ([], []) }
        return (orders.added, orders.cancelled)
      }
      for job in added where !cancelled.contains(job.number) { start(job, multi, &running) }
      for (handle, one) in running where cancelled.contains(one.job.number) {
        multi.remove(one.transfer)
        running[handle] = nil
      }
      do throws(HTTPClientError) {
        for done in try multi.advance() {
          guard let one = running.removeValue(forKey: done.handle) else { continue }
          multi.remove(one.transfer)
          if let failure = one.transfer.failure(done.code) {
            one.job.continuation.finish(throwing: failure)
          } else {
            one.job.continuation.finish()
          }
        }
      } catch {
        for one in running.values {
          multi.remove(one.transfer)
          one.job.continuation.finish(throwing: error)
        }
        running = [:]
      }
      multi.wait(milliseconds: running.isEmpty ? 60_000 : 1_000)
    }
  }

  private func start(
    _ job: Job, _ multi: CurlMulti, _ running: inout [UnsafeMutableRawPointer: Running]
  ) {
    do throws(HTTPClientError) {
      let receiver = StreamedAnswer(job.continuation, job.request, longest: job.client.longestAnswer)
      let transfer = try CurlTransfer(job.request, timeouts: job.client.timeouts, receiver: receiver)
      try multi.add(transfer)
      running[transfer.handle] = Running(job: job, transfer: transfer)
    } catch {
      job.continuation.finish(throwing: error)
    }
  }
}

/// Hands an answer on part by part.
private final class StreamedAnswer: HTTPReceiver {
  private let continuation: TransferThread.Parts.Continuation
  private let host: String
  private let longest: Int
  private var count = 0

  init(_ continuation: TransferThread.Parts.Continuation, _ request: HTTPClient.Request, longest: Int) {
    self.continuation = continuation
    self.longest = longest
    host = HTTPOrigin(request.address)?.description ?? ""
  }

  func begin(_ head: HTTPResponseHead) -> Bool {
    continuation.yield(.head(head))
    return true
  }

  func receive(_ bytes: UnsafeRawBufferPointer) throws {
    guard bytes.count <= longest - count else { throw HTTPClientError.tooLong(host: host, limit: longest) }
    count += bytes.count
    continuation.yield(.bytes(Array(bytes)))
  }
}
