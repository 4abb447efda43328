import MartletJSON

extension ChromaConfiguration {
  /// The schema that follows from the configuration: clients of today look into it when a configuration changes, and
  /// for the embedding function. All metadata is indexed here, so no key of it is named.
  var schema: JSON {
    let on: JSON = ["enabled": true, "config": [:]]
    let off: JSON = ["enabled": false, "config": [:]]
    let sparse: JSON = [
      "enabled": false, "config": ["embedding_function": ["type": "unknown"], "bm25": false],
    ]
    return [
      "defaults": [
        "string": ["fts_index": off, "string_inverted_index": on],
        "float_list": ["vector_index": vectorIndex(isOn: false)],
        "sparse_vector": ["sparse_vector_index": sparse],
        "int": ["int_inverted_index": on], "float": ["float_inverted_index": on],
        "bool": ["bool_inverted_index": on],
      ],
      "keys": [
        "#embedding": ["float_list": ["vector_index": vectorIndex(isOn: true)]],
        "#document": ["string": ["fts_index": on, "string_inverted_index": off]],
      ],
    ]
  }

  private func vectorIndex(isOn: Bool) -> JSON {
    var config = JSONObject()
    config["space"] = .string(distance.rawValue)
    if !embeddingFunction.isNull { config["embedding_function"] = embeddingFunction }
    if isOn { config["source_key"] = "#document" }
    config["hnsw"] = .object(numbers)
    return ["enabled": .bool(isOn), "config": .object(config)]
  }
}
