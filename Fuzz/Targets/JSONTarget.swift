import MartletJSON

func readJSON(_ input: [UInt8]) {
  guard let value = try? JSON(parsing: input) else { return }
  _ = value.serialized()
}

/// A record of a JSON-lines file, whose members are replaced and added to.
func readRecord(_ input: [UInt8]) {
  guard var record = try? RawJSONObject(parsing: input) else { return }
  for key in record.keys { _ = (try? record.value(for: key), record.rawValue(for: key)) }
  record.set("text", "new")
  record.set("embedding", rawJSON: "[0.5, 1]")
  _ = try? RawJSONObject(parsing: record.text)
}
