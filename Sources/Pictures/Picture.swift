/// A drawing in SVG: a file of its own, or a part of a page.
public struct Picture: Sendable, Equatable {
  /// The size, in pixels at which it is meant to be seen.
  public let width, height: Double
  /// What it shows, for those who do not see it.
  public let description: String
  /// What is drawn, in its order.
  public let content: [Markup]

  /// A drawing.
  public init(width: Double, height: Double, description: String, content: [Markup]) {
    (self.width, self.height) = (width, height)
    (self.description, self.content) = (description, content)
  }

  /// The drawing as an element of a page, which brings the style sheet.
  public var element: Markup {
    Markup(
      "svg",
      [
        "viewBox": "0 0 \(width.attributeText) \(height.attributeText)", "width": width, "height": height,
        "role": "img", "aria-label": description,
      ], [Markup("title", text: description)] + content)
  }

  /// The drawing as a file, which needs no other. It follows the reader's light or dark scheme.
  public var file: String {
    var root = element.adding("xmlns", "http://www.w3.org/2000/svg").adding("font-family", Style.fonts)
    var style = Markup("style")
    style.children = [.verbatim(Style.drawing)]
    let paper = Markup("rect", ["class": "paper", "width": width, "height": height])
    root.children.insert(contentsOf: [.element(style), .element(paper)], at: 1)
    return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n" + root.serialized() + "\n"
  }
}

/// The style sheets. They hold no character that XML or HTML would take for markup, and fetch nothing.
enum Style {
  static let fonts = "system-ui, 'DejaVu Sans', sans-serif"

  static let drawing = """
    .paper{fill:#ffffff}.ink{fill:#1c1c1e}.faint{fill:#5f6368}.frame{fill:none;stroke:#b8bcc2}\
    .rim{stroke:#1c1c1e;stroke-opacity:.45}.none{fill:#d5d7da}\
    .ring{fill:none;stroke:#5f6368;stroke-width:1.5}\
    @media (prefers-color-scheme:dark){.paper{fill:#15171a}.ink{fill:#e9eaec}.faint{fill:#a5aab1}\
    .frame{stroke:#4a4f56}.rim{stroke:#ffffff}.none{fill:#3a3e44}\
    .ring{stroke:#a5aab1}}
    """

  static let page = """
    :root{color-scheme:light dark}\
    body{margin:0 auto;padding:1.2rem 1rem 3rem;max-width:78rem;font:16px/1.5 \(fonts);background:#ffffff;color:#1c1c1e}\
    h1{font-size:1.45rem;line-height:1.25;margin:.2rem 0 .6rem;overflow-wrap:anywhere}h2{font-size:1.1rem;margin:1.6rem 0 .4rem}\
    p{margin:.4rem 0;max-width:46rem;overflow-wrap:anywhere}.quiet{color:#5f6368}\
    figure{margin:0}figcaption{font-size:.8rem;color:#5f6368}\
    .wide{overflow-x:auto}svg{display:block;max-width:100%;height:auto}.wide svg{max-width:none}\
    .row{display:flex;flex-wrap:wrap;gap:.7rem}\
    .row.large{gap:1.5rem}.row.large figure{flex:1 1 21rem;max-width:38rem}.row.large svg{width:100%}\
    .chips{display:flex;flex-wrap:wrap;gap:.3rem .4rem;padding:0;list-style:none;font-size:.85rem}\
    .chips li{border:1px solid #b8bcc2;border-radius:.3rem;padding:0 .4rem;white-space:pre-wrap;overflow-wrap:anywhere}\
    .chips span{color:#5f6368}\
    .zoom svg{transition:transform .1s;transform-origin:left top}\
    .zoom svg:hover{transform:scale(3);position:relative;z-index:1;outline:1px solid #b8bcc2}\
    details{margin:.5rem 0}summary{cursor:pointer}pre{font:inherit;margin:0 0 .5rem;white-space:pre-wrap;overflow-wrap:anywhere}\
    table{border-collapse:collapse;font-size:.9rem}th,td{text-align:left;padding:.15rem .7rem .15rem 0;vertical-align:top;\
    overflow-wrap:anywhere}td.number,th.number{text-align:right;white-space:nowrap;font-variant-numeric:tabular-nums}\
    .name{min-width:7rem}.text{min-width:16rem}.mark{white-space:nowrap}\
    @media (prefers-color-scheme:dark){body{background:#15171a;color:#e9eaec}\
    .quiet,figcaption,.chips span{color:#a5aab1}.chips li{border-color:#4a4f56}}\
    \(drawing)
    """
}
