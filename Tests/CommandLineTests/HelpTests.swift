import Foundation
import MartletTestScope
import Testing

@testable import MartletCommandLine

@Suite("Help and reference", .startsProcesses)
struct HelpTests {
  @Test("No line of help is wider than the terminal, but for words that are", arguments: [50, 80, 110])
  func width(_ width: Int) {
    let help = HelpText(width: width)
    for text in [help.program(.martlet)] + Program.martlet.allCommands.map(help.command) {
      for line in text.split(separator: "\n") {
        // Below 80 columns a quoted text or an address may be wider than what is left for it.
        let isOneWord = width < 80 && (!line.dropFirst(30).contains(" ") || line.contains("\""))
        #expect(String(line).displayWidth <= width || isOneWord, "\(line)")
      }
    }
  }

  @Test(
    "An example that is too long for a line goes on behind a backslash, and stays one command for a shell")
  func examples() throws {
    let help = HelpText(width: 40)
    let line = #"martlet generate --raw "Once upon a time" --stop 'it''s \' --max-tokens 32"#
    let text = help.commandLine(line, indent: 4)
    #expect(text.contains(" \\\n") && text.split(separator: "\n").allSatisfy { $0.count <= 40 })
    func words(_ line: String) throws -> String {
      try MartletProcess().run(["-c", "martlet() { printf '%s\\n' \"$@\"; }; \(line)"], of: "sh").text
    }
    let shown = try words(text)
    #expect(try words(line) == shown)
    #expect(shown.contains("\nOnce upon a time\n"))
  }

  @Test("Each command explains itself: a summary that ends with a full stop, help for each parameter")
  func completeness() {
    for command in Program.martlet.allCommands {
      #expect(command.summary.hasSuffix("."), "\(command.name)")
      for parameter in command.parameters {
        #expect(
          parameter.help.hasSuffix(".") || parameter.help.hasSuffix(":"), "\(command.name) \(parameter.name)")
      }
      let names = command.parameters.map(\.spelling)
      #expect(Set(names).count == names.count, "\(command.name) defines a parameter twice")
      let letters = command.parameters.compactMap(\.short)
      #expect(Set(letters).count == letters.count, "\(command.name) uses a letter twice")
    }
  }

  @Test("docs/commands is what the program says; `make docs` writes it anew")
  func reference() throws {
    let folder = MartletProcess.packageRoot.appendingPathComponent("docs/commands")
    let pages = CommandReference(.martlet).pages
    for page in pages {
      let text = try? String(contentsOf: folder.appendingPathComponent(page.name), encoding: .utf8)
      #expect(text == page.text, "docs/commands/\(page.name) is out of date: run make docs")
    }
    let files = try FileManager.default.contentsOfDirectory(atPath: folder.path)
    #expect(Set(files) == Set(pages.map(\.name)))
  }

  @Test("docs/exit-codes.md is what the program does; `make docs` writes it anew")
  func exitCodes() throws {
    let page = MartletProcess.packageRoot.appendingPathComponent("docs/exit-codes.md")
    #expect(try String(contentsOf: page, encoding: .utf8) == ExitStatus.markdownPage)
  }
}
