import Checkpoints
import Embedding
import Foundation
import Generation
import Tensors

/// What `-m` names, opened.
enum OpenModel {
  /// The files of a model.
  static func checkpoint(_ reference: String) throws -> Checkpoint {
    try Checkpoint.open(named: reference)
  }

  /// A language model, ready to generate.
  ///
  /// - Parameter name: Which model; nil for the one that -m names.
  static func answerer(
    _ arguments: Arguments, named name: String? = nil, maximumSequences: Int = 1, precision: Precision = .fast
  ) throws -> LocalModel {
    let reference = name ?? arguments[ModelParameters.answerer]
    return try LocalModel(
      checkpoint(reference), name: reference, precision: precision,
      contextLength: arguments[ModelParameters.context], maximumSequences: maximumSequences,
      device: Device(threads: arguments[ModelParameters.threads]))
  }
}
