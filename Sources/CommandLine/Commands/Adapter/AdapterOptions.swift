import MartletGeneration
import MartletTensors
import MartletTransformers

/// An adapter as the command line names it: a folder, and how much of it is added.
struct AdapterReference: Sendable, Equatable {
  let path: String
  let scale: Double
}

/// `--adapter`.
enum AdapterOptions {
  static let adapters = Parameter<[AdapterReference]>.options(
    "adapter", .adapter,
    help:
      "An adapter (LoRA) in peft's format: its folder, and after a colon how much of it is added (1 unless said). "
      + "Several add up.")

  /// Looks for the folders, before a model is loaded.
  static func check(_ arguments: Arguments) throws {
    for reference in arguments[adapters] {
      _ = try ModelAdapter.configuration(directory: reference.path)
    }
  }

  /// Adapters are for models that run here.
  static func refuse(for model: String, _ arguments: Arguments) throws(UsageError) {
    guard arguments.has(adapters) else { return }
    throw UsageError(
      "\(model) is a model behind an API, which takes no --adapter.",
      advice: "Name a model that runs here with -m; ‘martlet models’ lists some.")
  }

  /// The adapters, read. What is odd about them is printed, and so is a base of another name.
  static func load(
    _ arguments: Arguments, for model: String, device: Device, _ console: Console
  ) throws -> [ScaledAdapter] {
    try arguments[adapters].map { reference in
      let adapter = try ModelAdapter(directory: reference.path, device: device)
      adapter.warnings.forEach(console.warn)
      if let base = adapter.configuration.baseModel, !isSame(base, model) {
        console.warn(
          "The adapter \(reference.path) says that it was made for \(base), and the model is \(model)."
        )
      }
      return ScaledAdapter(adapter, scale: reference.scale)
    }
  }

  /// The model with the adapters that the command line names.
  static func adapted(
    _ model: LocalModel, _ arguments: Arguments, _ console: Console
  ) throws -> LocalModel {
    guard arguments.has(adapters) else { return model }
    let loaded = try load(arguments, for: model.name, device: model.transformer.device, console)
    for scaled in loaded {
      let fitted = try scaled.adapter.fitted(to: model.transformer.parameters)
      fitted.warnings.dropFirst(scaled.adapter.warnings.count).forEach(console.warn)
    }
    return try model.adapted(by: loaded)
  }

  /// What a run's record says of the adapters; nil for none.
  static func recipe(_ arguments: Arguments) throws -> String? {
    let parts = try arguments[adapters].map { reference in
      let fingerprint = try ModelAdapter.fingerprint(directory: reference.path)
      return "\(reference.path) (fingerprint \(fingerprint), scale \(reference.scale))"
    }
    return parts.isEmpty ? nil : parts.joined(separator: ", ")
  }

  /// Whether two names may mean one model: their last parts, without punctuation and type, begin alike. A file that is
  /// called `model.gguf` is known by its folder.
  static func isSame(_ first: String, _ second: String) -> Bool {
    func plain(_ name: String) -> String {
      if name.hasSuffix("/model.gguf") { return plain(String(name.dropLast(11))) }
      var parts = name.split(separator: "/")
      // Hugging Face's cache has a folder of the revision below that of the model.
      if let place = parts.firstIndex(where: { $0.hasPrefix("models--") }) {
        parts = [parts[place]]
      }
      var last = parts.last.map(String.init) ?? name
      if last.hasSuffix(".gguf") { last.removeLast(5) }
      return last.split(separator: "--").last.map(String.init)?.lowercased().filter {
        $0.isLetter || $0.isNumber
      } ?? ""
    }
    let (a, b) = (plain(first), plain(second))
    return a.isEmpty || b.isEmpty || a.hasPrefix(b) || b.hasPrefix(a)
  }
}

extension ValueType where Value == AdapterReference {
  /// `PATH` or `PATH:SCALE`.
  static var adapter: Self {
    ValueType(placeholder: "PATH[:SCALE]", choices: [], completion: .folders) {
      (text) throws(InvalidValue) in
      let path = ValueType<String>.path("PATH")
      guard let colon = text.lastIndex(of: ":"), !ModelAdapter.isAdapter(directory: text),
        let scale = Double(text[text.index(after: colon)...])
      else { return AdapterReference(path: try path.read(text), scale: 1) }
      guard scale.isFinite else {
        throw InvalidValue(problem: "needs a finite scale, not ‘\(text)’")
      }
      return AdapterReference(path: try path.read(String(text[..<colon])), scale: scale)
    }
  }
}
