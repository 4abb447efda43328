import Foundation
import MartletJSON
import MartletVectorStore

/// Does what the races' requests ask of a database.
final class Driver {
  private let data: String
  private let store: String
  private let base: VectorRows
  private let queries: [[Float]]
  private let atStart: ProcessMemory
  private var database: Database?
  private var collection: VectorCollection?

  /// How many nearest are asked for where a request does not say.
  private static let nearest = 10
  private static let collectionName = "vectors"
  /// As many as chromadb takes at once.
  private static let batch = 5461

  init(data: String, store: String) throws {
    self.data = data
    self.store = store
    base = try VectorRows(path: data + "/base.fvecs")
    let rows = try VectorRows(path: data + "/query.fvecs")
    queries = (0..<rows.count).map { rows[$0] }
    atStart = try ProcessMemory.now(store: store)
  }

  func answer(_ request: JSON) throws -> JSONObject {
    switch request["do"]?.stringValue {
    case "build": try build(withAllMetadata: request["metadata"]?.stringValue == "all")
    case "load": try load()
    case "search": try search(request)
    case "filter": try filter(request)
    case "close": close()
    default: throw Problem("do: build, load, search, filter or close")
    }
  }

  // MARK: Making

  /// Adds all vectors durably, searches at once, and waits for the graph.
  private func build(withAllMetadata: Bool) throws -> JSONObject {
    try? FileManager.default.removeItem(atPath: store)
    let number = try VectorRows.numbers(path: data + "/number.i32")
    let topic = try VectorRows.numbers(path: data + "/topic.i32")
    let clock = ContinuousClock()
    let start = clock.now
    let opened = try Database.open(at: store)
    let made = try opened.createCollection(
      CollectionConfiguration(name: Self.collectionName, dimension: base.width))
    for first in stride(from: 0, to: base.count, by: Self.batch) {
      try made.add(
        (first..<min(first + Self.batch, base.count)).map { place in
          Record(
            id: String(place), embedding: base[place],
            metadata: metadata(place, number[place], topic[place], all: withAllMetadata))
        })
    }
    let added = start.duration(to: clock.now)
    (database, collection) = (opened, made)
    let atOnce = try searchAtOnce(made)
    try made.finishIndex()
    let finished = start.duration(to: clock.now)
    var answer = try used()
    answer["add_seconds"] = JSON(seconds(added))
    answer["seconds"] = JSON(seconds(finished))
    answer["at_once"] = .array(atOnce.found.map { .array($0.map { JSON($0) }) })
    answer["at_once_seconds"] = JSON(atOnce.seconds)
    return answer
  }

  private func metadata(_ place: Int, _ number: Int, _ topic: Int, all: Bool) -> Metadata {
    let few: Metadata = [
      "percent": .integer(number / 10), "tenth": .integer(number / 100),
      "source": .string("file\(place / 50).txt"),
    ]
    guard all else { return few }
    return few.merging([
      "number": .integer(number), "topic": .integer(topic), "section": .integer(topic / 10),
      "chapter": .integer(topic / 100),
    ]) { own, _ in own }
  }

  /// The first queries right after the last batch was acknowledged, whatever the graph holds by then.
  private func searchAtOnce(_ collection: VectorCollection) throws -> (found: [[Int]], seconds: Double) {
    let clock = ContinuousClock()
    let start = clock.now
    let found = try queries.prefix(20).map { query in
      try collection.nearestIDs(to: query, limit: Self.nearest).compactMap { Int($0.id) }
    }
    return (found, seconds(start.duration(to: clock.now)) / Double(found.count))
  }

  private func load() throws -> JSONObject {
    let clock = ContinuousClock()
    let start = clock.now
    let opened = try Database.open(at: store)
    let found = try opened.collection(named: Self.collectionName)
    _ = try found.nearestIDs(to: queries[0], limit: Self.nearest)
    let elapsed = start.duration(to: clock.now)
    (database, collection) = (opened, found)
    var answer = try used()
    answer["seconds"] = JSON(seconds(elapsed))
    return answer
  }

  private func close() -> JSONObject {
    database?.close()
    (database, collection) = (nil, nil)
    return [:]
  }

  // MARK: Searching

  /// With an effort, as the graph libraries search: keys alone, which they too hold in memory. Without one, as a
  /// database is asked: the ids.
  private func search(_ request: JSON) throws -> JSONObject {
    let wanted = nearest(request)
    if let effort = request["effort"]?.intValue {
      // Keys count from 1, in the order of adding.
      return try timed(request) { collection, place in
        try collection.nearestKeys(to: queries[place], limit: wanted, effort: .nodes(effort))
          .map { Int($0.key) - 1 }
      }
    }
    return try timed(request) { collection, place in
      try collection.nearestIDs(to: queries[place], limit: wanted).compactMap { Int($0.id) }
    }
  }

  private func filter(_ request: JSON) throws -> JSONObject {
    let all = try JSON(parsing: Array(Data(contentsOf: URL(fileURLWithPath: data + "/filters.json"))))
    guard let name = request["case"]?.stringValue, let kind = all[name], let key = kind["key"]?.stringValue,
      let width = kind["width"]?.intValue, let values = kind["values"]?.arrayValue?.compactMap(\.intValue)
    else { throw Problem("there is no such case") }
    return try timed(request) { collection, place in
      let value = values[place]
      let passes: Filter =
        width == 1
        ? .metadata(key, .equal(.integer(value)))
        : .all([
          .metadata(key, .greaterThanOrEqual(.integer(value))),
          .metadata(key, .lessThan(.integer(value + width))),
        ])
      return try collection.nearestIDs(to: queries[place], limit: Self.nearest, where: passes)
        .compactMap { Int($0.id) }
    }
  }

  /// Times a search for each of the queries that a request names, and keeps the answers.
  private func timed(_ request: JSON, _ search: (VectorCollection, Int) throws -> [Int]) throws -> JSONObject
  {
    guard let collection, let save = request["save"]?.stringValue else {
      throw Problem("build or load first")
    }
    let first = request["first"]?.intValue ?? 0
    let count = request["count"]?.intValue ?? queries.count
    let clock = ContinuousClock()
    let start = clock.now
    let answers = try (first..<first + count).map { try search(collection, $0) }
    let elapsed = start.duration(to: clock.now)
    try VectorRows.write(answers, width: nearest(request), to: save)
    var answer = try used()
    answer["seconds"] = JSON(seconds(elapsed))
    return answer
  }

  private func nearest(_ request: JSON) -> Int { request["nearest"]?.intValue ?? Self.nearest }

  // MARK: Counting

  private func used() throws -> JSONObject {
    let memory = try ProcessMemory.now(store: store)
    return [
      "anonymous": JSON(memory.anonymous - atStart.anonymous + memory.mappedIndex),
      "resident": JSON(memory.resident), "disk_bytes": JSON(try sizeOnDisk()),
    ]
  }

  private func sizeOnDisk() throws -> Int {
    try FileManager.default.contentsOfDirectory(atPath: store).reduce(0) { sum, name in
      let facts = try FileManager.default.attributesOfItem(atPath: store + "/" + name)
      return sum + (facts[.size] as? Int ?? 0)
    }
  }

  private func seconds(_ duration: Duration) -> Double { duration / .seconds(1) }
}
