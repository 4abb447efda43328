import MartletTokenizers

/// A text that two tokenizers cut differently.
struct TokenizerDifference: CustomStringConvertible {
  let text: String
  let first: [TokenID]
  let second: [TokenID]

  /// The first difference on texts of many kinds; nil where there is none.
  init?(between first: Tokenizer, and second: Tokenizer) {
    let special = first.special.eos.flatMap { first.token($0) } ?? ""
    for text in Self.texts + ["one\(special)two \(special) three"] {
      for adds in [false, true] {
        let ids = [first, second].map {
          $0.encode(text, addSpecialTokens: adds, parseSpecialTokens: true)
        }
        guard ids[0] != ids[1] else { continue }
        (self.text, self.first, self.second) = (text, ids[0], ids[1])
        return
      }
    }
    return nil
  }

  var description: String {
    "‘\(text)’ becomes \(Self.shown(second)) instead of \(Self.shown(first))"
  }

  private static func shown(_ ids: [TokenID]) -> String {
    "[" + ids.prefix(12).map { "\($0)" }.joined(separator: ", ") + (ids.count > 12 ? ", …]" : "]")
  }

  /// Texts in which tokenizers differ.
  private static let texts = [
    "The quick brown fox jumps over the lazy dog.", "  two  spaces, and three   in the middle ",
    "It's John's, they'll DON'T we've I'm he'd", "camelCase snake_case kebab-case HTTPServer x2y3",
    "1 12 123 1234 12345 1234567 3.14159 1,000,000 0x1F -7", "line\nbreak\n\ntwo\r\nwindows\ttab\t\ttabs\n",
    "def f(x):\n    return x**2 + [i for i in range(10)]  # comment\n\n\nclass A: pass",
    "Grüße aus Köln, Ærøskøbing, naïve café, Zürich", "cafe\u{301} e\u{301} a\u{308}",
    "日本語のテキスト、漢字かな交じり。", "中文文本，没有空格。", "한국어 텍스트 입니다", "Русский текст, проверка",
    "العربية نص تجريبي", "עברית טקסט", "हिन्दी पाठ परीक्षण", "ไทย ข้อความ", "Ελληνικά κείμενο",
    "🙂👍🏽👩‍👩‍👧‍👦 🇩🇪 ❤️", "a\u{200B}b\u{00A0}c\u{3000}d\u{FEFF}", "!!!???... -- --- ... «quotes» “curly” ‘single’",
    "<|im_start|>user\nhi<|im_end|>", "<s> </s> [CLS] [SEP] [MASK] <unk> <pad>",
    "https://example.org/a?b=c&d=%20#e",
    "{\"key\": [1, 2.5e-3, null, true], \"s\": \"\\n\"}", "ﬁ ﬂ ½ ² ™ Ⅷ ① ㎏", "ß SS ſ İ ı", "", " ", "\n",
  ]
}
