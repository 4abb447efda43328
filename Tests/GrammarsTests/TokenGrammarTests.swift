import MartletGrammars
import MartletJSON
import Testing

@Suite struct TokenGrammarTests {
  private func state(_ grammar: Grammar, _ tokens: [String?]) -> GrammarState {
    TokenGrammar(grammar, vocabulary: GrammarVocabulary(tokens: tokens.map { $0.map { Array($0.utf8) } }))
      .start()
  }

  @Test func aMaskAllowsWhatFits() throws {
    var state = state(
      try Grammar(choices: ["yes", "no"]), ["y", "yes", "n", "no", "es", "x", "", nil, "yesno"])
    #expect(state.mask().words == [0b1111])
    #expect(state.mask().allowedCount == 4 && state.mask().count == 9)
    let before = state
    for token in [5, 7, 6, 99, -1] {
      let fits = state.accept(token: token)
      #expect(!fits, "\(token)")
    }
    let isY = state.accept(token: 0)
    #expect(isY && !state.isComplete && state.canContinue)
    #expect((0..<9).filter { state.mask()[$0] } == [4])
    let isES = state.accept(token: 4)
    #expect(isES && state.isComplete && !state.canContinue && state.mask().allowedCount == 0)
    #expect(before.mask().allowedCount == 4, "a copy goes its own way")
    #expect(!state.mask()[-1] && !state.mask()[64])
  }

  @Test func bytesCanBeAcceptedInTheMiddleOfACharacter() throws {
    var state = state(try Grammar(regex: "é日"), ["x"])
    let fits1 = state.accept([0xC3])
    #expect(fits1)
    let fits2 = state.accept([0x28])
    #expect(!fits2)
    let fits3 = state.accept([0xA9, 0xE6])
    #expect(fits3 && !state.isComplete)
    let fits4 = state.accept([0x97, 0xA5])
    #expect(fits4 && state.isComplete)
  }

  @Test func aNameIsNotRepeatedByAToken() throws {
    let grammar = try Grammar(jsonSchema: ["type": "object", "additionalProperties": ["const": 1]])
    let tokens = [
      "\"a\":1", "\"b\":1", "a\":1", "{", ",", "}", "\"", "\":1", "a\"", "a", "\":1,\"b\":1", "\":1,\"a\":1",
    ]
    var state = state(grammar, tokens)
    let fits5 = state.accept("{\"a\":1,".utf8)
    #expect(fits5)
    #expect((0..<tokens.count).filter { state.mask()[$0] } == [1, 6, 7])
    let fits6 = state.accept("\"a".utf8)
    #expect(fits6)
    #expect((0..<tokens.count).filter { state.mask()[$0] } == [2, 3, 4, 5, 8, 9])
    let fits7 = state.accept("x".utf8)
    #expect(fits7)
    // The second of these repeats a name that is there.
    #expect(state.mask()[10] && !state.mask()[11])
  }

  @Test func statesOfManySequencesShareMasks() async throws {
    let grammar = TokenGrammar(.jsonObject, vocabulary: Toy.vocabulary)
    let masks = await withTaskGroup(of: [TokenMask].self) { group in
      for _ in 0..<8 {
        group.addTask {
          var (state, masks) = (grammar.start(), [TokenMask]())
          for byte in "{\"name\": [1, \"two\", {\"three\": null}]}".utf8 {
            masks.append(state.mask())
            _ = state.accept([byte])
          }
          return masks
        }
      }
      return await group.reduce(into: [[TokenMask]]()) { $0.append($1) }
    }
    #expect(masks.allSatisfy { $0 == masks[0] })
    #expect(masks[0].allSatisfy { $0.allowedCount > 0 })
  }

  @Test func anEmptyVocabularyAllowsNothing() throws {
    let state = state(.jsonObject, [])
    #expect(state.mask().count == 0 && state.canContinue)
  }
}
