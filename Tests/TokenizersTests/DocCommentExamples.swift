import MartletTokenizers

// Examples of doc comments, word for word (Scripts/check-documentation.sh holds the two equal). That they compile is
// the test.

func fillInTheMiddleExample(_ tokenizer: Tokenizer) {
  if let tokens = FillInTheMiddle(tokenizer) {
    let prompt = tokens.prompt(
      before: tokenizer.encode("let sum = "), after: tokenizer.encode(" + c"))
    _ = prompt
  }
}

func bytePairTrainerExample() throws -> Tokenizer {
  var words = WordCounts()
  words.add("a swift, a swallow and a martlet")
  let vocabulary = try BytePairTrainer(vocabularySize: 270).train(on: words)
  let tokenizer = try vocabulary.makeTokenizer()
  return tokenizer
}
