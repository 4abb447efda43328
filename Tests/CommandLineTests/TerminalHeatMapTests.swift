import Foundation
import MartletPictures
import MartletTestScope
import Testing

@testable import MartletCommandLine

@Suite("Heat maps on a terminal")
struct TerminalHeatMapTests {
  private func map(_ count: Int, label: (Int) -> String = { "token \($0)" }) -> TerminalHeatMap {
    let values = (0..<count * count).map { Double($0 % 7) / 6 }
    let labels = (0..<count).map(label)
    return TerminalHeatMap(HeatMap(values, rows: labels, columns: labels, range: 0...1))
  }

  @Test(
    "Every line fits into the terminal, whatever its width and the tokens",
    arguments: [40, 80, 200], [1, 5, 12, 30, 70, 150])
  func width(width: Int, count: Int) {
    let names = ["a", "unbelievably long", "日本語日本語日本語", "😀", "\u{1B}[31m", "e\u{301}", "\n"]
    for style in [Style(isOn: true), Style(isOn: false)] {
      let (text, shown) = map(count) { names[$0 % names.count] }.text(style, width: width)
      let lines = text.split(separator: "\n")
      #expect(lines.count == count + 2)
      for line in lines { #expect(String(line).displayWidth <= width, "\(line)") }
      #expect(shown == count || String(lines[1]).displayWidth == width)
    }
  }

  @Test("Without colours there are shades and no control codes; a file or pipe has numbers alone")
  func plain() {
    let shades = map(4).text(Style(isOn: false), width: 80).text
    #expect(!shades.contains("\u{1B}") && shades.contains("█"))
    let numbers = map(4).text(Style(isOn: true), width: nil).text
    #expect(!numbers.contains("\u{1B}") && !numbers.contains("█"))
    #expect(numbers.contains("0.833") && numbers.hasPrefix("           token 0"))
  }

  @Test("Colours are those of the terminal's cube, and the numbers of columns do not run together")
  func colours() {
    let text = map(12).text(Style(isOn: true), width: 80).text
    #expect(text.contains("\u{1B}[48;"))
    #expect(text.split(separator: "\n")[0].contains("0         5         10"))
  }

  @Test("On a terminal attention and similar draw maps, within its width", .startsProcesses)
  func program() throws {
    let script = MartletProcess.packageRoot.appending(path: "Tests/CommandLineTests/terminal.py").path
    let terminal = MartletProcess(
      environment: ["TERM": "xterm", "LC_ALL": "C.UTF-8", "NO_COLOR": "1", "COLORTERM": ""],
      input: "[]".data(using: .utf8))
    for arguments in [["attention", "the cat"], ["similar", "the", "cat"]] {
      let result = try terminal.run(
        [script, MartletProcess.path] + arguments + ["-m", TinyFolder.path], of: "python3")
      #expect(result.status == 0 && result.text.contains("█"), "\(result.text)\(result.errors)")
      #expect(!result.text.contains("\u{1B}[4"))
    }
  }
}
