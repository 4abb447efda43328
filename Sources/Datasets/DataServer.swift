import Foundation
import MartletCheckpoints
import MartletJSON

/// The Hugging Face data server, which gives the rows of data sets as JSON
/// (https://huggingface.co/docs/dataset-viewer/rows).
struct DataServer {
  /// Without a slash at the end.
  let endpoint: String
  /// The token of the person; sent to Hugging Face's own server only.
  let token: String?
  /// Whether it is to be left alone.
  let isOffline: Bool

  static let standard = "https://datasets-server.huggingface.co"
  /// The most rows of one answer.
  static let pageRows = 100

  init(environment: [String: String]) {
    var endpoint = environment["MARTLET_DATA_SERVER"].flatMap { $0.isEmpty ? nil : $0 } ?? Self.standard
    while endpoint.hasSuffix("/") { endpoint.removeLast() }
    self.endpoint = endpoint
    var hub = Hub(environment: environment)
    isOffline = hub.isOffline
    // All data sets of the catalogue are open: a token that cannot be read is no reason to stop.
    if endpoint == Self.standard { try? hub.readToken() }
    token = hub.token
  }

  /// The address of rows.
  func address(dataset: String, config: String, split: String, offset: Int) -> String {
    let query = [("dataset", dataset), ("config", config), ("split", split)].map { "\($0)=\(quoted($1))" }
    return "\(endpoint)/rows?\(query.joined(separator: "&"))&offset=\(offset)&length=\(Self.pageRows)"
  }

  private func quoted(_ text: String) -> String {
    var allowed = CharacterSet(charactersIn: "-._~/")
    allowed.formUnion(
      CharacterSet(charactersIn: "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"))
    return text.addingPercentEncoding(withAllowedCharacters: allowed) ?? text
  }
}

/// The rows of one part, fetched page by page. A page that came is kept, so that a pull that was broken off carries on
/// behind it.
struct ServerRows {
  let server: DataServer
  let dataset: String
  let config: String
  let split: String
  /// The rows that there must be.
  let rowCount: Int
  let fetch: FileFetch
  /// Is told how many rows are there, and why something is tried again.
  let progress: @Sendable (_ rows: Int, _ reason: String?) -> Void

  private var offsets: StrideTo<Int> { stride(from: 0, to: rowCount, by: DataServer.pageRows) }

  private func name(_ offset: Int) -> String { "rows-\(offset).json" }

  /// Fetches the pages that are not there yet, and checks each.
  /// - Throws: ``DatasetError/unavailable(_:)`` where the server does not deliver, or delivers another state.
  func fetchPages() throws(DatasetError) {
    for offset in offsets {
      let path = fetch.path(of: name(offset))
      if FileSystem.size(path) == nil {
        let address = server.address(dataset: dataset, config: config, split: split, offset: offset)
        do throws(CheckpointError) {
          try fetch.fetch(
            CatalogueFile(name: name(offset)), from: address, token: server.token, title: server.endpoint
          ) { step in
            if case .retrying(let reason) = step.phase { progress(offset, reason) }
          }
        } catch { throw DatasetError(error) }
      }
      _ = try rows(at: offset)
      progress(min(rowCount, offset + DataServer.pageRows), nil)
    }
  }

  /// Calls `body` with each row, in order.
  func forEach(_ body: (JSONObject) throws(DatasetError) -> Void) throws(DatasetError) {
    for offset in offsets {
      for row in try rows(at: offset) { try body(row) }
    }
  }

  /// The rows of a page that came. One that is wrong is removed; where the data set has changed, all are.
  private func rows(at offset: Int) throws(DatasetError) -> [JSONObject] {
    let path = fetch.path(of: name(offset))
    do throws(PageProblem) { return try read(path, offset) } catch {
      do throws(CheckpointError) {
        if error.isOfAllPages { try fetch.clear() } else { try FileSystem.remove(path) }
      } catch { throw DatasetError(error) }
      throw .unavailable(error.text)
    }
  }

  private struct PageProblem: Error {
    let text: String
    var isOfAllPages = false
  }

  private func read(_ path: String, _ offset: Int) throws(PageProblem) -> [JSONObject] {
    guard let bytes = FileManager.default.contents(atPath: path), let page = try? JSON(parsing: Array(bytes)),
      let items = page["rows"]?.arrayValue, let total = page["num_rows_total"]?.intValue
    else { throw PageProblem(text: "the answer for rows from \(offset) on is not what a data server sends") }
    guard total == rowCount else {
      throw PageProblem(
        text:
          "it has \(total) rows instead of \(rowCount): it is another state of the data set. What came is deleted",
        isOfAllPages: true)
    }
    let expected = min(DataServer.pageRows, rowCount - offset)
    guard items.count == expected else {
      throw PageProblem(
        text: "the answer for rows from \(offset) on has \(items.count) rows instead of \(expected)")
    }
    var rows: [JSONObject] = []
    for (number, item) in items.enumerated() {
      guard item["row_idx"]?.intValue == offset + number, let row = item["row"]?.objectValue else {
        throw PageProblem(text: "row \(offset + number) is missing from the answer, or out of order")
      }
      let cut = item["truncated_cells"]?.arrayValue?.compactMap(\.stringValue) ?? []
      guard cut.isEmpty else {
        throw PageProblem(
          text:
            "the server cuts \(cut.joined(separator: ", ")) of row \(offset + number), which is too long for it"
        )
      }
      rows.append(row)
    }
    return rows
  }
}
