import MartletCYAML

/// A part of a YAML text, as libyaml finds it.
struct YAMLEvent {
  enum Kind {
    case streamStart, streamEnd, documentStart, documentEnd
    case alias(String)
    case scalar(text: String, isPlain: Bool)
    case sequenceStart, sequenceEnd
    case mappingStart, mappingEnd
  }

  let kind: Kind
  /// The anchor's name, where the value has one.
  let anchor: String?
  /// The tag, where the value has one.
  let tag: String?
  /// From 1.
  let line: Int
  /// From 1, in characters.
  let column: Int
}

/// Reads a text that is not empty event by event. The text must outlive it.
final class YAMLEvents {
  private let parser: UnsafeMutablePointer<yaml_parser_t>

  init(_ input: UnsafeBufferPointer<UInt8>) throws(YAMLError) {
    parser = .allocate(capacity: 1)
    guard yaml_parser_initialize(parser) == 1 else {
      parser.deallocate()
      throw YAMLError(.tooLarge("the memory that is free"), line: 1, column: 1)
    }
    yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
    yaml_parser_set_input_string(parser, input.baseAddress, input.count)
  }

  deinit {
    yaml_parser_delete(parser)
    parser.deallocate()
  }

  /// The next event.
  func next() throws(YAMLError) -> YAMLEvent {
    var event = yaml_event_t()
    guard yaml_parser_parse(parser, &event) == 1 else { throw failure }
    defer { yaml_event_delete(&event) }
    let place = (line: Int(event.start_mark.line) + 1, column: Int(event.start_mark.column) + 1)
    func made(
      _ kind: YAMLEvent.Kind, anchor: UnsafeMutablePointer<UInt8>? = nil,
      tag: UnsafeMutablePointer<UInt8>? = nil
    ) -> YAMLEvent {
      YAMLEvent(
        kind: kind, anchor: anchor.map { String(cString: $0) }, tag: tag.map { String(cString: $0) },
        line: place.line, column: place.column)
    }
    switch event.type {
    case YAML_STREAM_START_EVENT: return made(.streamStart)
    case YAML_DOCUMENT_START_EVENT: return made(.documentStart)
    case YAML_DOCUMENT_END_EVENT: return made(.documentEnd)
    case YAML_ALIAS_EVENT: return made(.alias(String(cString: event.data.alias.anchor)))
    case YAML_SCALAR_EVENT:
      let scalar = event.data.scalar
      let text = String(
        decoding: UnsafeBufferPointer(start: scalar.value, count: scalar.length), as: UTF8.self)
      let isPlain = scalar.style == YAML_PLAIN_SCALAR_STYLE
      return made(.scalar(text: text, isPlain: isPlain), anchor: scalar.anchor, tag: scalar.tag)
    case YAML_SEQUENCE_START_EVENT:
      let start = event.data.sequence_start
      return made(.sequenceStart, anchor: start.anchor, tag: start.tag)
    case YAML_SEQUENCE_END_EVENT: return made(.sequenceEnd)
    case YAML_MAPPING_START_EVENT:
      let start = event.data.mapping_start
      return made(.mappingStart, anchor: start.anchor, tag: start.tag)
    case YAML_MAPPING_END_EVENT: return made(.mappingEnd)
    default: return made(.streamEnd)
    }
  }

  /// Why the parser stopped.
  private var failure: YAMLError {
    let state = parser.pointee
    let what = state.problem.map { String(cString: $0) } ?? "it cannot be read"
    switch state.error {
    case YAML_READER_ERROR:
      return YAMLError(
        .unreadable("\(what) (byte \(state.problem_offset))"), line: Int(state.mark.line) + 1,
        column: Int(state.mark.column) + 1)
    case YAML_MEMORY_ERROR:
      return YAMLError(
        .tooLarge("the memory that is free"), line: Int(state.mark.line) + 1,
        column: Int(state.mark.column) + 1)
    default:
      let context = state.context.map { "\(String(cString: $0)): " } ?? ""
      return YAMLError(
        .syntax(context + what), line: Int(state.problem_mark.line) + 1,
        column: Int(state.problem_mark.column) + 1)
    }
  }
}
