/// Why a request got no answer.
public enum HTTPClientError: Error, Equatable, Sendable {}
