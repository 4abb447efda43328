/// Why a provider gave no answer.
public enum ProviderError: Error, Equatable, Sendable {}
