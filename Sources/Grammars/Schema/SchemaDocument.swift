import MartletJSON

/// A JSON Schema of draft 2020-12, read: every schema in it, with its references resolved. Keywords that cannot be
/// enforced are errors here, before anything is made of it.
struct SchemaDocument: Sendable {
  var schemas: [Schema] = []
  /// The schema as a whole.
  let root: Int

  init(_ json: JSON) throws(GrammarError) {
    var reader = SchemaReader()
    root = try reader.read(json, path: "#", places: [SchemaReader.Place(base: "", pointer: "")], depth: 0)
    try reader.resolveReferences()
    schemas = reader.schemas
    try refuseCircles()
  }

  /// A schema may come back to itself in a part of its value only.
  private func refuseCircles() throws(GrammarError) {
    var isDone = [Bool](repeating: false, count: schemas.count)
    var isOnPath = isDone
    for start in schemas.indices where !isDone[start] {
      var path = [(schema: start, next: 0)]
      isOnPath[start] = true
      while let (schema, next) = path.last {
        let applied = schemas[schema].applied
        guard next < applied.count else {
          isDone[schema] = true
          isOnPath[schema] = false
          path.removeLast()
          continue
        }
        path[path.count - 1].next += 1
        guard !isOnPath[applied[next]] else {
          throw .schema(
            path: schemas[schema].path, problem: "it refers to itself for the same value, without end")
        }
        guard !isDone[applied[next]] else { continue }
        isOnPath[applied[next]] = true
        path.append((applied[next], 0))
      }
    }
  }

  /// Adds a schema that the document does not have.
  mutating func add(path: String, _ fill: (inout Schema) -> Void) -> Int {
    var schema = Schema(path: path)
    fill(&schema)
    schemas.append(schema)
    return schemas.count - 1
  }
}

/// Reads schemas, and remembers by which addresses they can be referred to.
struct SchemaReader {
  /// A schema's address in one of the resources that it is in.
  struct Place {
    let base: String
    let pointer: String

    func appending(_ steps: String...) -> Place {
      Place(base: base, pointer: steps.reduce(pointer) { $0 + "/" + SchemaReader.escaped($1) })
    }
  }

  var schemas: [Schema] = []
  private var addresses: [String: Int] = [:]
  private var pendingReferences: [(schema: Int, base: String, reference: String, path: String)] = []

  private static let maximumDepth = 100
  private static let maximumSchemas = 20_000

  /// A step of a JSON pointer (RFC 6901).
  static func escaped(_ step: String) -> String {
    step.replacing("~", with: "~0").replacing("/", with: "~1")
  }

  /// Reads a schema.
  ///
  /// - Parameters:
  ///   - path: Where it is in the document.
  ///   - places: Its addresses, the innermost resource last.
  mutating func read(_ json: JSON, path: String, places: [Place], depth: Int) throws(GrammarError) -> Int {
    guard depth <= Self.maximumDepth else {
      throw .schema(path: path, problem: "schemas nest deeper than \(Self.maximumDepth)")
    }
    guard schemas.count < Self.maximumSchemas else {
      throw .tooComplex(what: "a JSON Schema that has more than \(Self.maximumSchemas) schemas")
    }
    let index = schemas.count
    schemas.append(Schema(path: path))
    var places = places
    if let id = json["$id"] {
      // An empty fragment means nothing; schemas of earlier drafts often have one.
      guard var id = id.stringValue, !id.dropLast().contains("#") else {
        throw .schema(path: path + "/$id", problem: "it must be a URI without a fragment")
      }
      if id.hasSuffix("#") { id.removeLast() }
      places.append(Place(base: SchemaURI.resolve(id, against: places.last?.base ?? ""), pointer: ""))
    }
    for place in places {
      addresses[place.base + "#" + place.pointer] = index
      if place.pointer.isEmpty { addresses[place.base] = index }
    }
    switch json {
    case .bool(let value): schemas[index].boolean = value
    case .object(let members):
      var keywords = SchemaKeywords(path: path, places: places, depth: depth)
      let schema = try keywords.read(members, into: index, &self)
      schemas[index] = schema
    default:
      throw .schema(path: path, problem: "a schema must be an object or a boolean, but this is \(json.kind)")
    }
    return index
  }

  mutating func addAnchor(_ name: String, base: String, schema: Int) { addresses[base + "#" + name] = schema }

  mutating func addReference(_ reference: String, from schema: Int, base: String, path: String) {
    pendingReferences.append((schema, base, reference, path))
  }

  mutating func resolveReferences() throws(GrammarError) {
    for (schema, base, reference, path) in pendingReferences {
      let address = SchemaURI.resolve(reference, against: base)
      guard let target = addresses[address] else {
        throw .schema(
          path: path, problem: "\(reference) is no schema of this document; others are not fetched")
      }
      schemas[schema].references.append(target)
    }
  }
}

/// As much of RFC 3986 as references inside a document need.
enum SchemaURI {
  /// The absolute form of a reference, its fragment decoded and kept.
  static func resolve(_ reference: String, against base: String) -> String {
    let parts = reference.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false)
    let fragment = parts.count > 1 ? "#" + decoded(String(parts[1])) : ""
    let address = join(String(parts.first ?? ""), base)
    return fragment == "#" ? address + "#" : address + fragment
  }

  private static func join(_ reference: String, _ base: String) -> String {
    guard !reference.isEmpty else { return base }
    if scheme(reference) != nil { return reference }
    let head = scheme(base).map { base.prefix($0.count + 1) } ?? ""
    var rest = base.dropFirst(head.count)
    var authority = Substring()
    if rest.hasPrefix("//") {
      let end = rest.dropFirst(2).firstIndex(of: "/") ?? rest.endIndex
      authority = rest[..<end]
      rest = rest[end...]
    }
    if reference.hasPrefix("//") { return head + reference }
    if reference.hasPrefix("/") { return head + authority + normalized(reference) }
    let folder = rest.lastIndex(of: "/").map { rest[...$0] } ?? (authority.isEmpty ? "" : "/")
    return head + authority + normalized(folder + reference)
  }

  private static func scheme(_ text: String) -> Substring? {
    guard let colon = text.firstIndex(of: ":"), text.first?.isLetter == true,
      text[..<colon].allSatisfy({ $0.isLetter || $0.isNumber || "+-.".contains($0) })
    else { return nil }
    return text[..<colon]
  }

  private static func normalized(_ path: String) -> String {
    var steps: [Substring] = []
    for step in path.split(separator: "/", omittingEmptySubsequences: false) {
      if step == ".." {
        if steps.count > 1 { steps.removeLast() }
      } else if step != "." {
        steps.append(step)
      }
    }
    return steps.joined(separator: "/")
  }

  private static func decoded(_ text: String) -> String {
    var bytes: [UInt8] = []
    var rest = Array(text.utf8)[...]
    while let byte = rest.popFirst() {
      if byte == 0x25, rest.count >= 2,
        let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16)
      {
        bytes.append(value)
        rest = rest.dropFirst(2)
      } else {
        bytes.append(byte)
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
