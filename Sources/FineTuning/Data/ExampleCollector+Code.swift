import MartletDocuments
import MartletMetrics
import MartletTokenizers

extension ExampleCollector {
  /// Tokens that a piece leaves free for those around a gap, and for words that the gap cuts in two.
  private static let reserve = 12

  /// Reads source files and folders of them.
  mutating func readCode(_ roots: [String]) throws(TrainingDataError) {
    guard !roots.isEmpty else { return }
    var draws = RandomDraws(seed: options.seed)
    let gap = FillInTheMiddle(encoder.tokenizer)
    var others: [String] = []
    for root in roots {
      let named = try? resolvedPath(root)
      for entry in FileWalker().entries([root]) {
        if isFull { break }
        switch entry {
        case .file(let file):
          guard let kind = Self.sourceKind(of: file, isNamed: file.path == named) else {
            others.append(file.path)
            continue
          }
          try readCode(file.path, as: kind, gap, &draws)
        case .skipped(let path, .unreadable(let problem)):
          if path == root { throw .unreadable(file: path, problem: "it \(problem)") }
          report { $0.warnings.append("\(path) \(problem).") }
        case .skipped: break
        }
      }
    }
    guard !others.isEmpty else { return }
    let names = others.prefix(3).joined(separator: ", ") + (others.count > 3 ? ", …" : "")
    let files = others.count == 1 ? "1 file is" : "\(others.count) files are"
    report { $0.warnings.append("\(files) no source code and not read: \(names).") }
  }

  /// What a file is read as; a file that is named itself is read whatever it is called.
  private static func sourceKind(of file: FileWalker.File, isNamed: Bool) -> DocumentKind? {
    if case .source = file.kind { return file.kind }
    return isNamed ? .source(language: "text") : nil
  }

  private mutating func readCode(
    _ path: String, as kind: DocumentKind, _ gap: FillInTheMiddle?, _ draws: inout RandomDraws
  ) throws(TrainingDataError) {
    let tokenizer = encoder.tokenizer
    var pieces = CodePieces(limit: max(8, options.maximumLength - Self.reserve)) { tokenizer.countTokens($0) }
    do {
      let summary = try DocumentLoader().read(path, as: kind) { pieces.append($0) }
      report { report in
        report.rows += 1
        report.warnings += summary.warnings.map { "\(path) \($0)." }
      }
    } catch {
      let problem = (error as? DocumentError)?.problem.description ?? error.localizedDescription
      return try skip(SkippedRow(file: path, line: 1, reason: "the file \(problem)"))
    }
    pieces.finish()
    for (index, piece) in pieces.pieces.enumerated() {
      // Drawn for each piece, whatever becomes of it, so that the others' gaps do not depend on it.
      let (asGap, first, second) = (draws.uniform() < 0.5, draws.uniform(), draws.uniform())
      let place = SkippedRow(file: path, line: 1, reason: "")
      if asGap, let gap,
        let example = withEncoder({ $0.gap(in: piece, gap, between: first, and: second) }),
        example.tokens.count <= options.maximumLength
      {
        try add(example, place)
      } else {
        try add(
          withEncoder { $0.plainText(piece, isEnd: index == pieces.pieces.count - 1) }, place)
      }
    }
  }
}

extension ExampleEncoder {
  /// A piece of code with a gap that is filled after it: prefix, suffix, middle (Bavarian et al. 2022). All that people wrote
  /// counts, and the end; the three tokens that mark the parts do not.
  /// - Parameters:
  ///   - first: Where one end of the gap is, as a share of the characters; nil comes back where the gap has none.
  ///   - second: Where the other end is.
  mutating func gap(
    in piece: String, _ tokens: FillInTheMiddle, between first: Double, and second: Double
  ) -> TokenizedExample? {
    let characters = Array(piece)
    let ends = [first, second].map { Int($0 * Double(characters.count + 1)) }.sorted()
    guard ends[0] < ends[1] else { return nil }
    let tokenizer = tokenizer
    let text = { (range: Range<Int>) in tokenizer.encode(String(characters[range])) }
    var example = TokenizedExample()
    if tokenizer.special.addsBOS, let beginning = tokenizer.special.bos {
      example.append([beginning], counts: false)
    }
    example.append([tokens.prefix], counts: false)
    example.append(text(0..<ends[0]), counts: true)
    example.append([tokens.suffix], counts: false)
    example.append(text(ends[1]..<characters.count), counts: true)
    example.append([tokens.middle], counts: false)
    example.append(text(ends[0]..<ends[1]), counts: true)
    if let end = tokens.end ?? endOfText {
      example.append([end], counts: true)
    } else {
      end(&example)
    }
    if loss == .all { example.countAll() }
    return example
  }

  /// What ends a text where the model's own end token ends a turn of a chat.
  private var endOfText: TokenID? {
    tokenizer.id(of: "<|endoftext|>").flatMap { tokenizer.isSpecial($0) ? $0 : nil }
  }
}
