import MartletCPQ

/// The rows of an answer, in PostgreSQL's binary form. Each read is held to the length that the server states.
final class PostgresRows {
  let pointer: OpaquePointer

  init(_ pointer: OpaquePointer) { self.pointer = pointer }

  deinit { PQclear(pointer) }

  /// How many rows there are.
  var count: Int { Int(PQntuples(pointer)) }

  /// How many rows a statement without rows changed.
  var changes: Int { PQcmdTuples(pointer).flatMap { Int(String(cString: $0)) } ?? 0 }

  /// What `read` makes of each row.
  func map<Value>(_ read: (PostgresRow) throws -> Value) rethrows -> [Value] {
    try (0..<count).map { try read(PostgresRow(rows: self, number: Int32($0))) }
  }

  /// The first row's first value, where it is a whole number.
  var integer: Int? { count > 0 ? PostgresRow(rows: self, number: 0).optionalInteger(0) : nil }
}

/// One row. Columns are numbered from 0; one of another form than is asked for reads as nil, or as nothing.
struct PostgresRow {
  fileprivate let rows: PostgresRows
  fileprivate let number: Int32

  fileprivate init(rows: PostgresRows, number: Int32) {
    self.rows = rows
    self.number = number
  }

  func optionalText(_ column: Int32) -> String? {
    withBytes(column) { $0.map { String(decoding: $0, as: UTF8.self) } }
  }

  func text(_ column: Int32) -> String { optionalText(column) ?? "" }

  /// A whole number of 64, 32 or 16 bits.
  func optionalInteger(_ column: Int32) -> Int? {
    withBytes(column) { bytes in
      guard let bytes, [2, 4, 8].contains(bytes.count) else { return nil }
      let negative: Int64 = bytes[0] >= 0x80 ? -1 : 0
      return Int(bytes.reduce(negative) { $0 << 8 | Int64($1) })
    }
  }

  func integer(_ column: Int32) -> Int { optionalInteger(column) ?? 0 }

  /// A number of 64 bits.
  func double(_ column: Int32) -> Double {
    withBytes(column) { bytes in
      guard let bytes, bytes.count == 8 else { return .nan }
      return Double(bitPattern: bytes.reduce(0) { $0 << 8 | UInt64($1) })
    }
  }

  /// The text of `jsonb`, whose first byte is its version.
  func json(_ column: Int32) -> String? {
    withBytes(column) { bytes in
      guard let bytes, bytes.first == 1 else { return nil }
      return String(decoding: bytes.dropFirst(), as: UTF8.self)
    }
  }

  /// pgvector's `vector`; nil where the bytes are none.
  func vector(_ column: Int32) -> [Float]? {
    withBytes(column) { bytes in
      guard let bytes, bytes.count >= 4 else { return nil }
      let count = Int(bytes.loadUnaligned(fromByteOffset: 0, as: UInt16.self).bigEndian)
      guard bytes.count == 4 + 4 * count else { return nil }
      return (0..<count).map { index in
        Float(bitPattern: bytes.loadUnaligned(fromByteOffset: 4 + 4 * index, as: UInt32.self).bigEndian)
      }
    }
  }

  private func withBytes<Value>(_ column: Int32, _ read: (UnsafeRawBufferPointer?) -> Value) -> Value {
    withExtendedLifetime(rows) {
      guard column < PQnfields(rows.pointer), PQgetisnull(rows.pointer, number, column) == 0,
        let start = PQgetvalue(rows.pointer, number, column)
      else { return read(nil) }
      let length = Int(PQgetlength(rows.pointer, number, column))
      return read(UnsafeRawBufferPointer(start: start, count: max(0, length)))
    }
  }
}
