import MartletCRE2
import MartletCSQLite

/// The functions on texts that SQLite learns from us, each of a text to look for and the one to look in:
///
/// - `martlet_contains(part, text)`: whether the text has the part, byte for byte.
/// - `martlet_matches(pattern, text)`: whether some part of the text matches; an error where the pattern is none.
///
/// Of what is no text, such as NULL, both make NULL.
enum TextFunctions {
  /// Makes the functions known to a connection.
  ///
  /// - Returns: SQLite's result code.
  static func install(on connection: OpaquePointer) -> Int32 {
    // "Direct only": a file that somebody prepared cannot call them from a view or a trigger.
    let options = SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_DIRECTONLY
    let code = sqlite3_create_function_v2(
      connection, "martlet_contains", 2, options, nil, contains, nil, nil, nil)
    guard code == SQLITE_OK else { return code }
    return sqlite3_create_function_v2(connection, "martlet_matches", 2, options, nil, matches, nil, nil, nil)
  }

  private typealias Function =
    @convention(c) (OpaquePointer?, Int32, UnsafeMutablePointer<OpaquePointer?>?) -> Void

  private static let contains: Function = { context, _, arguments in
    guard let part = text(arguments, 0), let text = text(arguments, 1) else {
      return sqlite3_result_null(context)
    }
    let found = martlet_text_contains(text.baseAddress, text.count, part.baseAddress, part.count)
    sqlite3_result_int(context, found ? 1 : 0)
  }

  private static let matches: Function = { context, _, arguments in
    guard let pattern = text(arguments, 0), let text = text(arguments, 1) else {
      return sqlite3_result_null(context)
    }
    if let known = sqlite3_get_auxdata(context, 0) {
      let compiled = Unmanaged<CompiledPattern>.fromOpaque(known).takeUnretainedValue()
      return sqlite3_result_int(context, compiled.matches(text) ? 1 : 0)
    }
    do throws(PatternError) {
      let compiled = try CompiledPattern(String(decoding: pattern, as: UTF8.self))
      sqlite3_result_int(context, compiled.matches(text) ? 1 : 0)
      // For the other rows of the statement. SQLite may let go of it at any time, even at once.
      sqlite3_set_auxdata(context, 0, Unmanaged.passRetained(compiled).toOpaque()) { known in
        if let known { Unmanaged<CompiledPattern>.fromOpaque(known).release() }
      }
    } catch {
      sqlite3_result_error(context, error.description, -1)
    }
  }

  /// An argument's bytes; nil where it is no text.
  private static func text(
    _ arguments: UnsafeMutablePointer<OpaquePointer?>?, _ place: Int
  ) -> UnsafeBufferPointer<UInt8>? {
    guard let value = arguments?[place], sqlite3_value_type(value) == SQLITE_TEXT else { return nil }
    let start = sqlite3_value_text(value)
    return UnsafeBufferPointer(start: start, count: start == nil ? 0 : Int(sqlite3_value_bytes(value)))
  }
}
