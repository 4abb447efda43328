import MartletJSON

/// Everything that a run's numbers depend on, so that others can have them again.
public struct RunRecipe: Sendable {
  /// The model that was asked.
  public struct Model: Sendable, Equatable {
    /// What people call it.
    public var name: String
    /// What tells its weights from those of another model or revision.
    public var fingerprint: String
    /// The adapter on it; nil for none.
    public var adapter: String?
    /// With what numbers it computed: `float32` or `fast`; nil for a model behind an API.
    public var precision: String?
    /// Whose API it was behind, such as `openai`; nil for a model that ran here.
    public var provider: String?
    /// The API's address, without a key; nil for a model that ran here.
    public var address: String?

    /// A model that ran here.
    public init(name: String, fingerprint: String, adapter: String? = nil, precision: String) {
      self.name = name
      self.fingerprint = fingerprint
      self.adapter = adapter
      self.precision = precision
    }

    /// A model behind an API, whose weights nobody sees: provider and name are its fingerprint.
    public init(name: String, provider: String, address: String, model: String) {
      self.name = name
      fingerprint = "\(provider):\(model)"
      self.provider = provider
      self.address = address
    }

    /// Reads what ``json`` wrote; nil where it is something else.
    init?(_ json: JSON) {
      guard let name = json["name"]?.stringValue, let fingerprint = json["fingerprint"]?.stringValue else {
        return nil
      }
      self.name = name
      self.fingerprint = fingerprint
      adapter = json["adapter"]?.stringValue
      precision = json["precision"]?.stringValue
      provider = json["provider"]?.stringValue
      address = json["address"]?.stringValue
      guard precision != nil || provider != nil else { return nil }
    }

    /// The model for programs. One that ran here has no members of providers.
    var json: JSON {
      var object: JSONObject = [
        "name": .string(name), "fingerprint": .string(fingerprint),
        "adapter": adapter.map { .string($0) } ?? .null, "precision": precision.map { .string($0) } ?? .null,
      ]
      if let provider { object["provider"] = .string(provider) }
      if let address { object["address"] = .string(address) }
      return .object(object)
    }
  }

  /// The rows that the items were made from.
  public struct Data: Sendable, Equatable {
    /// Where they were read.
    public var location: String
    /// The SHA-256 of all rows.
    public var sha256: String

    /// Rows.
    public init(location: String, sha256: String) {
      self.location = location
      self.sha256 = sha256
    }
  }

  /// The task with its prompts, examples, filters and scores, as ``PreparedTask/recipe`` tells it.
  public var task: JSON
  /// The task's name.
  public var taskName: String
  /// The model.
  public var model: Model
  /// The data; nil for a task that holds its questions.
  public var data: Data?
  /// How many outputs each item got, and how they were drawn; an empty object where nothing is generated.
  public var generation: JSONObject
  /// The program that ran, with its version.
  public var program: String

  /// A recipe.
  public init(
    task: JSON, taskName: String, model: Model, data: Data?, generation: JSONObject = [:], program: String
  ) {
    self.task = task
    self.taskName = taskName
    self.model = model
    self.data = data
    self.generation = generation
    self.program = program
  }

  /// The recipe for programs, and for comparing two.
  public var json: JSON {
    [
      "task": task,
      "model": model.json,
      "data": data.map { ["location": .string($0.location), "sha256": .string($0.sha256)] } ?? .null,
      "generation": .object(generation),
      "program": .string(program),
    ]
  }

  /// Reads what ``json`` wrote; nil where it is something else.
  init?(_ json: JSON, taskName: String) {
    guard let task = json["task"], let model = json["model"].flatMap(Model.init),
      let program = json["program"]?.stringValue
    else { return nil }
    self.init(
      task: task, taskName: taskName, model: model,
      data: json["data"].flatMap { data in
        guard let location = data["location"]?.stringValue, let sha256 = data["sha256"]?.stringValue else {
          return nil
        }
        return Data(location: location, sha256: sha256)
      }, generation: json["generation"]?.objectValue ?? [:], program: program)
  }

  /// What has to be equal for one run to go on with another's work: all but the place of the data.
  var identity: String {
    var copy = self
    copy.data?.location = ""
    return copy.json.serialized()
  }

  /// The differences to another recipe, as paths of members with both values.
  public func differences(to other: RunRecipe) -> [(path: String, here: String, there: String)] {
    var found: [(path: String, here: String, there: String)] = []
    Self.compare(json, other.json, at: "", &found)
    return found
  }

  private static func compare(
    _ a: JSON?, _ b: JSON?, at path: String, _ found: inout [(path: String, here: String, there: String)]
  ) {
    if let a = a?.objectValue, let b = b?.objectValue {
      for key in a.keys + b.keys.filter({ a[$0] == nil }) {
        compare(a[key], b[key], at: path.isEmpty ? key : "\(path).\(key)", &found)
      }
    } else {
      let (here, there) = (a?.serialized() ?? "absent", b?.serialized() ?? "absent")
      if here != there { found.append((path, here, there)) }
    }
  }
}
