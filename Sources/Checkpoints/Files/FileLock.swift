#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// A lock between processes, which the system gives back when its holder ends, however it ends.
package final class FileLock: Sendable {
  private let descriptor: Int32

  /// Takes the lock on a file, which stays behind empty. `waiting` is called when somebody else holds it.
  /// - Throws: ``CheckpointError/cancelled`` where the task is cancelled while it waits.
  package init(_ path: String, waiting: () -> Void) throws(CheckpointError) {
    let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else { throw .system(path, "opening the lock") }
    self.descriptor = descriptor
    if flock(descriptor, LOCK_EX | LOCK_NB) == 0 { return }
    waiting()
    // Asked again and again, since nothing could break off a wait inside the system.
    while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
      guard errno == EINTR || errno == EWOULDBLOCK else { throw .system(path, "waiting for the lock") }
      guard Pause.sleep(.milliseconds(100)) else { throw .cancelled }
    }
  }

  /// Gives the lock back, at the latest now.
  package func release() { flock(descriptor, LOCK_UN) }

  deinit { close(descriptor) }
}
