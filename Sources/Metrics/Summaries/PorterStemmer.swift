/// Takes the endings from English words (Porter, "An algorithm for suffix stripping", 1980), with the deviations of
/// NLTK's `PorterStemmer`, which rouge-score uses.
///
/// ```swift
/// PorterStemmer.stem("relational")  // "relat"
/// ```
public enum PorterStemmer {
  /// The stem of a word, which is put in lower case first.
  public static func stem(_ word: String) -> String {
    String(decoding: stem(Array(word.lowercased().utf8)), as: UTF8.self)
  }

  /// The stem of a word in lower case.
  static func stem(_ word: [UInt8]) -> [UInt8] {
    if let known = irregular[word] { return known }
    guard word.count > 2 else { return word }
    var word = word
    takePlural(&word)
    takePast(&word)
    // y after a consonant, but the first one
    if word.last == UInt8(ascii: "y"), word.count > 2, isConsonant(word, word.count - 2) {
      word[word.count - 1] = UInt8(ascii: "i")
    }
    takeDerivation(&word)
    apply(endingsOfAdjectives, to: &word) { stem, _ in measure(stem) > 0 }
    takeRest(&word)
    takeFinalE(&word)
    if ends(word, "ll"), measure(word.dropLast()) > 1 { word.removeLast() }
    return word
  }

  // MARK: The steps, numbered as in the paper

  /// Step 1a. "ties" becomes "tie", but "flies" "fli".
  private static func takePlural(_ word: inout [UInt8]) {
    if ends(word, "ies") {
      word.removeLast(word.count == 4 ? 1 : 2)
    } else if ends(word, "sses") {
      word.removeLast(2)
    } else if ends(word, "s"), !ends(word, "ss") {
      word.removeLast()
    }
  }

  /// Step 1b.
  private static func takePast(_ word: inout [UInt8]) {
    if ends(word, "ied") {
      word.removeLast(word.count == 4 ? 1 : 2)
    } else if ends(word, "eed") {
      if measure(word.dropLast(3)) > 0 { word.removeLast() }
    } else if let ending = ["ed", "ing"].first(where: {
      ends(word, $0) && containsVowel(word.dropLast($0.utf8.count))
    }) {
      word.removeLast(ending.utf8.count)
      mend(&word)
    }
  }

  /// Gives what remains of a past tense its form back.
  private static func mend(_ word: inout [UInt8]) {
    if ["at", "bl", "iz"].contains(where: { ends(word, $0) }) {
      word.append(UInt8(ascii: "e"))
    } else if endsWithDoubleConsonant(word) {
      if !["l", "s", "z"].contains(where: { ends(word, $0) }) { word.removeLast() }
    } else if measure(word[...]) == 1, endsShort(word[...]) {
      word.append(UInt8(ascii: "e"))
    }
  }

  /// Step 2. "alli" goes first, so that what remains may lose another ending.
  private static func takeDerivation(_ word: inout [UInt8]) {
    while ends(word, "alli"), measure(word.dropLast(4)) > 0 { word.removeLast(2) }
    if ends(word, "logi") {
      // The l belongs to the stem here.
      if measure(word.dropLast(3)) > 0 { word.removeLast() }
    } else {
      apply(derivations, to: &word) { stem, _ in measure(stem) > 0 }
    }
  }

  /// Step 4.
  private static func takeRest(_ word: inout [UInt8]) {
    apply(lastEndings, to: &word) { stem, ending in
      measure(stem) > 1
        && (ending != "ion" || stem.last == UInt8(ascii: "s") || stem.last == UInt8(ascii: "t"))
    }
  }

  /// Step 5a.
  private static func takeFinalE(_ word: inout [UInt8]) {
    guard word.last == UInt8(ascii: "e") else { return }
    let stem = word.dropLast()
    let measure = measure(stem)
    if measure > 1 || (measure == 1 && !endsShort(stem)) { word.removeLast() }
  }

  /// Replaces the first ending that is there, if its stem is fit. Endings after it are not tried.
  private static func apply(
    _ endings: [Ending], to word: inout [UInt8],
    where isFit: (_ stem: ArraySlice<UInt8>, _ ending: String) -> Bool
  ) {
    guard let found = endings.first(where: { ends(word, $0.ending) }) else { return }
    let stem = word.dropLast(found.ending.utf8.count)
    if isFit(stem, found.ending) { word = Array(stem) + found.replacement.utf8 }
  }

  // MARK: Letters

  private static func ends(_ word: [UInt8], _ ending: String) -> Bool {
    let ending = ending.utf8
    // Most endings already differ in their last letter.
    return word.last == ending.last && word.suffix(ending.count).elementsEqual(ending)
  }

  private static func isVowel(_ letter: UInt8) -> Bool {
    switch letter {
    case UInt8(ascii: "a"), UInt8(ascii: "e"), UInt8(ascii: "i"), UInt8(ascii: "o"), UInt8(ascii: "u"): true
    default: false
    }
  }

  /// Which letters are consonants: y is one where no consonant is before it.
  private static func consonants(_ word: ArraySlice<UInt8>) -> [Bool] {
    var result: [Bool] = []
    for letter in word {
      result.append(letter == UInt8(ascii: "y") ? result.last != true : !isVowel(letter))
    }
    return result
  }

  private static func isConsonant(_ word: [UInt8], _ index: Int) -> Bool {
    consonants(word[...index]).last == true
  }

  /// m of the paper: how often consonants follow vowels.
  private static func measure(_ word: ArraySlice<UInt8>) -> Int {
    let consonants = consonants(word)
    return zip(consonants, consonants.dropFirst()).count { !$0 && $1 }
  }

  private static func containsVowel(_ word: ArraySlice<UInt8>) -> Bool { consonants(word).contains(false) }

  private static func endsWithDoubleConsonant(_ word: [UInt8]) -> Bool {
    word.count >= 2 && word[word.count - 1] == word[word.count - 2] && isConsonant(word, word.count - 1)
  }

  /// Whether a word ends with consonant, vowel and consonant, the last no w, x or y; or is a vowel and a consonant.
  private static func endsShort(_ word: ArraySlice<UInt8>) -> Bool {
    let consonants = consonants(word)
    if consonants == [false, true] { return true }
    guard consonants.suffix(3) == [true, false, true], let last = word.last else { return false }
    return last != UInt8(ascii: "w") && last != UInt8(ascii: "x") && last != UInt8(ascii: "y")
  }
}
