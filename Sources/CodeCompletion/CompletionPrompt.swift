import MartletTokenizers

/// What a model is given to complete a place: passages of other files, and the text around the place, within a number of
/// tokens.
struct CompletionPrompt {
  let ids: [TokenID]
  /// The passages that are in it, best first.
  let passages: [CodePassage]

  /// - Parameters:
  ///   - point: The place.
  ///   - passages: Passages that may be of use, best first. Those that the text around the place shows anyway are left out.
  ///   - tokenizer: The model's tokenizer.
  ///   - gap: The model's tokens for filling in the middle; nil where it has none, and only continues.
  ///   - budget: The most tokens.
  ///   - root: The folder that paths are shown relative to.
  init(
    _ point: CompletionPoint, passages: [CodePassage], _ tokenizer: Tokenizer, gap: FillInTheMiddle?,
    budget: Int, root: String?
  ) {
    let suffix = gap == nil ? [] : Self.beginning(of: point.suffix, tokens: budget / 8, tokenizer)
    let share = passages.isEmpty ? 0 : budget * 3 / 8
    let window = PrefixWindow(
      point, tokens: budget - share - suffix.count - 4, tokenizer, isPlain: gap == nil)
    let shown = window.firstLine...point.line + suffix.count
    var kept: [(CodePassage, [TokenID])] = []
    var left = share
    for passage in passages {
      if passage.path == point.path, passage.lines.map({ $0.overlaps(shown) }) ?? true { continue }
      let ids = Self.ids(of: passage, tokenizer, gap: gap, in: point, root: root)
      guard ids.count <= left else { continue }
      left -= ids.count
      kept.append((passage, ids))
    }
    self.passages = kept.map(\.0)
    // The best one stands nearest to the place.
    let before = kept.reversed().flatMap(\.1)
    guard let gap else {
      ids = tokenizer.prefix + before + window.ids
      return
    }
    var head: [TokenID] = []
    if !kept.isEmpty, let separator = gap.fileSeparator {
      let name = root.flatMap { $0.split(separator: "/").last.map(String.init) } ?? "project"
      head = (gap.repositoryName.map { [$0] + tokenizer.encode(name + "\n") } ?? []) + before
      head += [separator] + tokenizer.encode(Self.shown(point.path ?? "", root) + "\n")
      ids = tokenizer.prefix + head + gap.prompt(before: window.ids, after: suffix)
    } else {
      ids = tokenizer.prefix + gap.prompt(before: before + window.ids, after: suffix)
    }
  }

  private static func ids(
    of passage: CodePassage, _ tokenizer: Tokenizer, gap: FillInTheMiddle?, in point: CompletionPoint,
    root: String?
  ) -> [TokenID] {
    let path = shown(passage.path, root)
    if let file = gap?.file(path: path, text: passage.text, tokenizer) { return file }
    let sign = lineComment(of: point.path ?? passage.path)
    return tokenizer.encode("\(sign) \(path)\n\(passage.text)\n\n")
  }

  /// The first lines of a text.
  private static func beginning(of text: String, tokens: Int, _ tokenizer: Tokenizer) -> [TokenID] {
    // A token is at least a byte: what lies beyond is not encoded at all.
    var part = text.utf8.count > tokens * 16 ? String(text.prefix(tokens * 16)) : text
    while true {
      let ids = tokenizer.encode(part)
      if ids.count <= tokens { return ids }
      let lines = part.split(omittingEmptySubsequences: false, whereSeparator: \.endsLine)
      guard lines.count > 2 else { return Array(ids.prefix(tokens)) }
      part = lines.dropLast(max(1, lines.count * (ids.count - tokens) / (ids.count * 2))).joined(
        separator: "\n")
    }
  }

  /// A path relative to the project, where it lies in it, else the file's name.
  private static func shown(_ path: String, _ root: String?) -> String {
    if let root, path.hasPrefix(root + "/") { return String(path.dropFirst(root.count + 1)) }
    return path.split(separator: "/").last.map(String.init) ?? path
  }

  /// What begins a comment in the language of a file.
  private static func lineComment(of path: String) -> String {
    let end = path.split(separator: ".").last.map { $0.lowercased() } ?? ""
    if ["py", "rb", "sh", "bash", "zsh", "yaml", "yml", "toml", "pl", "r", "jl", "cmake"].contains(end) {
      return "#"
    }
    return ["sql", "lua", "hs", "elm", "ada"].contains(end) ? "--" : "//"
  }
}

/// The lines before a place that a model sees. The first of them is one of every sixteenth: while a person types, prompts
/// begin alike, so that what was computed for one serves the next.
private struct PrefixWindow {
  let ids: [TokenID]
  let firstLine: Int

  init(_ point: CompletionPoint, tokens: Int, _ tokenizer: Tokenizer, isPlain: Bool) {
    var text = point.prefix[...]
    // A model that continues text writes white space and the word behind it as one token.
    if isPlain { text = text.dropLast(point.lineBefore.reversed().prefix { $0 == " " || $0 == "\t" }.count) }
    var starts = [text.startIndex]
    for index in text.indices where text[index].endsLine { starts.append(text.index(after: index)) }
    let step = 16
    // A token is at least a byte; most are some.
    var line = 0
    while line + step < starts.count, text[starts[line]...].utf8.count > tokens * 16 { line += step }
    var ids = tokenizer.encode(String(text[starts[line]...]))
    while ids.count > tokens, line + step < starts.count {
      line += step
      ids = tokenizer.encode(String(text[starts[line]...]))
    }
    firstLine = line + 1
    self.ids = Array(ids.suffix(max(0, tokens)))
  }
}
