/// Why a provider gave no answer. No case holds a key: texts of a server are searched for it before they get here.
public enum ProviderError: Error, Equatable, Sendable, CustomStringConvertible {
  /// A model's name that cannot be read.
  case invalidReference(String, problem: String)
  /// There is no key for a provider that demands one.
  case noKey(provider: String, variable: String, path: String)
  /// The file of keys can be read by others, or is not the user's.
  case unsafeKeyFile(path: String, problem: String)
  /// The file of keys or of prices is not what it should be.
  case unusableFile(path: String, problem: String)
  /// The server does not accept the key, the key does not give access to the model, or there was none.
  case noPermission(model: String, status: Int, message: String, advice: String)
  /// The server refuses the request, and would refuse it again.
  case refused(model: String, status: Int, message: String)
  /// The server could not do it, as often as it was tried.
  case unavailable(model: String, reason: String, tries: Int)
  /// The answer broke off after a part of it had been handed out.
  case brokenOff(model: String, reason: String)
  /// The server's answer is not what its API says.
  case unexpectedAnswer(model: String, problem: String)
  /// The server took `echo` and did not give the prompt's tokens back, so that there is nothing to score with.
  case noEcho(model: String)
  /// The request might cost more than is left below the cap. Amounts are in US dollars.
  case capReached(model: String, cap: Double, spent: Double, reserved: Double, needed: Double)
  /// A cap was set, and nobody knows what the model costs.
  case capWithoutPrice(model: String, path: String)
  /// The cache of answers cannot be used.
  case cache(path: String, problem: String)

  /// What is wrong, where, and what to do.
  public var description: String {
    switch self {
    case .invalidReference(let reference, let problem): "‘\(reference)’ names no model: \(problem)"
    case .noKey(let provider, let variable, let path):
      "There is no key for \(provider). Set \(variable), or write {\"\(provider)\": \"…\"} to \(path) and chmod 600 it."
    case .unsafeKeyFile(let path, let problem):
      "The keys in \(path) are not used: \(problem). Only you may read it: chmod 600 \(path)"
    case .unusableFile(let path, let problem): "\(path) cannot be used: \(problem)"
    case .noPermission(let model, let status, let message, let advice):
      "\(model): the server does not give access (status \(status)\(Self.behind(message))). \(advice)."
    case .refused(let model, let status, let message):
      "\(model): the server refuses the request (status \(status)\(Self.behind(message)))."
    case .unavailable(let model, let reason, let tries):
      "\(model): \(reason)\(tries > 1 ? ", \(tries) times in a row" : ""). Try again later."
    case .brokenOff(let model, let reason):
      "\(model): the answer broke off (\(reason)); what is shown is only its beginning. Ask again."
    case .unexpectedAnswer(let model, let problem): "\(model): the server's answer cannot be read: \(problem)"
    case .noEcho(let model):
      "\(model) gives no log-likelihoods of a prompt: its server ignores ‘echo’. Choose a model that runs here, or a vLLM server."
    case .capReached(let model, let cap, let spent, let reserved, let needed):
      "\(model) was not asked: \(Self.dollars(spent)) has been spent"
        + (reserved > 0 ? " and \(Self.dollars(reserved)) reserved for running requests" : "")
        + ", this request may cost \(Self.dollars(needed)), and the cap is \(Self.dollars(cap))."
    case .capWithoutPrice(let model, let path):
      "\(model) has no known price, so a cap cannot be kept. Write its prices to \(path), or leave the cap out."
    case .cache(let path, let problem): "The cache of answers \(path) cannot be used: \(problem)"
    }
  }

  private static func behind(_ message: String) -> String { message.isEmpty ? "" : ": \(message)" }

  /// An amount with six decimals, `$0.001500`, without zeros at the end but two.
  static func dollars(_ amount: Double) -> String {
    let millionths = (amount * 1e6).rounded(.up)
    guard millionths.isFinite, abs(millionths) < 1e18 else { return "$\(amount)" }
    let whole = Int(millionths)
    var decimals = String(whole % 1_000_000 + 1_000_000).dropFirst()
    while decimals.count > 2, decimals.last == "0" { decimals.removeLast() }
    return "$\(whole / 1_000_000).\(decimals)"
  }
}
