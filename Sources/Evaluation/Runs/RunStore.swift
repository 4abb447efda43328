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
/// let store = try RunStore(at: "evaluations.sqlite")
/// for run in try store.runs() { print(run.id, run.recipe.taskName, run.recipe.model.name) }
/// ```
public final class RunStore: Sendable {
  /// The file.
  public let path: String
  private let connection: Mutex<SQLiteConnection>

  /// "Mart" and a number of its own tell these files from other programs'.
  private static let applicationID = 0x4D61_7245
  private static let version = 1

  /// Opens a file, or makes it with its folder.
  /// - Throws: ``RunStoreError``, or what SQLite reports.
  public init(at path: String) throws {
    self.path = path
    do {
      try FileManager.default.createDirectory(
        at: URL(filePath: path).deletingLastPathComponent(), withIntermediateDirectories: true)
    } catch {
      throw RunStoreError.unusable(path: path, reason: error.localizedDescription)
    }
    let connection = try SQLiteConnection(path: path, readOnly: false)
    try Self.prepare(connection)
    self.connection = Mutex(connection)
  }

  private static func prepare(_ connection: SQLiteConnection) throws {
    let application = try connection.integer("PRAGMA application_id") ?? 0
    let version = try connection.integer("PRAGMA user_version") ?? 0
    if application == applicationID {
      guard version <= Self.version else {
        throw RunStoreError.newer(path: connection.path, found: version, supported: Self.version)
      }
      return
    }
    guard try connection.integer("SELECT count(*) FROM sqlite_schema") == 0, application == 0 else {
      throw RunStoreError.unusable(path: connection.path, reason: "it is another program's database")
    }
    try connection.execute("PRAGMA journal_mode = WAL")
    try connection.transaction(writing: true) {
      // Another process may have been quicker.
      guard try connection.integer("SELECT count(*) FROM sqlite_schema") == 0 else { return }
      try connection.execute(
        """
        CREATE TABLE runs (
          id INTEGER PRIMARY KEY AUTOINCREMENT, task TEXT NOT NULL, identity TEXT NOT NULL, recipe TEXT NOT NULL,
          items INTEGER NOT NULL, started REAL NOT NULL, finished REAL, seconds REAL NOT NULL DEFAULT 0, scores TEXT);
        CREATE TABLE results (
          run INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE, position INTEGER NOT NULL, item TEXT NOT NULL,
          result TEXT NOT NULL, PRIMARY KEY (run, position)) WITHOUT ROWID;
        CREATE TABLE ratings (
          id INTEGER PRIMARY KEY AUTOINCREMENT, rater TEXT NOT NULL, item TEXT NOT NULL, first INTEGER NOT NULL,
          second INTEGER, outcome REAL NOT NULL, rated REAL NOT NULL);
        PRAGMA application_id = \(applicationID);
        PRAGMA user_version = \(Self.version);
        """)
    }
  }

  // MARK: Writing

  /// Begins a run.
  /// - Parameter itemCount: The items that it will have results of.
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

  /// Keeps results of a run, each with its place among the run's items.
  /// - Parameter seconds: What they took; it is added to the run's.
  public func append(_ results: [(position: Int, result: ItemResult)], to run: Int, seconds: Double) throws {
    try connection.withLock { connection in
      try connection.transaction(writing: true) {
        for (position, result) in results {
          try connection.run(
            "INSERT OR REPLACE INTO results (run, position, item, result) VALUES (?, ?, ?, ?)",
            .integer(run), .integer(position), .text(result.id), .text(result.json.serialized()))
        }
        try connection.run("UPDATE runs SET seconds = seconds + ? WHERE id = ?", .double(seconds), .integer(run))
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

  // MARK: Reading

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

  /// The results of a run by their place among its items.
  public func results(of run: Int) throws -> [Int: ItemResult] {
    let rows = try connection.withLock { connection in
      try connection.rows("SELECT position, result FROM results WHERE run = ? ORDER BY position", [.integer(run)])
      { (Int($0.integer(0)), $0.text(1)) }
    }
    return try rows.reduce(into: [:]) { results, row in
      guard let json = try? JSON(parsing: row.1), let result = ItemResult(json: json) else {
        throw RunStoreError.damaged(run: run, position: row.0, path: path)
      }
      results[row.0] = result
    }
  }

  private func query(_ sql: String, _ values: SQLiteValue...) throws -> [EvaluationRun] {
    let path = path
    return try connection.withLock { connection in
      try connection.rows(sql, values) { row in
        let task = row.text(1)
        guard let json = try? JSON(parsing: row.text(2)), let recipe = RunRecipe(json, taskName: task) else {
          throw RunStoreError.damaged(run: Int(row.integer(0)), position: nil, path: path)
        }
        let scores = row.optionalText(7).flatMap { try? JSON(parsing: $0) }?.objectValue
        return EvaluationRun(
          id: Int(row.integer(0)), recipe: recipe, itemCount: Int(row.integer(3)), resultCount: Int(row.integer(8)),
          started: Date(timeIntervalSince1970: row.double(4)),
          finished: row.isNull(5) ? nil : Date(timeIntervalSince1970: row.double(5)), seconds: row.double(6),
          scores: (scores?.keys ?? []).reduce(into: [:]) { $0[$1] = scores?[$1].flatMap(ScoreSummary.init) })
      }
    }
  }
}

/// Why runs cannot be kept or read.
public enum RunStoreError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The file cannot be used.
  case unusable(path: String, reason: String)
  /// A newer version of Martlet wrote the file.
  case newer(path: String, found: Int, supported: Int)
  /// There is no run of that number.
  case noSuchRun(Int, path: String)
  /// A run, or a result of it, is not what was written.
  case damaged(run: Int, position: Int?, path: String)

  /// What is wrong, where, and what to do.
  public var description: String {
    switch self {
    case .unusable(let path, let reason):
      "\(path) cannot hold evaluation runs: \(reason). Name another file."
    case .newer(let path, let found, let supported):
      "\(path) has form \(found) of evaluation runs, but this version reads up to \(supported). Update Martlet."
    case .noSuchRun(let id, let path):
      "There is no run \(id) in \(path). ‘martlet eval list’ shows those that are there."
    case .damaged(let run, let position, let path):
      "Run \(run)\(position.map { ", result \($0)," } ?? "") in \(path) is not what was written."
    }
  }
}
