/// Where in its document a passage is, where pages and lines do not say it.
public enum Place: Sendable, Equatable, Hashable {
  /// A slide of a presentation, counted from 1.
  case slide(Int)
  /// A sheet of a workbook, by name.
  case sheet(String)
  /// A message of a mailbox, counted from 1.
  case message(Int)
  /// A stretch of a recording, in seconds from its beginning.
  case time(ClosedRange<Double>)
  /// A cell of a notebook, counted from 1.
  case cell(Int)
}

/// What is known of a passage or a document besides its text, as the sender of a message.
public enum Attribute: Sendable, Equatable, Hashable {
  /// Words.
  case text(String)
  /// A number; a date is in seconds since 1970, so that it can be compared.
  case number(Double)
}
