import MartletJSON
import MartletTestScope
import Testing

@testable import MartletInspection

/// Real models only where they have been pulled: `martlet pull all-minilm-l6-v2 smollm2-135m-instruct`.
@Suite("What is inside a model is what transformers finds there")
struct ActivationTests {
  @Test("Tokens and ids are those of AutoTokenizer", arguments: TestModel.present)
  func tokens(model: TestModel) throws {
    let expected = try Reference.read("\(model.rawValue).json")
    let text = try model.open().text(try #require(expected["text"]?.stringValue))
    #expect(text.ids.map(Int.init) == expected["ids"]?.arrayValue?.compactMap(\.intValue))
    #expect(text.pieces == expected["tokens"]?.arrayValue?.compactMap(\.stringValue))
  }

  @Test(
    "Hidden states are those of output_hidden_states: the embedding first, the last after the final norm",
    arguments: TestModel.present)
  func hiddenStates(model: TestModel) throws {
    let expected = try Reference.read("\(model.rawValue).json")
    let opened = try model.open()
    let text = try opened.text(try #require(expected["text"]?.stringValue))
    let all = try opened.hiddenStates(of: text, layers: .all)
    #expect(all.layers.map(\.number) == Array(0...opened.shape.layers))
    #expect(all.shapeInWords == "\(text.tokens.count) tokens × \(opened.shape.width)")
    for (name, rows) in try #require(expected["hidden_states"]?.objectValue) {
      let layer = all.layers[try #require(Int(name))]
      let rows = rows.rows
      let found = rows.indices.map { Array(layer.states[row: $0].prefix(rows[$0].count)) }
      #expect(difference(found.flatMap(\.self), rows.flatMap(\.self)) < 1e-4, "layer \(name)")
      // One layer alone is the same.
      let alone = try opened.hiddenStates(of: text, layers: .only(layer.number))
      #expect(alone.layers.count == 1)
      #expect(alone.layers.first?.states.values == layer.states.values)
    }
  }

  @Test("Attention weights are those of output_attentions, and rows sum to 1", arguments: TestModel.present)
  func attentions(model: TestModel) throws {
    let expected = try Reference.read("\(model.rawValue).json")
    let opened = try model.open()
    let text = try opened.text(try #require(expected["text"]?.stringValue))
    let attention = try opened.attention(of: text)
    #expect(attention.layers == Array(opened.attentionLayers))
    #expect(attention.heads == Array(opened.attentionHeads))
    for (name, heads) in try #require(expected["attentions"]?.objectValue) {
      let layer = try #require(Int(name))
      for (head, rows) in try #require(heads.arrayValue).enumerated() {
        let found = attention.matrix(layer: layer, head: head)
        #expect(difference(found, rows.rows.flatMap(\.self)) < 1e-4, "layer \(layer), head \(head)")
      }
    }
    let count = text.tokens.count
    for layer in attention.layers.indices {
      for head in attention.heads.indices {
        for token in 0..<count {
          let sum = attention.withRow(layer: layer, head: head, token: token) { $0.reduce(0, +) }
          #expect(abs(sum - 1) < 1e-5)
        }
      }
    }
  }

  @Test("A layer and a head that are chosen are the same as among all")
  func chosen() throws {
    let opened = try TestModel.tiny.open()
    let text = try opened.text("the cat")
    let (all, one) = try (
      opened.attention(of: text), opened.attention(of: text, layers: .only(1), heads: .only(0))
    )
    #expect(one.layers == [1] && one.heads == [0])
    #expect(one.matrix(layer: 0, head: 0) == all.matrix(layer: 1, head: 0))
    let mean = zip(all.matrix(layer: 1, head: 0), all.matrix(layer: 1, head: 1)).map { ($0 + $1) / 2 }
    #expect(difference(all.meanOfHeads(layer: 1), mean) < 1e-6)
  }

  @Test(
    "The next token's distribution and the logit lens are those of transformers",
    arguments: TestModel.present.filter { $0 != .minilm })
  func nextTokens(model: TestModel) throws {
    let expected = try Reference.read("\(model.rawValue).json")
    let opened = try model.open()
    let text = try opened.text(try #require(expected["text"]?.stringValue))
    let next = try opened.nextTokens(after: text, count: 5)
    let wanted = try #require(expected["next"]?.arrayValue).map(\.doubles)
    #expect(next.map { Int($0.id) } == wanted.map { Int($0[0]) })
    #expect(difference(next.map(\.logit), wanted.map { Float($0[1]) }) < 1e-4)
    #expect(difference(next.map { Float($0.probability) }, wanted.map { Float($0[2]) }) < 1e-4)
    let lens = try opened.logitLens(after: text, count: 3)
    #expect(lens.map(\.layer) == Array(0...opened.shape.layers))
    #expect(lens.last?.next == Array(next.prefix(3)))
    for (name, guesses) in try #require(expected["lens"]?.objectValue) {
      let found = lens[try #require(Int(name))].next
      let wanted = try #require(guesses.arrayValue).map(\.doubles)
      #expect(found.map { Int($0.id) } == wanted.map { Int($0[0]) }, "layer \(name)")
      #expect(difference(found.map { Float($0.probability) }, wanted.map { Float($0[1]) }) < 1e-4)
    }
  }

  @Test("All probabilities of the vocabulary sum to 1")
  func distribution() throws {
    let opened = try TestModel.tiny.open()
    let next = try opened.nextTokens(after: opened.text("the"), count: opened.shape.vocabulary)
    #expect(next.count == opened.shape.vocabulary)
    #expect(abs(next.reduce(0) { $0 + $1.probability } - 1) < 1e-9)
    #expect(zip(next, next.dropFirst()).allSatisfy { $0.logit >= $1.logit })
  }

  @Test("A layer or head that is not there is refused with the range")
  func ranges() throws {
    let opened = try TestModel.tiny.open()
    let text = try opened.text("the")
    #expect(throws: InspectionError.noSuchLayer(3, layers: 0...2)) {
      try opened.hiddenStates(of: text, layers: .only(3))
    }
    #expect(throws: InspectionError.noSuchLayer(2, layers: 0...1)) {
      try opened.attention(of: text, layers: .only(2))
    }
    #expect(throws: InspectionError.noSuchHead(2, heads: 0...1)) {
      try opened.attention(of: text, heads: .only(2))
    }
    #expect(
      InspectionError.noSuchHead(2, heads: 0...1).description
        == "There is no head 2: each layer has the heads 0 to 1.")
  }

  @Test("A text beyond the context is refused with both numbers, and one without tokens too")
  func limits() throws {
    let opened = try TestModel.tiny.open()
    #expect(throws: InspectionError.textTooLong(tokens: 202, limit: 128, model: "tiny")) {
      try opened.text(String(repeating: "cat ", count: 50) + "c")
    }
    #expect(throws: InspectionError.emptyText) { try opened.text("", addsSpecialTokens: false) }
    #expect(try opened.text("").pieces == ["<s>"])
  }

  @Test("More than memory holds is refused with its size before anything is computed")
  func memory() throws {
    let opened = try TestModel.tiny.open()
    #expect(throws: InspectionError.tooLarge(what: "x", bytes: 8 << 30, maximum: 4 << 30)) {
      try opened.check("x", floats: [2, 1 << 30])
    }
    #expect(throws: InspectionError.tooLarge(what: "x", bytes: .max, maximum: 4 << 30)) {
      try opened.check("x", floats: [1 << 40, 1 << 40])
    }
    #expect(throws: Never.self) { try opened.check("x", floats: [30, 9, 512, 512]) }
  }

  @Test("An encoder has no next token, and says so", .needs(.minilm))
  func encoder() throws {
    let opened = try TestModel.minilm.open()
    #expect(throws: InspectionError.noNextToken(model: "minilm")) {
      try opened.nextTokens(after: opened.text("the"), count: 1)
    }
  }
}
