import MartletJSON

extension TokenizerJSON {
  /// Ids beyond this are no vocabulary's.
  private static let largestID = 1 << 24

  /// The tokens by id, from an object of ids by token.
  func vocabulary(_ model: TokenizerMember) throws(TokenizerError) -> PackedStrings {
    let member = try model.required("vocab")
    guard let vocabulary = member.json.objectValue else {
      throw member.malformed("must be an object, but is \(member.json.kind)")
    }
    var byID: [Int: [UInt8]] = [:]
    byID.reserveCapacity(vocabulary.count)
    for (token, id) in vocabulary {
      guard let id = id.intValue, id >= 0, id < Self.largestID else {
        throw member.malformed("gives \"\(token)\" the id \(id.serialized())")
      }
      guard byID.updateValue(Array(token.utf8), forKey: id) == nil else {
        throw member.malformed("gives the id \(id) twice")
      }
    }
    return try spellings(byID, member)
  }

  /// The tokens and their scores by id, from an array of pairs.
  func scoredVocabulary(
    _ model: TokenizerMember
  ) throws(TokenizerError) -> (spellings: PackedStrings, scores: [Double]) {
    let member = try model.required("vocab")
    guard let entries = member.json.arrayValue else {
      throw member.malformed("must be an array, but is \(member.json.kind)")
    }
    guard entries.count < Self.largestID else { throw member.malformed("has \(entries.count) entries") }
    var byID: [Int: [UInt8]] = [:]
    byID.reserveCapacity(entries.count)
    var scores: [Double] = []
    scores.reserveCapacity(entries.count)
    for (id, entry) in entries.enumerated() {
      guard entry.arrayValue?.count == 2, let token = entry[0]?.stringValue,
        let score = entry[1]?.doubleValue, score.isFinite
      else {
        throw member.malformed("holds \(entry.serialized().prefix(200)), which is no token with its score")
      }
      byID[id] = Array(token.utf8)
      scores.append(score)
    }
    return (try spellings(byID, member), scores)
  }

  private func spellings(
    _ byID: [Int: [UInt8]], _ member: TokenizerMember
  ) throws(TokenizerError) -> PackedStrings {
    var byID = byID
    for token in added { byID[Int(token.id)] = token.bytes }
    guard let last = byID.keys.max() else { throw member.malformed("has no tokens") }
    guard last < byID.count * 2 + 1024 else { throw member.malformed("has ids far beyond its size") }
    var spellings = PackedStrings()
    for id in 0...last { spellings.append(byID[id] ?? []) }
    return spellings
  }

  static func addedTokens(_ root: TokenizerMember) throws(TokenizerError) -> [AddedTokens.Token] {
    var result: [AddedTokens.Token] = []
    for token in try root.elements("added_tokens") {
      guard let id = try token.integer("id") else { throw .missing(field: token.name("id")) }
      guard let content = try token.string("content") else { throw .missing(field: token.name("content")) }
      guard (0..<largestID).contains(id) else {
        throw .malformed(field: token.name("id"), problem: "is \(id)")
      }
      let isSpecial = try token.bool("special") ?? false
      result.append(
        AddedTokens.Token(
          id: TokenID(id), bytes: Array(content.utf8), isSpecial: isSpecial,
          stripsLeft: try token.bool("lstrip") ?? false, stripsRight: try token.bool("rstrip") ?? false,
          isSingleWord: try token.bool("single_word") ?? false,
          isNormalized: try token.bool("normalized") ?? !isSpecial))
    }
    return result
  }

  /// The pairs as lines "left right"; newer files have them as arrays, whose tokens may hold spaces.
  func merges(_ model: TokenizerMember) throws(TokenizerError) -> [(left: [UInt8], right: [UInt8])] {
    let member = try model.required("merges")
    guard let merges = member.json.arrayValue else {
      throw member.malformed("must be an array, but is \(member.json.kind)")
    }
    var pairs: [(left: [UInt8], right: [UInt8])] = []
    pairs.reserveCapacity(merges.count)
    for merge in merges {
      if let line = merge.stringValue {
        let parts = line.utf8.split(separator: 0x20, omittingEmptySubsequences: false)
        guard parts.count == 2 else {
          throw member.malformed("holds \"\(line.prefix(200))\", which is no pair")
        }
        pairs.append((Array(parts[0]), Array(parts[1])))
      } else if merge.arrayValue?.count == 2, let left = merge[0]?.stringValue,
        let right = merge[1]?.stringValue
      {
        pairs.append((Array(left.utf8), Array(right.utf8)))
      } else {
        throw member.malformed("holds \(merge.serialized().prefix(200)), which is no pair")
      }
    }
    return pairs
  }
}

extension Merges {
  /// - Parameter mergeLines: pairs of tokens, the most important first.
  /// - Throws: ``TokenizerError`` naming a token that is not in the vocabulary.
  init(
    mergeLines: [(left: [UInt8], right: [UInt8])], tokens: PackedStrings, field: String
  ) throws(TokenizerError) {
    let table = TokenTable(tokens)
    var pairs: [(left: TokenID, right: TokenID, merged: TokenID)] = []
    pairs.reserveCapacity(mergeLines.count)
    for (left, right) in mergeLines {
      guard let leftID = table.find(left), let rightID = table.find(right),
        let merged = table.find(left + right)
      else {
        let line = String(decoding: left + [0x20] + right, as: UTF8.self)
        throw .malformed(
          field: field, problem: "merges \"\(line.prefix(200))\", which is not in the vocabulary")
      }
      pairs.append((leftID, rightID, merged))
    }
    self.init(pairs)
  }
}
