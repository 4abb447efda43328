import JSON

func readJSON(_ input: [UInt8]) {
  guard let value = try? JSON(parsing: input) else { return }
  _ = value.serialized()
}
