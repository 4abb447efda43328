/// Why a prompt could not be made.
public enum PromptingError: Error, Equatable, Sendable {}
