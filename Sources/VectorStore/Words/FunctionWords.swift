/// Words that hold sentences together and say nothing of their own: searching for them finds everything and nothing.
///
/// In a large collection they would show by their frequency; among six documents they do not.
package enum FunctionWords {
  /// Whether each of the words is one, in the language that the words seem to be of. A single word of another language
  /// than English is no sign of it: "son" is one of French, "war" one of German.
  static func find(in words: [String]) -> [Bool] {
    let counts = languages.map { language in words.count { language.contains($0) } }
    var best = 0
    for index in counts.indices.dropFirst() where counts[index] > 1 && counts[index] > counts[best] {
      best = index
    }
    return words.map { languages[best].contains($0) }
  }

  /// Whether a word is one of English, whatever its case.
  package static func isEnglish(_ word: String) -> Bool { languages[0].contains(word.lowercased()) }

  /// English first. All are folded as the index folds words.
  private static let languages = [
    """
    a an the of and or but if in to into for with without as on by at from about after before between during through \
    over under up down out off is are was were be been being am have has had do does did not no nor can cannot could \
    will would shall should may might must that this these those it its he him his she her they them their we us our \
    you your i me my who whom whose which what where when why how there here then than so such some any many much more \
    most other each also only just very too own same both all s t d m ll re ve don doesn didn isn aren wasn weren hasn \
    haven hadn won wouldn couldn shouldn
    """,
    """
    der die das den dem des ein eine einen einem einer eines und oder aber nicht kein keine in im an am auf aus bei mit \
    nach von vom zu zum zur uber um fur durch als ist sind war waren wird werden hat haben hatte kann konnen muss soll \
    darf es er sie du ihr wir ich mir mich uns dir sich dieser diese dieses diesen diesem was wer wie wo wann warum \
    welche welcher welches man auch nur noch so dass wenn
    """,
    """
    le la les l un une des du de d a au aux en dans sur par pour avec sans et ou mais ne pas que qu qui quoi quel quelle \
    quels quelles ce cet cette ces c ca il elle ils elles on je j tu vous nous me m te t se s y est sont etait etre ont \
    avoir son sa ses leur leurs plus comment quand pourquoi si
    """,
    """
    el la los las lo un una unos unas de del a al en con sin por para sobre y o pero no ni que quien cual cuales como \
    donde cuando es son esta estan era ser fue hay se su sus me mi te ti nos le les este esta estos estas esto ese esa \
    eso mas muy ya si
    """,
  ].map { Set($0.split(whereSeparator: \.isWhitespace).map(String.init)) }
}
