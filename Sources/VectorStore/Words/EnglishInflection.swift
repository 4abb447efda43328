/// The other forms of an English word: "nests" for "nest", "carries" and "carried" for "carry".
///
/// They are made of the word alone, so that the index holds words as they are written. A form that does not exist finds
/// nothing, in English or another language.
enum EnglishInflection {
  /// The forms of a word in lower case other than itself; none where it is no word of plain Latin letters.
  static func forms(of word: String) -> [String] {
    let letters = Array(word.utf8)
    guard letters.count >= 3, letters.allSatisfy({ $0 &- UInt8(ascii: "a") < 26 }) else { return [] }
    var forms = Set<[UInt8]>()
    for base in bases(of: letters) where base.count >= 3 {
      forms.insert(base)
      forms.formUnion(inflections(of: base))
    }
    forms.remove(letters)
    return forms.map { String(decoding: $0, as: UTF8.self) }.sorted()
  }

  /// What the word may be a form of, itself included.
  private static func bases(of word: [UInt8]) -> [[UInt8]] {
    func cut(_ count: Int, _ ending: String = "") -> [UInt8] { word.dropLast(count) + ending.utf8 }
    func isDoubled(before ending: Int) -> Bool {
      word.count > ending + 3 && word[word.count - ending - 1] == word[word.count - ending - 2]
    }
    if ends(word, "ies") || ends(word, "ied"), word.count > 4 { return [word, cut(3, "y")] }
    if ends(word, "es"), word.count > 4 { return [word, cut(1), cut(2)] }
    if ends(word, "s"), !ends(word, "ss"), word.count > 3 { return [word, cut(1)] }
    if ends(word, "ed"), word.count > 4 {
      return [word, cut(1), cut(2)] + (isDoubled(before: 2) ? [cut(3)] : [])
    }
    if ends(word, "ing"), word.count > 5 {
      return [word, cut(3), cut(3, "e")] + (isDoubled(before: 3) ? [cut(4)] : [])
    }
    return [word]
  }

  private static func inflections(of base: [UInt8]) -> [[UInt8]] {
    func with(_ ending: String, dropping count: Int = 0) -> [UInt8] { base.dropLast(count) + ending.utf8 }
    let (last, before) = (base[base.count - 1], base[base.count - 2])
    if last == UInt8(ascii: "y"), !isVowel(before) {
      return [with("ies", dropping: 1), with("ied", dropping: 1), with("ing")]
    }
    if last == UInt8(ascii: "e") { return [with("s"), with("d"), with("ing", dropping: 1)] }
    if ["s", "x", "z", "ch", "sh"].contains(where: { ends(base, $0) }) {
      return [with("es"), with("ed"), with("ing")]
    }
    var forms = [with("s"), with("ed"), with("ing")]
    if isVowel(before), !isVowel(base[base.count - 3]), "bdgmnprt".utf8.contains(last) {
      let doubled = String(decoding: [last], as: UTF8.self)
      forms += [with(doubled + "ed"), with(doubled + "ing")]
    }
    return forms
  }

  private static func ends(_ word: [UInt8], _ ending: String) -> Bool {
    word.suffix(ending.utf8.count).elementsEqual(ending.utf8)
  }
  private static func isVowel(_ letter: UInt8) -> Bool { "aeiou".utf8.contains(letter) }
}
