import Foundation
import MartletCheckpoints
import MartletJSON

/// `metrics.jsonl`: a line for each step and for each evaluation.
struct MetricsFile: Sendable {
  let path: String

  /// Adds a line.
  func append(_ json: JSON) throws(TrainingError) {
    let descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else { throw .file(.system(path, "opening it")) }
    defer { close(descriptor) }
    var bytes = Array((json.serialized() + "\n").utf8)[...]
    while !bytes.isEmpty {
      let count = bytes.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
      guard count >= 0 || errno == EINTR else { throw .file(.system(path, "writing it")) }
      bytes = bytes.dropFirst(max(0, count))
    }
  }

  /// Leaves out the lines of steps after `step`: those that will be taken again, and what a killed process left unfinished.
  func cut(after step: Int) throws(TrainingError) {
    let lines = lines().filter { ($0["step"]?.intValue ?? .max) <= step }
    let text = lines.map { $0.serialized() + "\n" }.joined()
    do throws(CheckpointError) { try NewFile.write(text, to: path) } catch { throw .file(error) }
  }

  /// The lines; one that is none, such as the unfinished last line of a killed process, is left out.
  func lines() -> [JSON] {
    guard let data = FileManager.default.contents(atPath: path) else { return [] }
    return data.split(separator: 0x0A).compactMap { try? JSON(parsing: Array($0)) }
  }
}
