/// What a text looks for by words.
public struct KeywordQuery: Sendable, Equatable {
  /// The words in their order, folded as the index folds them, without repetitions. Of scripts without spaces between
  /// words they are pairs of characters.
  public let words: [String]

  private let runs: [Run]

  /// A word, or what stands together in scripts without spaces.
  private struct Run: Sendable, Equatable {
    var kind: UInt8
    var characters: [String]
    /// How many characters of one kind are looked for as one word; more are taken apart into pairs, as they may be
    /// several words.
    var longestWord: Int {
      switch kind {
      // A particle may stand behind each Korean word.
      case CharacterClass.hangul: 2
      case CharacterClass.cluster: 5
      default: 3
      }
    }
  }

  /// A word that is looked for, in one form or several.
  struct Term: Sendable, Equatable {
    /// The word itself first. Each is one word or, of scripts without spaces, characters that follow each other.
    var forms: [[String]]
    /// Whether it is found at the beginning of tokens: a single character of a script without spaces.
    var isPrefix = false

    /// Any of the forms, in FTS5's syntax. They hold letters, marks and digits alone, and no quotation mark.
    var expression: String {
      forms.map { "\"\($0.joined())\"" + (isPrefix ? " *" : "") }.joined(separator: " OR ")
    }
  }

  /// For how much of a word another form of it counts.
  static let weightOfForms: Float = 0.5
  /// A query of more words finds enough without their other forms.
  private static let mostInflected = 32

  /// Takes the words of a text.
  public init(_ text: String) {
    var runs: [Run] = []
    WordReader.forEachPiece(in: text) { piece, folded in
      if piece.continues, let last = runs.indices.last {
        // The prolonged sound mark goes with hiragana as well.
        if runs[last].kind == piece.kind || folded == "ー" {
          runs[last].characters.append(folded)
          return
        }
      }
      runs.append(Run(kind: piece.kind, characters: [folded]))
    }
    self.runs = runs
    var seen = Set<String>()
    words = runs.flatMap { Self.pairs($0.characters).map { $0.joined() } }.filter { seen.insert($0).inserted }
  }

  private static func pairs(_ characters: [String]) -> [[String]] {
    characters.count < 2 ? [characters] : zip(characters, characters.dropFirst()).map { [$0, $1] }
  }

  /// The words without function words ("the", "that"), each once; empty where there are no others.
  public var contentWords: [String] {
    var seen = Set<String>()
    return contentRuns.flatMap { Self.pairs($0.characters).map { $0.joined() } }.filter {
      seen.insert($0).inserted
    }
  }

  private var contentRuns: [Run] {
    // Beside kanji and katakana, hiragana are particles and endings.
    let hasContent = runs.contains { $0.kind == CharacterClass.han || $0.kind == CharacterClass.katakana }
    let spaced = runs.filter { $0.kind == CharacterClass.letter }.flatMap(\.characters)
    let functionWords = Set(zip(spaced, FunctionWords.find(in: spaced)).lazy.filter(\.1).map(\.0))
    func isFunction(_ run: Run) -> Bool {
      if run.kind == CharacterClass.hiragana { return hasContent }
      return run.kind == CharacterClass.letter && functionWords.contains(run.characters[0])
    }
    return runs.filter { !isFunction($0) }
  }

  /// What is looked for: the words without function words, as far as there are others.
  var terms: [Term] {
    let content = contentRuns
    var seen = Set<[String]>()
    var terms = (content.isEmpty ? runs : content).flatMap { run in
      let isWord = run.characters.count <= run.longestWord
      return (isWord ? [run.characters] : Self.pairs(run.characters)).map {
        Term(forms: [$0], isPrefix: run.kind != CharacterClass.letter && $0.count == 1)
      }
    }.filter { seen.insert($0.forms[0]).inserted }
    guard terms.count <= Self.mostInflected else { return terms }
    // A form that is a word of the query itself counts for that.
    for index in terms.indices where terms[index].forms[0].count == 1 && !terms[index].isPrefix {
      terms[index].forms += EnglishInflection.forms(of: terms[index].forms[0][0]).map { [$0] }
        .filter { !seen.contains($0) }
    }
    return terms
  }
}
