import Foundation

/// What `-m` names, as a path.
enum ModelPath {
  /// A file or folder as it is, else the catalogue's model of that name in the cache.
  static func resolve(_ reference: String) throws -> String {
    if access(reference, F_OK) == 0 { return reference }
    let cached = "\(Places.models)/\(reference)"
    if !reference.contains("/"), access(cached, F_OK) == 0 { return cached }
    throw ReportedFailure(
      .noInput,
      "There is no model ‘\(reference)’: neither a file or folder of that name, nor a model in \(Places.models). "
        + "‘martlet models’ lists the names; ‘martlet pull NAME’ fetches one.")
  }
}
