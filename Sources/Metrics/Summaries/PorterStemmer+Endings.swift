extension PorterStemmer {
  /// An ending and what takes its place.
  struct Ending: Sendable {
    let ending: String
    let replacement: String

    init(_ ending: String, _ replacement: String = "") {
      self.ending = ending
      self.replacement = replacement
    }
  }

  /// The endings of step 2, in the order in which they are tried.
  static let derivations: [Ending] = [
    Ending("ational", "ate"), Ending("tional", "tion"), Ending("enci", "ence"), Ending("anci", "ance"),
    Ending("izer", "ize"), Ending("bli", "ble"), Ending("alli", "al"), Ending("entli", "ent"),
    Ending("eli", "e"), Ending("ousli", "ous"), Ending("ization", "ize"), Ending("ation", "ate"),
    Ending("ator", "ate"), Ending("alism", "al"), Ending("iveness", "ive"), Ending("fulness", "ful"),
    Ending("ousness", "ous"), Ending("aliti", "al"), Ending("iviti", "ive"), Ending("biliti", "ble"),
    Ending("fulli", "ful"),
  ]

  /// The endings of step 3.
  static let endingsOfAdjectives: [Ending] = [
    Ending("icate", "ic"), Ending("ative"), Ending("alize", "al"), Ending("iciti", "ic"),
    Ending("ical", "ic"),
    Ending("ful"), Ending("ness"),
  ]

  /// The endings of step 4.
  static let lastEndings: [Ending] = [
    Ending("al"), Ending("ance"), Ending("ence"), Ending("er"), Ending("ic"), Ending("able"), Ending("ible"),
    Ending("ant"), Ending("ement"), Ending("ment"), Ending("ent"), Ending("ion"), Ending("ou"), Ending("ism"),
    Ending("ate"), Ending("iti"), Ending("ous"), Ending("ive"), Ending("ize"),
  ]

  /// Words whose stem no rule finds, of NLTK's list.
  static let irregular: [[UInt8]: [UInt8]] = {
    let stems = [
      "sky": ["sky", "skies"], "die": ["dying"], "lie": ["lying"], "tie": ["tying"], "news": ["news"],
      "inning": ["innings", "inning"], "outing": ["outings", "outing"], "canning": ["cannings", "canning"],
      "howe": ["howe"], "proceed": ["proceed"], "exceed": ["exceed"], "succeed": ["succeed"],
    ]
    var result: [[UInt8]: [UInt8]] = [:]
    for (stem, words) in stems { for word in words { result[Array(word.utf8)] = Array(stem.utf8) } }
    return result
  }()
}
