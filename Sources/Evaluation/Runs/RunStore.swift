import Foundation
import MartletJSON
import MartletSQLite
import Synchronization

/// Runs as records in one SQLite file: recipes, results item by item, scores, and people's ratings.
///
/// What ``append(_:to:seconds:)`` returned from is kept whatever happens to the process, so that a run that is stopped at
/// any moment goes on from there.
///
/// ```swift
/// let store = try RunStore(at: path)
/// for run in try store.runs() { print(run.id, run.recipe.taskName, run.recipe.model.name) }
/// ```
public final class RunStore: Sendable {
  /// The file.
  public let path: String
  private let connection: Mutex<SQLiteConnection<SQLiteError>>

  /// "Mart", but for its last letter, which tells these files from collections.
  private static let format = SQLiteFormat(applicationID: 0x4D61_7245, version: 1)
  private static let tables = """
    CREATE TABLE runs (
      id INTEGER PRIMARY KEY AUTOINCREMENT, task TEXT NOT NULL, identity TEXT NOT NULL, recipe TEXT NOT NULL,
      items INTEGER NOT NULL, started REAL NOT NULL, finished REAL, seconds REAL NOT NULL DEFAULT 0, scores TEXT);
    CREATE TABLE results (
      run INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE, position INTEGER NOT NULL, prompt TEXT NOT NULL,
      document TEXT NOT NULL, result TEXT NOT NULL, PRIMARY KEY (run, position)) WITHOUT ROWID;
    CREATE TABLE ratings (
      rater TEXT NOT NULL, item TEXT NOT NULL, first INTEGER NOT NULL, second INTEGER NOT NULL, kind TEXT NOT NULL,
      value REAL NOT NULL, rated REAL NOT NULL, PRIMARY KEY (rater, first, second, item)) WITHOUT ROWID
    """

  /// Opens a file, or makes it with its folder.
  /// - Throws: `SQLiteError`.
  public init(at path: String) throws {
    self.path = path
    connection = Mutex(
      try SQLiteConnection.openPrivate(at: path, format: Self.format, tables: Self.tables))
  }

  // MARK: Writing

  /// Begins a run.
  /// - Parameters:
  ///   - recipe: What its numbers will depend on.
  ///   - itemCount: The items that it will have results of.
  public func begin(_ recipe: RunRecipe, itemCount: Int) throws -> EvaluationRun {
    let id = try connection.withLock { connection in
      try connection.run(
        "INSERT INTO runs (task, identity, recipe, items, started) VALUES (?, ?, ?, ?, ?)",
        .text(recipe.taskName), .text(recipe.identity), .text(recipe.json.serialized()), .integer(itemCount),
        .double(Date.now.timeIntervalSince1970))
      return Int(connection.lastInsertedKey)
    }
    return try run(id)
  }

  /// Keeps results of a run.
  /// - Parameters:
  ///   - records: The items with what came of them; a later result of an item takes an earlier one's place.
  ///   - run: The run's number.
  ///   - seconds: What they took; it is added to the run's.
  public func append(_ records: [ItemRecord], to run: Int, seconds: Double) throws {
    try connection.withLock { connection in
      try connection.transaction(writing: true) {
        for record in records {
          try connection.run(
            "INSERT OR REPLACE INTO results (run, position, prompt, document, result) VALUES (?, ?, ?, ?, ?)",
            .integer(run), .integer(record.position), .text(record.prompt.serialized()),
            .text(JSON.object(record.document).serialized()), .text(record.result.json.serialized()))
        }
        try connection.run(
          "UPDATE runs SET seconds = seconds + ? WHERE id = ?", .double(seconds), .integer(run))
      }
    }
  }

  /// Notes that a run is complete, with its scores.
  public func finish(_ run: Int, scores: [String: ScoreSummary]) throws {
    let scores = JSON.object(JSONObject(scores.sorted { $0.key < $1.key }.map { ($0.key, $0.value.json) }))
    try connection.withLock { connection in
      try connection.run(
        "UPDATE runs SET finished = ?, scores = ? WHERE id = ?", .double(Date.now.timeIntervalSince1970),
        .text(scores.serialized()), .integer(run))
    }
  }

  /// Forgets a run with its results.
  public func remove(_ run: Int) throws {
    _ = try self.run(run)
    try connection.withLock { connection in
      try connection.transaction(writing: true) {
        try connection.run("DELETE FROM results WHERE run = ?", .integer(run))
        try connection.run("DELETE FROM runs WHERE id = ?", .integer(run))
      }
    }
  }

  /// Keeps a person's judgement; a later one of the same person and item takes its place.
  public func append(_ rating: Rating) throws {
    let (kind, value): (String, Double) =
      switch rating.verdict {
      case .grade(let grade): ("grade", Double(grade))
      case .preference(.first): ("preference", 1)
      case .preference(.tie): ("preference", 0.5)
      case .preference(.second): ("preference", 0)
      }
    try connection.withLock { connection in
      try connection.run(
        "INSERT OR REPLACE INTO ratings (rater, item, first, second, kind, value, rated) VALUES (?, ?, ?, ?, ?, ?, ?)",
        .text(rating.rater), .text(rating.item), .integer(rating.first), .integer(rating.second ?? 0),
        .text(kind),
        .double(value), .double(Date.now.timeIntervalSince1970))
    }
  }

