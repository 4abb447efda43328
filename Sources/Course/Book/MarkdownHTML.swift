import MartletCMarkGFM

/// Markdown as HTML, by cmark-gfm. Raw HTML in it is left out.
enum MarkdownHTML {
  static func render(_ text: String) -> String {
    cmark_gfm_core_extensions_ensure_registered()
    guard let parser = cmark_parser_new(CMARK_OPT_SMART) else { return "" }
    defer { cmark_parser_free(parser) }
    if let tables = cmark_find_syntax_extension("table") {
      cmark_parser_attach_syntax_extension(parser, tables)
    }
    var text = text
    text.withUTF8 { bytes in
      bytes.withMemoryRebound(to: CChar.self) { characters in
        guard let base = characters.baseAddress else { return }
        cmark_parser_feed(parser, base, characters.count)
      }
    }
    guard let document = cmark_parser_finish(parser) else { return "" }
    defer { cmark_node_free(document) }
    guard let html = cmark_render_html(document, CMARK_OPT_SMART, cmark_parser_get_syntax_extensions(parser))
    else {
      return ""
    }
    defer { cmark_get_default_mem_allocator().pointee.free(html) }
    return String(cString: html)
  }
}
