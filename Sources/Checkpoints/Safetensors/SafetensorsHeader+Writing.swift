import MartletJSON
import MartletTensors

extension SafetensorsHeader {
  /// The bytes before the data of a file with these tensors, whose bytes follow end to end in this order.
  ///
  /// As the reference implementation does, the JSON is filled up with spaces, so that the data begins at a multiple of
  /// eight bytes, and `__metadata__` names the framework, without which transformers refuses a file.
  package static func bytes(
    _ tensors: [(name: String, format: StorageFormat, shape: [Int], byteCount: Int)]
  ) -> [UInt8] {
    var header: JSONObject = ["__metadata__": ["format": "pt"]]
    var offset = 0
    for tensor in tensors {
      header[tensor.name] = [
        "dtype": .string(tensor.format.rawValue), "shape": .array(tensor.shape.map { JSON($0) }),
        "data_offsets": .array([JSON(offset), JSON(offset + tensor.byteCount)]),
      ]
      offset += tensor.byteCount
    }
    var json = Array(JSON.object(header).serialized().utf8)
    json += [UInt8](repeating: 0x20, count: (8 - json.count % 8) % 8)
    return withUnsafeBytes(of: UInt64(json.count).littleEndian) { Array($0) } + json
  }
}
