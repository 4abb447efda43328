import Foundation
import FoundationXML
import Testing

@testable import MartletPictures

@Suite("Markup")
struct MarkupTests {
  @Test("Texts and attributes are escaped; characters that XML forbids are replaced")
  func escaping() {
    let element = Markup(
      "text", ["x": 1, "aria-label": "a \"b\" <c> & 'd'\n"], text: "</text>&\u{0}\u{1B}\u{FFFE}é")
    #expect(
      element.serialized()
        == "<text x=\"1\" aria-label=\"a &quot;b&quot; &lt;c&gt; &amp; &#39;d&#39;&#10;\">"
        + "&lt;/text&gt;&amp;\u{FFFD}\u{FFFD}\u{FFFD}é</text>")
    #expect(XMLParser(data: Data(element.serialized().utf8)).parse())
  }

  @Test("Numbers have at most two digits after the point, and no needless ones")
  func numbers() {
    let numbers: [Double] = [0, -0.0, 1, -3, 0.5, 12.345, 0.001, -0.004, 1e6, 99.999]
    #expect(
      numbers.map(\.attributeText) == ["0", "0", "1", "-3", "0.5", "12.35", "0", "0", "1000000", "100"])
  }

  @Test("Empty elements end at once where HTML allows it")
  func emptyElements() {
    #expect(Markup("rect", ["width": 2]).serialized() == "<rect width=\"2\"/>")
    #expect(Markup("td").serialized() == "<td></td>")
  }

  @Test("A page is HTML and XML, and has no script and no link")
  func page() {
    let page = HTMLPage(title: "a <b> & c", body: [Markup("p", text: "x")]).file
    #expect(page.hasPrefix("<!DOCTYPE html>\n<html lang=\"en\">"))
    #expect(XMLParser(data: Data(page.utf8)).parse())
    #expect(page.contains("prefers-color-scheme:dark") && page.contains("width=device-width"))
    for forbidden in ["<script", "<link", "href=", "src=", "url(", "@import", "http"] {
      #expect(!page.contains(forbidden), "\(forbidden)")
    }
  }

  @Test("The colours run evenly from dark blue to yellow, each lighter than the one before")
  func colors() {
    let scale = ColorScale.viridis
    #expect(scale.color(at: 0).attributeText == "#440154" && scale.color(at: 1).attributeText == "#fde725")
    #expect(scale.color(at: -5) == scale.color(at: 0) && scale.color(at: 7) == scale.color(at: 1))
    let light = (0...50).map { step -> Double in
      let color = scale.color(at: Double(step) / 50)
      return 0.2126 * Double(color.red) + 0.7152 * Double(color.green) + 0.0722 * Double(color.blue)
    }
    #expect(zip(light, light.dropFirst()).allSatisfy { $0 < $1 })
    #expect(scale.color(at: 0).isDark && !scale.color(at: 1).isDark)
  }
}
