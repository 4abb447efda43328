// Times the masks of forms token by token: martlet-benchmark-grammars MODEL CASES. CASES has a JSON object a line, with
// "schema" and "text". Prints one JSON object.
import Foundation
import MartletCheckpoints
import MartletGrammars
import MartletJSON
import MartletTokenizers

struct Failure: Error { let text: String }

func microseconds(_ duration: Duration) -> Double { duration / .microseconds(1) }

let arguments = CommandLine.arguments
guard arguments.count == 3 else { throw Failure(text: "usage: MODEL CASES") }
let tokenizer = try Checkpoint.open(named: arguments[1]).makeTokenizer()
let tokens: [[UInt8]?] = (0..<tokenizer.vocabularySize).map { id in
  let bytes = tokenizer.isSpecial(TokenID(id)) ? [] : tokenizer.bytes(of: TokenID(id))
  return bytes.isEmpty ? nil : bytes
}
let clock = ContinuousClock()
var vocabulary: GrammarVocabulary?
let vocabularyTime = clock.measure { vocabulary = GrammarVocabulary(tokens: tokens) }
guard let vocabulary else { throw Failure(text: "no vocabulary") }

var compileTimes: [Double] = []
var maskTimes: [Double] = []
var allowed = 0
for line in try String(contentsOfFile: arguments[2], encoding: .utf8).split(separator: "\n") {
  let object = try JSON(parsing: String(line))
  guard let schema = object["schema"], let text = object["text"]?.stringValue else {
    throw Failure(text: "a case lacks schema or text")
  }
  let start = clock.now
  let grammar = TokenGrammar(try Grammar(jsonSchema: schema), vocabulary: vocabulary)
  compileTimes.append(microseconds(clock.now - start))
  var state = grammar.start()
  for token in tokenizer.encode(text) {
    let start = clock.now
    let mask = state.mask()
    maskTimes.append(microseconds(clock.now - start))
    allowed += mask.allowedCount
    guard mask[Int(token)], state.accept(token: Int(token)) else {
      throw Failure(text: "the text does not keep to its schema: \(text)")
    }
  }
  guard state.isComplete else { throw Failure(text: "the text is not whole: \(text)") }
}
let result: JSON = [
  "vocabulary_us": JSON(microseconds(vocabularyTime)), "compile_us": .array(compileTimes.map { JSON($0) }),
  "mask_us": .array(maskTimes.map { JSON($0) }), "allowed": JSON(allowed),
]
print(result.serialized())
