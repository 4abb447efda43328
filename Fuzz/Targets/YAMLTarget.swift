import MartletJSON
import MartletYAML

func readYAML(_ input: [UInt8]) {
  let limits = YAMLLimits(maximumValues: 100_000, maximumTextBytes: 1 << 20)
  guard let value = try? JSON(parsingYAML: input, limits: limits) else { return }
  // What was read is JSON: it can be written, and read again as such.
  guard let again = try? JSON(parsing: value.serialized()), again == value else {
    preconditionFailure("a value that JSON does not read back")
  }
}
