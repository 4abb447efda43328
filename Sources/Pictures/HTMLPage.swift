/// A page that needs nothing but itself: no script, and nothing that is fetched. It follows the reader's light or dark
/// scheme and is read on a telephone and on a wide screen.
public struct HTMLPage: Sendable {
  /// What the page is called.
  public let title: String
  /// The elements below the title, in order.
  public var body: [Markup]
  /// The language of its words, by its ISO 639-1 code.
  public var language = "en"

  /// A page.
  public init(title: String, body: [Markup] = []) { (self.title, self.body) = (title, body) }

  /// The page as a file, which is HTML and well-formed XML at once.
  public var file: String {
    var style = Markup("style")
    style.children = [.verbatim(Style.page)]
    let head = Markup(
      "head", [:],
      [
        Markup("meta", ["charset": "utf-8"]),
        Markup("meta", ["name": "viewport", "content": "width=device-width, initial-scale=1"]),
        Markup("title", text: title), style,
      ])
    let page = Markup(
      "html", ["lang": language], [head, Markup("body", [:], [Markup("h1", text: title)] + body)])
    return "<!DOCTYPE html>\n" + page.serialized() + "\n"
  }
}
