import Foundation

// Foundation's `localizedDescription` says what the error says.

extension CourseError: LocalizedError {
  /// The description.
  public var errorDescription: String? { description }
}
