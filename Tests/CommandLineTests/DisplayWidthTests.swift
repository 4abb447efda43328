import Foundation
import Testing

@testable import MartletCommandLine

@Suite("Columns of characters")
struct DisplayWidthTests {
  @Test(
    "Wide, narrow and joining characters are those of Python's unicodedata, for all characters that it knows")
  func unicode() throws {
    let script = """
      import unicodedata
      assert unicodedata.unidata_version >= "14"
      def width(c):
          if unicodedata.category(c) in ("Mn", "Me", "Cf", "Zl", "Zp", "Cc") or "\\u1160" <= c <= "\\u11ff":
              return 0
          if "\\ud7b0" <= c <= "\\ud7ff":
              return 0
          return 2 if unicodedata.east_asian_width(c) in "WF" else 1
      known = (c for c in map(chr, range(0x110000)) if unicodedata.category(c) not in ("Cn", "Cs", "Co"))
      print("\\n".join(f"{ord(c):x} {width(c)}" for c in known))
      """
    let lines = try MartletProcess().run(["-c", script], of: "python3").text.split(separator: "\n")
    #expect(lines.count > 140_000)
    var wrong: [String] = []
    for line in lines {
      let fields = line.split(separator: " ")
      guard let value = UInt32(fields[0], radix: 16), let scalar = Unicode.Scalar(value) else { continue }
      // The table is of Unicode 14; Unicode 16 has made trigrams and hexagrams wide, and a mark spacing. Terminals
      // show soft hyphens.
      guard let age = scalar.properties.age, age.major <= 14, value != 0xAD, value != 0x1171E,
        !(0x2630...0x2637).contains(value), !(0x268A...0x268F).contains(value),
        !(0x4DC0...0x4DFF).contains(value)
      else { continue }
      if scalar.displayWidth != Int(fields[1]) { wrong.append("\(line): \(scalar.displayWidth)") }
    }
    #expect(wrong.isEmpty, "\(wrong.count): \(wrong.prefix(50))")
  }
}
