import MartletJSON

/// Makes a JSON value of a document's events.
struct YAMLComposer {
  /// A value that an alias may repeat, and what it takes.
  private struct Anchored {
    let value: JSON
    let extent: Extent
    let depth: Int
  }

  /// How much a value holds.
  private struct Extent {
    var values = 0
    var bytes = 0
  }

  private let events: YAMLEvents
  private let limits: YAMLLimits
  private var anchors: [String: Anchored] = [:]
  private var used = Extent()

  init(events: YAMLEvents, limits: YAMLLimits) {
    (self.events, self.limits) = (events, limits)
  }

  /// The one document's value.
  mutating func composeDocument() throws(YAMLError) -> JSON {
    while true {
      let event = try events.next()
      switch event.kind {
      case .streamEnd: return .null
      case .documentStart:
        let value = try compose(try events.next(), depth: 0).value
        try expectEnd()
        return value
      default: continue
      }
    }
  }

  private func expectEnd() throws(YAMLError) {
    while true {
      let event = try events.next()
      switch event.kind {
      case .streamEnd: return
      case .documentStart: throw event.error(.severalDocuments)
      default: continue
      }
    }
  }

  /// The value that begins with `event`, and how many levels are in it.
  private mutating func compose(_ event: YAMLEvent, depth: Int) throws(YAMLError) -> (
    value: JSON, levels: Int
  ) {
    if case .alias(let name) = event.kind { return try expand(name, at: event, depth: depth) }
    let before = used
    try count(Extent(values: 1), at: event)
    let (value, levels) = try composeNew(event, depth: depth)
    if let name = event.anchor {
      let extent = Extent(values: used.values - before.values, bytes: used.bytes - before.bytes)
      anchors[name] = Anchored(value: value, extent: extent, depth: levels)
    }
    return (value, levels)
  }

  private mutating func composeNew(
    _ event: YAMLEvent, depth: Int
  ) throws(YAMLError) -> (value: JSON, levels: Int) {
    switch event.kind {
    case .scalar(let text, let isPlain):
      try count(Extent(bytes: text.utf8.count), at: event)
      return (try YAMLScalar(text: text, isPlain: isPlain, tag: event.tag).value(at: event), 0)
    case .sequenceStart:
      try enter(event, tag: "seq", depth: depth)
      return try composeSequence(depth: depth + 1)
    case .mappingStart:
      try enter(event, tag: "map", depth: depth)
      return try composeMapping(depth: depth + 1)
    default: throw event.error(.syntax("a value is missing"))
    }
  }

  private func enter(_ event: YAMLEvent, tag: String, depth: Int) throws(YAMLError) {
    if let given = event.tag, given != "!", given != YAMLScalar.tagPrefix + tag {
      throw event.error(.tag(YAMLScalar.shown(given)))
    }
    guard depth < limits.maximumDepth else { throw event.error(.tooDeep(maximum: limits.maximumDepth)) }
  }

  private mutating func composeSequence(depth: Int) throws(YAMLError) -> (value: JSON, levels: Int) {
    var elements: [JSON] = []
    var levels = 0
    while true {
      let event = try events.next()
      if case .sequenceEnd = event.kind { return (.array(elements), levels + 1) }
      let element = try compose(event, depth: depth)
      elements.append(element.value)
      levels = max(levels, element.levels)
    }
  }

  private mutating func composeMapping(depth: Int) throws(YAMLError) -> (value: JSON, levels: Int) {
    var members = JSONObject()
    var levels = 0
    while true {
      let event = try events.next()
      if case .mappingEnd = event.kind { return (.object(members), levels + 1) }
      let key = try key(event)
      guard members[key] == nil else { throw event.error(.duplicateKey(key)) }
      let member = try compose(try events.next(), depth: depth)
      members[key] = member.value
      levels = max(levels, member.levels)
    }
  }

  /// The text of a key: as it is written, whatever kind of value it would be elsewhere.
  private mutating func key(_ event: YAMLEvent) throws(YAMLError) -> String {
    switch event.kind {
    case .scalar(let text, let isPlain):
      if isPlain, text == "<<", event.tag == nil { throw event.error(.mergeKey) }
      let value = try YAMLScalar(text: text, isPlain: isPlain, tag: event.tag).value(at: event)
      try count(Extent(values: 1, bytes: text.utf8.count), at: event)
      if let name = event.anchor {
        anchors[name] = Anchored(value: value, extent: Extent(values: 1, bytes: text.utf8.count), depth: 0)
      }
      return text
    case .alias(let name):
      switch try expand(name, at: event, depth: 0).value {
      case .string(let text): return text
      case .number(let number): return number.literal
      case .bool(let value): return String(value)
      case .null: return "null"
      case .array, .object: throw event.error(.keyNotText)
      }
    default: throw event.error(.keyNotText)
    }
  }

  private mutating func expand(
    _ name: String, at event: YAMLEvent, depth: Int
  ) throws(YAMLError) -> (value: JSON, levels: Int) {
    guard let anchored = anchors[name] else { throw event.error(.unknownAnchor(name)) }
    guard depth + anchored.depth <= limits.maximumDepth else {
      throw event.error(.tooDeep(maximum: limits.maximumDepth))
    }
    try count(anchored.extent, at: event)
    return (anchored.value, anchored.depth)
  }

  private mutating func count(_ extent: Extent, at event: YAMLEvent) throws(YAMLError) {
    used.values += extent.values
    used.bytes += extent.bytes
    guard used.values <= limits.maximumValues else {
      throw event.error(.tooLarge("\(limits.maximumValues) values"))
    }
    guard used.bytes <= limits.maximumTextBytes else {
      throw event.error(.tooLarge("\(limits.maximumTextBytes) bytes of text"))
    }
  }
}

extension YAMLEvent {
  func error(_ problem: YAMLError.Problem) -> YAMLError { YAMLError(problem, line: line, column: column) }
}
