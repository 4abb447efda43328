/// Runs a template's statements and collects what they print.
final class Renderer {
  private(set) var output = ""
  let now: LocalTime?
  private let limits: RenderLimits
  /// Whether a value that does not exist is an error as soon as it is evaluated.
  let requiresValues: Bool
  private var remainingSteps: Int
  private var depth = 0
  /// Objects that may hold each other, which reference counting alone would not release.
  private var namespaces: [Namespace] = []
  private var macroScopes: [Scope] = []

  init(now: LocalTime?, limits: RenderLimits, requiresValues: Bool) {
    self.now = now
    self.requiresValues = requiresValues
    self.limits = limits
    remainingSteps = limits.maximumSteps
  }

  func makeNamespace() -> Namespace {
    let namespace = Namespace()
    namespaces.append(namespace)
    return namespace
  }

  func makeMacro(_ definition: MacroDefinition, in scope: Scope) -> Value {
    macroScopes.append(scope)
    return .macro(Macro(definition, in: scope))
  }

  /// Cuts the references between scopes, macros and namespaces of a finished run.
  func releaseCycles(root: Scope) {
    for namespace in namespaces { namespace.attributes = [:] }
    for scope in macroScopes { scope.variables = [:] }
    root.variables = [:]
  }

  /// Counts work, and ends a template that takes too much.
  func charge(_ steps: Int) throws(TemplateError) {
    remainingSteps -= steps
    guard remainingSteps >= 0 else {
      throw TemplateError(.limit("it takes more than \(limits.maximumSteps) steps"))
    }
  }

  /// Counts the work of an operation that goes through all of `value`.
  func charge(for value: Value) throws(TemplateError) {
    switch value {
    case .string(let text), .markup(let text): try charge(1 + text.utf8.count >> 6)
    case .list, .tuple, .dictionary, .view: try charge(1 + value.extent.weight >> 2)
    case .range(let range): try charge(1 + range.count >> 2)
    default: try charge(1)
    }
  }

  /// Runs `body` one level deeper.
  func descend<Result>(_ body: () throws(TemplateError) -> Result) throws(TemplateError) -> Result {
    depth += 1
    defer { depth -= 1 }
    guard depth <= limits.maximumDepth else {
      throw TemplateError(.limit("it nests deeper than \(limits.maximumDepth) levels"))
    }
    return try body()
  }

  func write(_ text: String) throws(TemplateError) {
    output += text
    guard output.utf8.count <= limits.maximumOutputBytes else {
      throw TemplateError(.limit("it prints more than \(limits.maximumOutputBytes) bytes"))
    }
  }

  /// What `body` prints, kept out of the output.
  func capture<Result>(
    _ body: () throws(TemplateError) -> Result
  ) throws(TemplateError) -> (text: String, result: Result) {
    let outer = output
    output = ""
    let result = try body()
    let text = output
    output = outer
    return (text, result)
  }
}
