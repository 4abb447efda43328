/// The tokens with which a model of code writes what is missing between two texts (Bavarian et al. 2022): each of the two
/// has a token in front, and what the model writes after a third one belongs between them.
///
/// ```swift
/// if let tokens = FillInTheMiddle(tokenizer) {
///   let prompt = tokens.prompt(
///     before: tokenizer.encode("let sum = "), after: tokenizer.encode(" + c"))
/// }
/// ```
///
/// The order is prefix, suffix, middle, in which Qwen2.5-Coder, StarCoder, DeepSeek-Coder, Code Llama, Granite and
/// CodeGemma were all trained.
public struct FillInTheMiddle: Sendable, Equatable {
  /// Stands in front of the text before the gap.
  public let prefix: TokenID
  /// Stands in front of the text after the gap.
  public let suffix: TokenID
  /// Comes after both texts; what follows it fills the gap.
  public let middle: TokenID
  /// Ends what fills the gap, where the model has a token of its own for that. Others end it as they end any text.
  public let end: TokenID?
  /// Fills batches up.
  public let padding: TokenID?
  /// Stands in front of the name of a repository, of which several files follow.
  public let repositoryName: TokenID?
  /// Stands in front of the path of each file of a repository.
  public let fileSeparator: TokenID?

  /// The tokens of a model's vocabulary; nil where it lacks one of the three that the gap needs.
  public init?(_ tokenizer: Tokenizer) {
    func id(_ spellings: [String]) -> TokenID? {
      spellings.lazy.compactMap { tokenizer.id(of: $0) }.first
    }
    let known = Self.spellings.lazy.compactMap { spellings -> (TokenID, TokenID, TokenID)? in
      guard let prefix = tokenizer.id(of: spellings.prefix), let suffix = tokenizer.id(of: spellings.suffix),
        let middle = tokenizer.id(of: spellings.middle)
      else { return nil }
      return (prefix, suffix, middle)
    }
    guard let found = known.first else { return nil }
    (prefix, suffix, middle) = found
    end = id(["▁<EOT>"])
    padding = id(["<|fim_pad|>", "<fim_pad>", "<fim-pad>"])
    repositoryName = id(["<|repo_name|>", "<repo_name>", "<reponame>"])
    fileSeparator = id(["<|file_sep|>", "<|file_separator|>", "<file_sep>", "<filename>"])
  }

  /// How vocabularies spell the three tokens.
  private static let spellings: [(prefix: String, suffix: String, middle: String)] = [
    // Qwen2.5-Coder, CodeGemma
    ("<|fim_prefix|>", "<|fim_suffix|>", "<|fim_middle|>"),
    // StarCoder, Granite
    ("<fim_prefix>", "<fim_suffix>", "<fim_middle>"),
    // SantaCoder
    ("<fim-prefix>", "<fim-suffix>", "<fim-middle>"),
    // Code Llama
    ("▁<PRE>", "▁<SUF>", "▁<MID>"),
    // DeepSeek-Coder
    ("<｜fim▁begin｜>", "<｜fim▁hole｜>", "<｜fim▁end｜>"),
  ]

  /// The ids that ask for what is missing between two texts.
  public func prompt(before: [TokenID], after: [TokenID]) -> [TokenID] {
    [prefix] + before + [suffix] + after + [middle]
  }

  /// A file of a repository, to be read before the file with the gap: the separator, the path, a line break, the text and a
  /// line break. Nil where the model has no separator.
  /// - Parameters:
  ///   - path: The file's path in the repository, as in `Sources/Tensor.swift`.
  ///   - text: What the file holds, or a part of it.
  ///   - tokenizer: The model's tokenizer.
  public func file(path: String, text: String, _ tokenizer: Tokenizer) -> [TokenID]? {
    fileSeparator.map { [$0] + tokenizer.encode(path + "\n" + text + (text.hasSuffix("\n") ? "" : "\n")) }
  }

  /// The tokens after which what fills the gap has ended: all of these, since none is part of a text.
  public var endTokens: Set<TokenID> {
    Set([prefix, suffix, middle] + [end, padding, repositoryName, fileSeparator].compactMap { $0 })
  }
}
