import Foundation
import MartletJSON
import MartletYAML

extension PromptTemplate {
  /// A template from its file, in YAML or JSON.
  ///
  /// ```yaml
  /// name: tip
  /// version: 2
  /// system: Answer with the number alone.
  /// prompt: "Calculate {{percent}}% tip on ${{bill}}"
  /// defaults: {percent: 15}
  /// ```
  ///
  /// `messages`, a list of `role` and `content`, may stand for `system` and `prompt`; `raw: true` gives the prompt to the
  /// model without its chat template.
  /// - Throws: ``PromptingError`` with the member that is wrong.
  public init(file: URL) throws(PromptingError) {
    let path = file.path(percentEncoded: false)
    let bytes: [UInt8]
    do { bytes = [UInt8](try Data(contentsOf: file)) } catch {
      let isMissing = (error as? CocoaError)?.code == .fileReadNoSuchFile
      throw .unreadable(file: path, reason: isMissing ? "there is no such file" : error.localizedDescription)
    }
    try self.init(yaml: bytes, file: file.lastPathComponent)
  }

  /// A template from its YAML or JSON.
  /// - Parameters:
  ///   - bytes: The text.
  ///   - file: Its name in messages; without its ending it is the template's name where the text gives none.
  /// - Throws: ``PromptingError`` with the member that is wrong.
  public init(yaml bytes: [UInt8], file: String) throws(PromptingError) {
    let value: JSON
    do { value = try JSON(parsing: bytes) } catch {
      do { value = try JSON(parsingYAML: bytes) } catch { throw .notYAML(file: file, error) }
    }
    guard let object = value.objectValue else {
      throw .definition(
        file: file, member: "", problem: "a prompt template must be a mapping, but this is \(value.kind)")
    }
    var members = MemberReader(object) { PromptingError.definition(file: file, member: $0, problem: $1) }
    try self.init(&members, name: Self.baseName(file))
    _ = try members.text("description")
    try members.finish()
  }

  /// Reads the members of a template; `finish` is the caller's to call.
  /// - Parameter name: Its name where the members give none.
  package init<Failure>(
    _ members: inout MemberReader<Failure>, name: String
  ) throws(Failure) {
    let name = try members.text("name") ?? name
    let version: String
    switch members.value("version") {
    case nil: version = "1"
    case .string(let text)?: version = text
    case .number(let number)?: version = number.literal
    case let other?: throw members.error("version", "must be a number or a string, but is \(other.kind)")
    }
    let isRaw = try members.flag("raw") ?? false
    let defaults = try members.object("defaults")?.object ?? [:]
    let messages = try Self.messages(&members)
    if isRaw, messages.count > 1 {
      throw members.error("raw", "means that the prompt is one text: put everything into prompt")
    }
    do {
      try self.init(messages, name: name, version: version, defaults: defaults, isRaw: isRaw)
    } catch { throw members.error("prompt", error.reason) }
  }

  private static func messages<Failure>(
    _ members: inout MemberReader<Failure>
  ) throws(Failure) -> [Message] {
    let (system, prompt) = (try members.textTemplate("system"), try members.textTemplate("prompt"))
    guard var readers = try members.objects("messages") else {
      guard let prompt else { throw members.error("prompt", "is missing; give prompt, or messages") }
      return (system.map { [Message(role: "system", content: $0)] } ?? [])
        + [Message(role: "user", content: prompt)]
    }
    if system != nil || prompt != nil {
      throw members.error("messages", "cannot be together with \(prompt == nil ? "system" : "prompt")")
    }
    var messages: [Message] = []
    for index in readers.indices {
      let role = try readers[index].requiredText("role")
      guard ["system", "user", "assistant"].contains(role) else {
        throw readers[index].error("role", "must be system, user or assistant")
      }
      guard let content = try readers[index].textTemplate("content") else {
        throw readers[index].error("content", "is missing")
      }
      try readers[index].finish()
      messages.append(Message(role: role, content: content))
    }
    guard messages.last?.role == "user" else {
      throw members.error("messages", "must end with a message of the user")
    }
    return messages
  }

  private static func baseName(_ file: String) -> String {
    let name = file.split(separator: "/").last ?? file[...]
    guard let dot = name.lastIndex(of: "."), dot > name.startIndex else { return String(name) }
    return String(name[..<dot])
  }
}

extension MemberReader {
  /// A text with variables.
  package mutating func textTemplate(_ name: String) throws(Failure) -> TextTemplate? {
    guard let text = try text(name) else { return nil }
    do { return try TextTemplate(text) } catch { throw self.error(name, error.reason) }
  }
}