  // MARK: Reading

  /// All judgements of these runs and of pairs of them, in the order in which they were made.
  public func ratings(of runs: [Int]) throws -> [Rating] {
    let all = try connection.withLock { connection in
      try connection.rows("SELECT rater, item, first, second, kind, value FROM ratings ORDER BY rated") {
        row in
        let value = row.double(5)
        return Rating(
          rater: row.text(0), item: row.text(1), first: Int(row.integer(2)),
          second: row.integer(3) == 0 ? nil : Int(row.integer(3)),
          verdict: row.text(4) == "grade"
            ? .grade(Int(value)) : .preference(value == 1 ? .first : value == 0 ? .second : .tie))
      }
    }
    return all.filter { runs.contains($0.first) && ($0.second.map(runs.contains) ?? true) }
  }

  private static let columns = """
    id, task, recipe, items, started, finished, seconds, scores,
    (SELECT count(*) FROM results WHERE results.run = runs.id)
    """

  /// All runs, the latest first.
  public func runs() throws -> [EvaluationRun] {
    try query("SELECT \(Self.columns) FROM runs ORDER BY id DESC")
  }

  /// The run of that number.
  /// - Throws: ``RunStoreError/noSuchRun(_:path:)``.
  public func run(_ id: Int) throws -> EvaluationRun {
    guard let run = try query("SELECT \(Self.columns) FROM runs WHERE id = ?", .integer(id)).first else {
      throw RunStoreError.noSuchRun(id, path: path)
    }
    return run
  }

  /// The latest run of this recipe that was stopped before its end.
  public func unfinished(like recipe: RunRecipe, itemCount: Int) throws -> EvaluationRun? {
    try query(
      "SELECT \(Self.columns) FROM runs WHERE identity = ? AND items = ? AND finished IS NULL ORDER BY id DESC LIMIT 1",
      .text(recipe.identity), .integer(itemCount)
    ).first
  }

  /// The latest run of this recipe, finished or not.
  public func latest(like recipe: RunRecipe, itemCount: Int) throws -> EvaluationRun? {
    try query(
      "SELECT \(Self.columns) FROM runs WHERE identity = ? AND items = ? ORDER BY id DESC LIMIT 1",
      .text(recipe.identity), .integer(itemCount)
    ).first
  }

  /// The items of a run that have a result, in their order.
  public func records(of run: Int) throws -> [ItemRecord] {
    let rows = try connection.withLock { connection in
      try connection.rows(
        "SELECT position, prompt, document, result FROM results WHERE run = ? ORDER BY position",
        [.integer(run)]
      ) { row in (position: Int(row.integer(0)), texts: [row.text(1), row.text(2), row.text(3)]) }
    }
    return try rows.map { row in
      let values = row.texts.compactMap { try? JSON(parsing: $0) }
      guard values.count == 3, let document = values[1].objectValue, let result = ItemResult(json: values[2])
      else { throw RunStoreError.damaged(run: run, position: row.position, path: path) }
      return ItemRecord(position: row.position, prompt: values[0], document: document, result: result)
    }
  }

  private struct Row {
    let id, items, results: Int
    let task, recipe: String
    let scores: String?
    let started, seconds: Double
    let finished: Double?
  }

  private func query(_ sql: String, _ values: SQLiteValue...) throws -> [EvaluationRun] {
    let rows = try connection.withLock { connection in
      try connection.rows(sql, values) { row in
        Row(
          id: Int(row.integer(0)), items: Int(row.integer(3)), results: Int(row.integer(8)),
          task: row.text(1),
          recipe: row.text(2), scores: row.optionalText(7), started: row.double(4), seconds: row.double(6),
          finished: row.isNull(5) ? nil : row.double(5))
      }
    }
    return try rows.map(run)
  }

  private func run(_ row: Row) throws(RunStoreError) -> EvaluationRun {
    guard let recipe = (try? JSON(parsing: row.recipe)).flatMap({ RunRecipe($0, taskName: row.task) }) else {
      throw .damaged(run: row.id, position: nil, path: path)
    }
    let scores = row.scores.flatMap { try? JSON(parsing: $0) }?.objectValue ?? [:]
    return EvaluationRun(
      id: row.id, recipe: recipe, itemCount: row.items, resultCount: row.results,
      started: Date(timeIntervalSince1970: row.started),
      finished: row.finished.map { Date(timeIntervalSince1970: $0) }, seconds: row.seconds,
      scores: scores.keys.reduce(into: [:]) { $0[$1] = scores[$1].flatMap(ScoreSummary.init) })
  }
}

/// Why runs cannot be kept or read.
public enum RunStoreError: Error, Equatable, Sendable, CustomStringConvertible {
  /// There is no run of that number.
  case noSuchRun(Int, path: String)
  /// A run, or a result of it, is not what was written.
  case damaged(run: Int, position: Int?, path: String)

  /// What is wrong, where, and what to do.
  public var description: String {
    switch self {
    case .noSuchRun(let id, let path):
      "There is no run \(id) in \(path). ‘martlet eval list’ shows those that are there."
    case .damaged(let run, let position, let path):
      "Run \(run)\(position.map { ", result \($0)," } ?? "") in \(path) is not what was written."
    }
  }
}
