import Testing

@testable import MartletCommandLine

@Suite("Breaking lines between words")
struct WordWrapperTests {
  private func wrap(_ text: String, _ width: Int, markdown: Bool = false, hanging: Int? = nil) -> String {
    let syntax: WordWrapper.Syntax = markdown ? .markdown : .plain
    let whole = WordWrapper.wrap(text, width: width, hanging: hanging, syntax: syntax)
    // However the pieces come, the text is the same.
    var wrapper = WordWrapper(width: width, hanging: hanging, syntax: syntax)
    let pieces = text.unicodeScalars.map { wrapper.add(String($0)) }.joined() + wrapper.finish()
    #expect(pieces == whole)
    return whole
  }

  @Test("Lines end between words and are as full as they can be; line breaks of the text stay")
  func words() {
    #expect(wrap("the quick brown fox jumps", 10) == "the quick\nbrown fox\njumps")
    #expect(wrap("0123456789 a", 10) == "0123456789\na")
    #expect(wrap("one\n\ntwo three\n", 5) == "one\n\ntwo\nthree\n")
    #expect(wrap("a  b", 10) == "a  b")
    #expect(wrap("a\tb c", 10) == "a\tb\nc" && wrap("a\tb c", 11) == "a\tb c")
    #expect(wrap("", 10) == "" && wrap("\n", 10) == "\n")
  }

  @Test("Continued lines are indented as their line is, or as far as asked for")
  func indentation() {
    #expect(wrap("  one two three", 8) == "  one\n  two\n  three")
    #expect(wrap("key   one two three", 14, hanging: 6) == "key   one two\n      three")
    #expect(wrap("- one two\n  three four", 8, markdown: true) == "- one\n  two\n  three\n  four")
    #expect(wrap("12. one two", 8, markdown: true) == "12. one\n    two")
  }

  @Test("Only the word that is not finished is held back")
  func streaming() {
    var wrapper = WordWrapper(width: 10)
    #expect(wrapper.add("wi") == "")
    #expect(wrapper.add("de ") == "wide")
    #expect(wrapper.add("world") == "")
    #expect(wrapper.add(". Then\n") == "\nworld.\nThen\n")
    #expect(wrapper.add("end") == "" && wrapper.finish() == "end")
    #expect(wrapper.add("ing ") == "ing" && wrapper.add("more") == "" && wrapper.finish() == "\nmore")
  }

  @Test("A word wider than a line is left whole to the terminal, or broken at the edge of a table's column")
  func longWords() {
    let address = "https://example.org/a/very/long/address"
    #expect(wrap("see \(address) now", 12) == "see\n\(address)\nnow")
    #expect(
      WordWrapper.wrap("0123456789abc de", width: 5, breaksLongWords: true) == "01234\n56789\nabc\nde")
  }

  @Test(
    "Ideographs break anywhere, but not before closing or behind opening punctuation; each takes two columns")
  func ideographs() {
    #expect(wrap("灯台の鍵は青い石の下にあります", 10) == "灯台の鍵は\n青い石の下\nにあります")
    #expect(wrap("灯台の鍵。青い", 8) == "灯台の\n鍵。青い")
    #expect(wrap("灯台「鍵」", 6) == "灯台\n「鍵」")
    #expect(wrap("안녕 세상 여러분", 9) == "안녕 세상\n여러분")
  }

  @Test("Marks, emoji and colours are counted as the terminal shows them")
  func columns() {
    let cafe = "cafe\u{301}"
    #expect(cafe.displayWidth == 4 && "👩‍👩‍👧".displayWidth == 2 && "🇩🇪".displayWidth == 2)
    #expect(
      "☺️".displayWidth == 2 && "☺".displayWidth == 1 && "ｶﾅ".displayWidth == 2 && "カナ".displayWidth == 4)
    #expect("한국".displayWidth == 4 && "\u{1112}\u{1161}\u{11AB}".displayWidth == 2)
    #expect("\u{1B}[1mbold\u{1B}[0m".displayWidth == 4 && "soft\u{200B}".displayWidth == 4)
    #expect("日本語abc".prefix(columns: 5) == "日本" && "abc".prefix(columns: 9) == "abc")
    #expect(wrap("\(cafe) \(cafe)", 9) == "\(cafe) \(cafe)")
    #expect(wrap("\u{1B}[1mone two\u{1B}[0m three", 7) == "\u{1B}[1mone two\u{1B}[0m\nthree")
  }

  @Test("Code blocks are left as they are, between fences and indented ones; what follows is wrapped again")
  func code() {
    let code = "```swift\nlet a = one(of: these, and: those)\n\n    more and more and more\n```\n"
    #expect(wrap(code + "one two three", 8, markdown: true) == code + "one two\nthree")
    let tildes = "~~~~\n~~~ is no end of it here\n~~~~\n"
    #expect(wrap(tildes + "one two three", 8, markdown: true) == tildes + "one two\nthree")
    let indented = "Run:\n\n    make this and that and more\n    and more of it\n\n"
    #expect(wrap(indented + "one two three", 8, markdown: true) == indented + "one two\nthree")
    // Spans of code in a line, and an indented line under an item of a list, are prose.
    #expect(wrap("```one``` two three", 10, markdown: true) == "```one```\ntwo three")
    #expect(wrap("- a\n\n    one two three", 12, markdown: true) == "- a\n\n    one two\n    three")
  }
}
