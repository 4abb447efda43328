/// Takes an answer as it comes.
package protocol HTTPReceiver: AnyObject {
  /// The head has come. Says whether the body is wanted.
  func begin(_ head: HTTPResponseHead) throws -> Bool
  /// More of the body.
  func receive(_ bytes: UnsafeRawBufferPointer) throws
}
