/// The folders that Martlet uses, by the XDG base directory specification, all under `MARTLET_HOME` if that is set.
enum Places {
  /// Downloaded models.
  static var models: String {
    home.map { "\($0)/models" } ?? xdg("XDG_CACHE_HOME", ".cache") + "/models"
  }

  /// The answers of providers.
  static var responses: String {
    (home.map { "\($0)/cache" } ?? xdg("XDG_CACHE_HOME", ".cache")) + "/responses.sqlite"
  }

  /// The files that a person writes: keys and prices of providers.
  static var configuration: String { home.map { "\($0)/config" } ?? xdg("XDG_CONFIG_HOME", ".config") }

  /// The indexed documents.
  static var store: String {
    home.map { "\($0)/data" } ?? xdg("XDG_DATA_HOME", ".local/share")
  }

  /// The runs of `eval`.
  static var runs: String { state + "/evaluations.sqlite" }

  /// The log of prompts and answers.
  static var log: String { state + "/log.sqlite" }

  /// What learners write for the course: files of theirs, so not in a hidden folder.
  static var course: String {
    home.map { "\($0)/course" } ?? "\(Environment["HOME"] ?? ".")/martlet-course"
  }

  /// Things that are remembered between sessions, such as the lines typed into `chat`.
  static var state: String {
    home.map { "\($0)/state" } ?? xdg("XDG_STATE_HOME", ".local/state")
  }

  private static var home: String? { Environment["MARTLET_HOME"].flatMap { $0.isEmpty ? nil : $0 } }

  /// The specification says that a relative path is to be ignored.
  private static func xdg(_ variable: String, _ fallback: String) -> String {
    if let base = Environment[variable], base.hasPrefix("/") { return "\(base)/martlet" }
    return "\(Environment["HOME"] ?? ".")/\(fallback)/martlet"
  }
}
