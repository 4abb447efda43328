import Foundation
import MartletCSQLite
import MartletVectorStore

/// The files of a graph in a folder of chromadb's `PersistentClient`, beside tables that are sound: `header.bin`,
/// `data_level0.bin`, `index_metadata.pickle`, `length.bin`.
func readChromaGraph(_ input: [UInt8]) {
  let names = ["header.bin", "data_level0.bin", "index_metadata.pickle", "length.bin"]
  let graph = files(names, of: input)
  for (collection, segment) in [("cosine", "v1"), ("l2", "v2")] {
    let files = graph.map { (name: "\(segment)/\($0.name)", bytes: $0.bytes) }
    withFolder([(name: "chroma.sqlite3", bytes: tables)] + files) { path in
      guard let reader = try? VectorFileReader(path: "\(path)#\(collection)") else { return }
      while let some = try? reader.next(2), !some.isEmpty {}
    }
  }
}

/// Chroma's tables with two collections of three records each, as far as they are read.
private let tables: [UInt8] = {
  var file: [UInt8] = []
  withFolder([]) { path in
    try? FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    var database: OpaquePointer?
    sqlite3_open("\(path)/made", &database)
    let failed = sqlite3_exec(database, sql, nil, nil, nil)
    sqlite3_close(database)
    precondition(failed == SQLITE_OK, "the tables could not be made")
    file = FileManager.default.contents(atPath: "\(path)/made").map { [UInt8]($0) } ?? []
  }
  return file
}()

private let sql = """
  PRAGMA page_size = 512;
  CREATE TABLE databases (id TEXT, name TEXT, tenant_id TEXT);
  CREATE TABLE collections (id TEXT, name TEXT, database_id TEXT, config_json_str TEXT);
  CREATE TABLE collection_metadata (collection_id TEXT, key TEXT, str_value TEXT);
  CREATE TABLE segments (id TEXT, type TEXT, scope TEXT, collection TEXT);
  CREATE TABLE max_seq_id (segment_id TEXT, seq_id INTEGER);
  CREATE TABLE embeddings (id INTEGER PRIMARY KEY, segment_id TEXT, embedding_id TEXT);
  CREATE TABLE embedding_metadata
    (id INTEGER, key TEXT, string_value TEXT, int_value INTEGER, float_value REAL, bool_value INTEGER);
  CREATE TABLE embeddings_queue
    (seq_id INTEGER, operation INTEGER, topic TEXT, id TEXT, vector BLOB, encoding TEXT);
  INSERT INTO databases VALUES ('d', 'default_database', 'default_tenant');
  INSERT INTO collections VALUES
    ('c1', 'cosine', 'd', '{"hnsw":{"space":"cosine"}}'), ('c2', 'l2', 'd', '{"hnsw":{"space":"l2"}}');
  INSERT INTO segments VALUES ('m1', '', 'METADATA', 'c1'), ('v1', '', 'VECTOR', 'c1'),
    ('m2', '', 'METADATA', 'c2'), ('v2', '', 'VECTOR', 'c2');
  INSERT INTO max_seq_id VALUES ('m1', 4), ('v1', 3), ('m2', 4), ('v2', 3);
  INSERT INTO embeddings (segment_id, embedding_id)
    VALUES ('m1', 'a'), ('m1', 'bé'), ('m1', 'c'), ('m2', 'a'), ('m2', 'bé'), ('m2', 'c');
  INSERT INTO embedding_metadata (id, key, string_value) VALUES (1, 'chroma:document', 'x');
  INSERT INTO embeddings_queue VALUES (4, 2, 'p/c1', 'a', x'0000803F00000040', 'FLOAT32');
  """
