/// Why no grammar could be made.
public enum GrammarError: Error, Equatable, Sendable {}
