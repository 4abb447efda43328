import Foundation
import MartletVectorStore

/// The words with which one language asks for documents as a whole.
///
/// A question is read by one language at a time: every word of it must be known to that language, so that words which
/// two languages share ("die", "text", "resume") make no question of one into a request of another.
struct WholeDocumentWords: Sendable {
  /// Words that ask for the whole by themselves.
  fileprivate let summaries: Set<String>
  /// What else a document consists of, when it is the main ones that are asked for; verbs of what it is about.
  fileprivate let points: Set<String>
  /// What makes one of the points a request for the whole.
  fileprivate let mainly: Set<String>
  /// What documents are called.
  fileprivate let documents: Set<String>
  /// Words of a request that say nothing of what it is for.
  fileprivate let requests: Set<String>
  /// Words that hold a question together. "Who" and "where" are none where the language is not English: they ask for
  /// something in particular.
  fileprivate let isFunctionWord: @Sendable (String) -> Bool
  /// "Summary" alone is a request; in the other languages a single word is too easily one that is searched for, or
  /// one of English ("resume").
  fileprivate var fewestWords = 1

  /// A question that asks for documents as a whole.
  struct Request: Equatable {
    /// Whether it asks for the whole in so many words, and does not only name a document.
    let asksForAll: Bool
    /// Whether it has a word of a request.
    let hasRequest: Bool
    /// What else it says, which may be a document's name.
    let rest: Set<String>
  }

  /// Nil where the question does not ask for a document, or is of another language.
  func request(_ question: String) -> Request? {
    let words = Self.words(of: question)
    let hasPoints = !words.isDisjoint(with: points)
    let asksForAll =
      !words.isDisjoint(with: summaries) || (hasPoints && !words.isDisjoint(with: mainly))
    guard words.count >= fewestWords, asksForAll || !words.isDisjoint(with: documents) else { return nil }
    var known = summaries.union(documents).union(requests)
    if asksForAll, hasPoints { known.formUnion(points.union(mainly)) }
    return Request(
      asksForAll: asksForAll, hasRequest: !words.isDisjoint(with: requests),
      rest: words.subtracting(known).filter { !isFunctionWord($0) })
  }

  /// The words of a file's name, less those that would not be told from a request.
  func words(ofName name: String) -> Set<String> {
    Self.words(of: name).subtracting(summaries.union(documents).union(requests))
      .filter { !isFunctionWord($0) }
  }

  /// Without marks: many people type "resume" for "résumé".
  private static func words(of text: String) -> Set<String> { Set(KeywordQuery(text).words.map(folded)) }

  private static func folded(_ word: String) -> String {
    word.lowercased().folding(options: .diacriticInsensitive, locale: nil)
  }

  fileprivate static func set(_ words: String) -> Set<String> {
    Set(words.split(whereSeparator: \.isWhitespace).map { folded(String($0)) })
  }
}

extension WholeDocumentWords {
  /// English first, then the others.
  static let languages = [english, german, french, spanish]

  static let english = WholeDocumentWords(
    summaries: set(
      """
      about summarize summarise summarized summarised summary summaries overview outline gist topic topics theme themes \
      subject
      """),
    points: set("point points idea ideas message takeaway takeaways topic topics theme themes"),
    mainly: set("main key central important"),
    documents: set(
      "document documents file files text texts pdf pdfs paper papers article articles content contents"),
    requests: set(
      """
      tell describe explain give provide write brief briefly short shortly whole entire please say says contain \
      contains discuss discussed discusses covers covered deal deals
      """),
    isFunctionWord: FunctionWords.isEnglish)

