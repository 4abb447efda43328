/// Tells in which language a text mostly is, by its script and, for Latin letters, by the small words of a language.
///
/// It answers one question, whether an embedder that knows English alone will make anything of the text, and so needs
/// a few hundred letters and no model. Give it prose: code has no language.
public struct LanguageDetector: Sendable {
  /// A language, or a script that stands for several.
  public struct Language: Sendable, Equatable, CustomStringConvertible {
    /// The ISO 639-1 code ("en"), or the script's name in lower case where that is all that is known ("cyrillic").
    public let code: String
    /// The name in English.
    public let name: String
    /// The share of the letters or small words that spoke for it, from 0 to 1.
    public let share: Double

    /// The name.
    public var description: String { name }
  }

  private var letters = [String: Int]()
  private var smallWords = [Int](repeating: 0, count: Self.languages.count)
  private var latinWords = 0
  private var bytesLeft: Int

  /// Creates a detector that looks at the first `sampleBytes` of what it is given.
  public init(sampleBytes: Int = 64 * 1024) { bytesLeft = sampleBytes }

  /// Takes in more of the text.
  public mutating func append(_ text: String) {
    guard bytesLeft > 0 else { return }
    bytesLeft -= text.utf8.count
    var word = ""
    for scalar in text.unicodeScalars {
      let script = Self.script(scalar)
      if let script {
        letters[script, default: 0] += 1
        if script == "latin" { word.unicodeScalars.append(scalar) }
      } else if !word.isEmpty && scalar != "'" && scalar != "\u{2019}" {
        count(word)
        word = ""
      }
    }
    if !word.isEmpty { count(word) }
  }

  /// The language of what was taken in; nil where it was too little to tell.
  public var language: Language? {
    let total = letters.values.reduce(0, +)
    guard total >= 40, let (script, most) = letters.max(by: { ($0.value, $1.key) < ($1.value, $0.key) })
    else { return nil }
    if script != "latin" {
      let kana = letters["kana"] ?? 0
      let isJapanese = script == "kana" || (script == "han" && kana * 10 > most)
      let (code, name) = isJapanese ? ("ja", "Japanese") : Self.scripts[script] ?? (script, script)
      return Language(code: code, name: name, share: Double(most + (isJapanese ? kana : 0)) / Double(total))
    }
    guard latinWords >= 12, let best = smallWords.indices.max(by: { smallWords[$0] < smallWords[$1] }) else {
      return nil
    }
    let share = Double(smallWords[best]) / Double(latinWords)
    // A quarter to a half of the words of running text are small ones; a list of names or numbers has none.
    guard share >= 0.12 else { return nil }
    return Language(code: Self.languages[best].code, name: Self.languages[best].name, share: share)
  }

  private mutating func count(_ word: String) {
    latinWords += 1
    guard let owners = Self.owners[word.lowercased()] else { return }
    for owner in owners { smallWords[owner] += 1 }
  }

  private static func script(_ scalar: Unicode.Scalar) -> String? {
    switch scalar.value {
    case 0x41...0x5A, 0x61...0x7A, 0xC0...0xD6, 0xD8...0xF6, 0xF8...0x24F, 0x1E00...0x1EFF: "latin"
    case 0x370...0x3FF, 0x1F00...0x1FFF: "greek"
    case 0x400...0x52F: "cyrillic"
    case 0x530...0x58F: "armenian"
    case 0x590...0x5FF: "hebrew"
    case 0x600...0x6FF, 0x750...0x77F: "arabic"
    case 0x900...0x97F: "devanagari"
    case 0x980...0xDFF: "indic"
    case 0xE00...0xE7F: "thai"
    case 0x10A0...0x10FF: "georgian"
    case 0x1100...0x11FF, 0xAC00...0xD7AF: "hangul"
    case 0x3040...0x30FF: "kana"
    case 0x3400...0x9FFF, 0x20000...0x3FFFF: "han"
    default: nil
    }
  }

  private static let scripts: [String: (String, String)] = [
    "greek": ("el", "Greek"), "cyrillic": ("cyrillic", "a language in Cyrillic letters"),
    "armenian": ("hy", "Armenian"), "hebrew": ("he", "Hebrew"),
    "arabic": ("arabic", "a language in Arabic letters"), "devanagari": ("hi", "Hindi"),
    "indic": ("indic", "a language of India"), "thai": ("th", "Thai"), "georgian": ("ka", "Georgian"),
    "hangul": ("ko", "Korean"), "han": ("zh", "Chinese"),
  ]

  private static let languages: [(code: String, name: String, words: String)] = [
    (
      "en", "English",
      "the of and to in is that it for was with as on be by at are this from or have an not which but were has can "
        + "you if will would their they he she his her its we been when there what may must shall these"
    ),
    (
      "de", "German",
      "der die das und ist nicht ein eine einer einem einen zu den dem des mit von auf für im sich auch es an als "
        + "werden wird sind war aus bei nach wie oder wenn aber ich sie er wir kann hat zum zur über durch nur noch"
    ),
    (
      "fr", "French",
      "le la les de des du un une et est en que qui dans pour pas sur au aux par plus avec ce cette il elle sont ne "
        + "se ou mais nous vous je son sa ses leur été être comme à d l qu n s"
    ),
    (
      "es", "Spanish",
      "el la los las de del un una y es en que por para con no se al lo como más su sus pero o este esta son fue ha "
        + "le ya entre cuando muy sin sobre también hay"
    ),
    (
      "it", "Italian",
      "il lo la i gli le di del della dei delle un una e è in che per non con si al alla da dal come più sono ma o "
        + "questo questa anche nel nella suo sua ha essere"
    ),
    (
      "pt", "Portuguese",
      "o a os as de do da dos das um uma e é em no na que por para com não se ao mais como mas ou foi são seu sua "
        + "também pelo pela ser está isso"
    ),
    (
      "nl", "Dutch",
      "de het een en van in is dat op te zijn met voor niet aan er om ook als bij door maar naar uit dan nog wordt "
        + "worden deze die hij ze wij kan over heeft"
    ),
    (
      "sv", "Swedish",
      "och att det i en som är på av för med den till inte om ett han var de så men vi har kan från eller när hade "
        + "under också efter"
    ),
    (
      "da", "Danish or Norwegian",
      "og at det i en som er på av af for med den til ikke om et han var de så men vi har kan fra eller når hadde "
        + "under også etter efter jeg"
    ),
    (
      "pl", "Polish",
      "i w na z do nie się że to jest o jak po co tak za od przez dla ale są czy być jego był oraz lub tym które"
    ),
    (
      "cs", "Czech",
      "a v na se je že to s z do o i ve pro jako by jsou za po od ale byl také nebo při podle které jeho"
    ),
    ("tr", "Turkish", "ve bir bu da de için ile olarak çok daha en gibi ne kadar olan sonra ya var mi ki o"),
    ("fi", "Finnish", "ja on ei se että oli hän joka mutta ovat kun myös sen tai niin kuin voi ole sekä jos"),
  ]

  private static let owners: [String: [Int]] = {
    var owners = [String: [Int]]()
    for (index, language) in languages.enumerated() {
      for word in Set(language.words.split(separator: " ")) {
        owners[String(word), default: []].append(index)
      }
    }
    return owners
  }()
}
