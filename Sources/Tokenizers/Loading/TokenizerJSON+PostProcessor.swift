import MartletJSON

extension EncodingTemplate {
  private static let known = [
    "BertProcessing", "ByteLevel", "RobertaProcessing", "Sequence", "TemplateProcessing",
  ]

  /// The member `post_processor`; empty where there is none.
  /// - Throws: ``TokenizerError`` naming what is unknown, or a token outside the vocabulary.
  init(_ member: TokenizerMember?, vocabularySize: Int) throws(TokenizerError) {
    self.init()
    guard let member else { return }
    for part in try member.flattened("processors") {
      let reader = Reader(member: part, vocabularySize: vocabularySize)
      switch try part.type() {
      case "ByteLevel": continue  // It changes offsets alone.
      case "BertProcessing": self = try reader.named(secondType: 1, separators: 1)
      case "RobertaProcessing": self = try reader.named(secondType: 0, separators: 2)
      case "TemplateProcessing":
        self.init(single: try reader.pieces("single"), pair: try reader.pieces("pair"))
      case let other: throw part.unknownType(other, Self.known)
      }
    }
  }

  private struct Reader {
    let member: TokenizerMember
    let vocabularySize: Int

    func checked(_ id: Int, _ field: String) throws(TokenizerError) -> TokenID {
      guard (0..<vocabularySize).contains(id) else {
        throw .malformed(field: field, problem: "names the id \(id), outside the vocabulary")
      }
      return TokenID(id)
    }

    /// `["[CLS]", 101]`
    func pair(_ key: String) throws(TokenizerError) -> TokenID {
      let pair = try member.required(key)
      guard let id = pair.json[1]?.intValue else { throw pair.malformed("must be a token and its id") }
      return try checked(id, pair.path)
    }

    func named(secondType: Int32, separators: Int) throws(TokenizerError) -> EncodingTemplate {
      let cls = try pair("cls")
      let sep = try pair("sep")
      let single: [Piece] = [.tokens([cls], type: 0), .first(type: 0), .tokens([sep], type: 0)]
      let between: [Piece] = separators == 2 ? [.tokens([sep], type: 0)] : []
      return EncodingTemplate(
        single: single,
        pair: single + between + [.second(type: secondType), .tokens([sep], type: secondType)])
    }

    func pieces(_ key: String) throws(TokenizerError) -> [Piece] {
      var pieces: [Piece] = []
      for piece in try member.elements(key) {
        if let sequence = piece["Sequence"] {
          let type = try self.type(sequence)
          switch try sequence.string("id") {
          case "A": pieces.append(.first(type: type))
          case "B": pieces.append(.second(type: type))
          default: throw sequence.malformed("must have the id A or B")
          }
        } else if let token = piece["SpecialToken"] {
          guard let name = try token.string("id") else { throw .missing(field: token.name("id")) }
          pieces.append(.tokens(try ids(of: name), type: try type(token)))
        } else {
          throw piece.malformed("must be a Sequence or a SpecialToken")
        }
      }
      return pieces
    }

    private func type(_ member: TokenizerMember) throws(TokenizerError) -> Int32 {
      let type = try member.count("type_id", default: 0)
      guard type <= 1 << 16 else { throw .malformed(field: member.name("type_id"), problem: "is \(type)") }
      return Int32(type)
    }

    private func ids(of name: String) throws(TokenizerError) -> [TokenID] {
      guard let special = try member["special_tokens"]?[name]?.elements("ids") else {
        throw .missing(field: member.name("special_tokens.\(name)"))
      }
      var ids: [TokenID] = []
      for element in special {
        guard let id = element.json.intValue else { throw element.malformed("must be an id") }
        ids.append(try checked(id, element.path))
      }
      return ids
    }
  }
}
