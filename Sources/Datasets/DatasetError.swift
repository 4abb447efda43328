import MartletCheckpoints

/// Why a data set cannot be had or read.
public enum DatasetError: Error, Sendable, Equatable {
  /// The catalogue has no data set of this name.
  case unknown(String, known: [String])
  /// The data set is in the catalogue, but not in the cache.
  case notPulled(String)
  /// The data set has no such part.
  case noSplit(String, dataset: String, splits: [String])
  /// A file is not what it should be.
  case malformed(file: String, line: Int?, problem: String)
  /// None of its sources delivers; the text has each one's reason.
  case unavailable(String)
  /// The task was cancelled. What came is kept, and the next pull carries on with it.
  case cancelled
  /// A file of this machine cannot be read or written.
  case file(CheckpointError)
}

extension DatasetError: CustomStringConvertible {
  /// What was wrong, where, and what to do.
  public var description: String {
    switch self {
    case .unknown(let name, let known):
      "There is no data set \"\(name)\", and no such file or folder. The catalogue has: \(known.joined(separator: ", "))."
    case .notPulled(let name):
      "The data set \(name) is not in the cache. Fetch it: martlet data pull \(name)"
    case .noSplit(let split, let dataset, let splits):
      "\(dataset) has no part \"\(split)\", but: \(splits.joined(separator: ", "))."
    case .malformed(let file, let line, let problem):
      "\(file)\(line.map { ", line \($0)" } ?? ""): \(problem)."
    case .unavailable(let text): text
    case .cancelled: "The pull was stopped. The same command carries on with what came."
    case .file(let error): error.description
    }
  }
}

extension DatasetError {
  /// The error of a file or download.
  init(_ error: CheckpointError) {
    self =
      switch error {
      case .cancelled: .cancelled
      case .unavailable(let reason): .unavailable(reason)
      default: .file(error)
      }
  }
}
