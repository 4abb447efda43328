/// Variables that are visible in a part of a template; what is not found here is looked for further out.
///
/// Loop turns, macros, `with` and captured blocks have scopes of their own; `if` has none.
final class Scope {
  var variables: [String: Value] = [:]
  let parent: Scope?

  init(parent: Scope?) { self.parent = parent }

  func value(of name: String) -> Value? {
    var scope: Scope? = self
    while let current = scope {
      if let value = current.variables[name] { return value }
      scope = current.parent
    }
    return nil
  }
}

/// A macro with the scope that it was defined in.
final class Macro {
  let definition: MacroDefinition
  let scope: Scope

  init(_ definition: MacroDefinition, in scope: Scope) {
    self.definition = definition
    self.scope = scope
  }
}
