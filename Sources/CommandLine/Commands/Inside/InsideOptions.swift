import MartletCheckpoints
import MartletInspection
import MartletTensors
import MartletTransformers

/// The parameters that the commands share which look inside a model.
enum InsideOptions {
  /// `-m` for models of any kind.
  static let model = ModelParameters.any
  static let text = Parameter<String?>.argument(
    "TEXT", .text("TEXT"),
    help: "The text; without it, standard input as a whole, without the line break at its end.")
  static let noSpecial = Parameter<Bool>.flag(
    "no-special",
    help: "Leave out the tokens that the model wants around a text, such as [CLS] and [SEP].")
  static let precision = Parameter<GenerationPrecision>.option(
    "precision", .choice("PRECISION"), default: .float32,
    help: "float32 takes the file's weights exactly; fast computes with 8-bit numbers.")
  static let json = Parameter<Bool>.flag("json", help: "Print one JSON object.")
  static let force = Parameter<Bool>.flag("force", help: "Replace the file that --output names.")

  /// The model that `-m` names, ready to be looked into. Warnings about its files are printed.
  static func openModel(
    _ arguments: Arguments, named reference: Parameter<String> = model, _ console: Console
  ) throws -> InspectedModel {
    let name = arguments[reference]
    let checkpoint = try OpenModel.checkpoint(name)
    try AdapterOptions.check(arguments)
    let device = try Device(threads: arguments[ModelParameters.threads])
    let model = try InspectedModel(
      checkpoint, name: name, precision: precision(arguments, checkpoint), device: device)
    model.warnings.forEach(console.warn)
    guard arguments.has(AdapterOptions.adapters) else { return model }
    return try model.adapted(by: AdapterOptions.load(arguments, for: name, device: device, console))
  }

  /// What --precision means for a model: fast is what generate and embed --precision fast compute with.
  static func precision(_ arguments: Arguments, _ checkpoint: Checkpoint) -> Precision {
    switch arguments[precision] {
    case .float32: .float32
    case .fast: PretrainedModels.encoders.contains(checkpoint.architecture) ? .int8 : .fast
    }
  }

  /// TEXT, or standard input.
  static func readText(_ arguments: Arguments, _ parameter: Parameter<String?> = text) throws -> String {
    let name = parameter.definition.placeholder
    if let text = arguments[parameter] {
      guard !text.isEmpty else {
        throw UsageError(
          "\(name) is empty.", advice: "Give a text, or leave \(name) out to read standard input.")
      }
      return text
    }
    let text = try textOfInput()
    guard !text.isEmpty else {
      throw UsageError("Standard input is empty.", advice: "Give a text there, or as \(name).")
    }
    return text
  }

  /// Where --output goes: its path and its kind by the end of its name; nil without --output. A file that is there
  /// already is refused now, before anything is computed.
  static func output<Kind: RawRepresentable & CaseIterable>(
    _ parameter: Parameter<String?>, _ arguments: Arguments, as kind: Kind.Type = Kind.self
  ) throws -> (path: String, kind: Kind)? where Kind.RawValue == String {
    guard let path = arguments[parameter] else {
      guard !arguments[force] else {
        throw UsageError("--force goes with --output.", advice: "It replaces a file that is there already.")
      }
      return nil
    }
    guard let found = Kind.allCases.first(where: { path.lowercased().hasSuffix(".\($0.rawValue)") }) else {
      let known = Kind.allCases.map { ".\($0.rawValue)" }.joined(separator: ", ")
      throw UsageError(
        "--output ‘\(path)’ has no ending that is known.",
        advice: "The end of the name says what is written: \(known).")
    }
    try NewFile.check(path, replaces: arguments[force])
    return (path, found)
  }
}

extension ValueType where Value == LayerSelection {
  /// The number of a layer or head, or all.
  static var selection: Self {
    ValueType(placeholder: "N", choices: []) { (text) throws(InvalidValue) in
      if text == "all" { return .all }
      guard let number = Int(text), number >= 0 else {
        throw InvalidValue(problem: "needs a number from 0 up or ‘all’, not ‘\(text)’")
      }
      return .only(number)
    }
  }
}
