import Foundation
import MartletJSON
import MartletTransformers

extension Command {
  /// Looks at adapters, merges and exports them.
  static let adapter: Command = .group(
    name: "adapter",
    summary: "List, show, compare, merge and export adapters (LoRA).",
    discussion: """
      An adapter is a folder in peft's format: adapter_config.json with adapter_model.safetensors. --adapter of generate, \
      chat, ask, perplexity, logits and eval run puts it onto a model; these commands look at it, and make other files of it.
      """,
    subcommands: [.adapterList, .adapterShow, .adapterDiff, .adapterMerge, .adapterExport])
}

/// The parameters that the commands of `adapter` share.
enum AdapterParameters {
  static let adapter = Parameter<String>.argument(
    "ADAPTER", .path("ADAPTER", completing: .folders), default: "", help: "The adapter's folder.")
  static let json = Parameter<Bool>.flag("json", help: "Print JSON.")
  static let force = Parameter<Bool>.flag("force", help: "Replace OUT if it exists.")
  static let output = Parameter<String?>.option(
    "output", short: "o", .path("OUT"), help: "Where the result goes. Required.")
  static let base = Parameter<String?>.option(
    "model", short: "m", .path("MODEL", completing: .models(.generation)),
    shownAs: "the one that the adapter names",
    help: "The adapter's base: a name from the catalogue, a GGUF file, or a Hugging Face folder.")

  static func requiredOutput(_ arguments: Arguments) throws(UsageError) -> String {
    guard let path = arguments[output] else {
      throw UsageError("An output is missing.", advice: "Name it with -o.")
    }
    return path
  }
}

/// A number of a table: three digits that count.
func formatSignificant(_ number: Double) -> String {
  guard number != 0, number.isFinite else { return number == 0 ? "0" : "\(number)" }
  let digits =
    number.magnitude >= 100 ? 0 : number.magnitude >= 10 ? 1 : number.magnitude >= 1 ? 2 : 4
  if number.magnitude < 0.001 {
    let exponent = Int(log10(number.magnitude).rounded(.down))
    return "\(formatDecimal(number / pow(10, Double(exponent)), 1))e\(exponent)"
  }
  return formatDecimal(number, digits)
}