  static let german = WholeDocumentWords(
    summaries: set(
      """
      worum zusammenfassung zusammenfassungen zusammenfassen zusammengefasst überblick übersicht \
      inhaltsangabe thema themen kernaussage kernaussagen hauptaussage hauptaussagen hauptthema hauptthemen \
      hauptpunkte kernpunkte inhalt inhalte inhalts
      """),
    points: set(
      """
      punkt punkte punkten idee ideen aussage aussagen gedanke gedanken botschaft thema themen fass fasse fassen \
      handelt handeln spricht sprechen
      """),
    mainly: set(
      "wichtigste wichtigsten wichtige zentrale zentralen wesentliche wesentlichen zusammen wovon"),
    documents: set(
      """
      dokument dokumente dokumenten dokuments datei dateien text texte texten textes pdf pdfs artikel artikeln artikels \
      aufsatz
      """),
    requests: set(
      """
      geht handelt handeln lautet gib geben schreibe schreib erkläre erklär erklären beschreibe beschreib \
      beschreiben erzähle erzähl sag sage sagen sagt steht stehen enthält enthalten behandelt behandeln beinhaltet \
      kurz kurze kurzen knapp knappe ganze ganzen gesamte gesamten bitte mal
      """),
    isFunctionWord: functionWords(
      """
      der die das den dem des ein eine einen einem einer eines und oder in im an am auf aus bei mit nach von vom zu zum \
      zur über um für ist sind war wird werden hat haben kann kannst können könnte könntest könnten würde würdest es \
      er sie du ihr wir ich mir mich uns dir dieser diese dieses diesen diesem jenes darin davon daraus hier da dort \
      was welche welcher welches welchen welchem wie wozu alles alle allen so denn eigentlich eben auch nur
      """), fewestWords: 2)

  static let french = WholeDocumentWords(
    summaries: set(
      """
      résumé résumés résume résumes résumer résumez résumons synthèse synthétise synthétiser synthétisez aperçu sujet \
      sujets thème thèmes thématique thématiques
      """),
    points: set(
      """
      point points idée idées message messages thème thèmes sujet sujets parle parlent traite traitent agit porte \
      portent
      """),
    mainly: set(
      "clé clés clef clefs principal principale principaux principales important importants essentiels quoi"),
    documents: set(
      "document documents fichier fichiers texte textes pdf pdfs article articles contenu contenus"),
    requests: set(
      """
      parle parlent traite traitent porte portent dit disent dis dites contient contiennent décris décrire décrivez \
      explique expliquer expliquez donne donner donnez fais faire faites écris écrire écrivez raconte bref brève \
      brièvement court courte entier entière ensemble abordé abordés abordée abordées plaît plait stp svp
      """),
    isFunctionWord: functionWords(
      """
      le la les l un une des du de d à au aux en dans sur par pour avec et ou que qu quoi quel quelle quels quelles \
      ce cet cette ces c cela ça ceci il elle ils elles on je j tu vous nous me m moi te t toi se s y est sont était a \
      ont peux peut pouvez pourrais pourriez sa son ses tout toute tous toutes si plus comment ici
      """), fewestWords: 2)

  static let spanish = WholeDocumentWords(
    summaries: set(
      """
      resumen resúmenes resume resumes resumir resúmelo resúmeme resumirme resumirlo resumido sinopsis síntesis \
      sintetiza tema temas temática
      """),
    points: set(
      "punto puntos idea ideas mensaje mensajes tema temas trata tratan habla hablan versa versan"),
    mainly: set("clave claves principal principales central centrales importante importantes qué"),
    documents: set(
      """
      documento documentos archivo archivos fichero ficheros texto textos pdf pdfs artículo artículos contenido \
      contenidos
      """),
    requests: set(
      """
      trata tratan habla hablan versa versan dice dicen di dime contiene contienen describe describir explica explicar \
      explícame explicarme explicarlo da dame dar haz hazme hacer escribe escribir cuenta cuéntame breve brevemente corto corta entero entera \
      completo abordan aborda cubren cubre favor
      """),
    isFunctionWord: functionWords(
      """
      el la los las lo un una unos unas de del a al en con por para sobre y o que qué cual cuál cuales cuáles \
      cómo es son está están era fue se su sus me mí te ti nos le les yo tú usted puedes puede podrías podría este esta \
      estos estas esto ese esa eso ello aquí todo toda todos todas más
      """), fewestWords: 2)

  private static func functionWords(_ words: String) -> @Sendable (String) -> Bool {
    let words = set(words)
    return { words.contains($0) }
  }
}
