import Foundation

private let folder = Parameter<String>.argument(
  "FOLDER", .path(completing: .folders), default: "", help: "The project's docs folder.")

extension Command {
  /// Writes the pages of `docs/` that are made from the program.
  static let generateDocs: Command = Command(
    name: "generate-docs",
    summary: "Write the command reference and the table of exit codes.",
    discussion: "",
    parameters: [folder.definition],
    isHidden: true
  ) { arguments, console in
    let pages = CommandReference(.martlet).pages.map { ("commands/\($0.name)", $0.text) }
    let root = arguments[folder]
    let commands = root + "/commands"
    try FileManager.default.createDirectory(atPath: commands, withIntermediateDirectories: true)
    for name in try FileManager.default.contentsOfDirectory(atPath: commands) where name.hasSuffix(".md") {
      try FileManager.default.removeItem(atPath: "\(commands)/\(name)")
    }
    for (name, text) in pages + [("exit-codes.md", ExitStatus.markdownPage)] {
      try Data(text.utf8).write(to: URL(fileURLWithPath: "\(root)/\(name)"), options: .atomic)
    }
    console.note("\(pages.count + 1) pages written under \(root).\n")
  }
}
