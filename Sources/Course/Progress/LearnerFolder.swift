import Foundation
import MartletCheckpoints
import MartletJSON

/// A learner's folder: the file of the progress, and a folder for each exercise that was begun.
public struct LearnerFolder: Sendable {
  /// The folder.
  public let url: URL
  private var progressFile: URL { url.appending(path: "progress.json") }

  /// The folder at a path. It is made when something is written to it.
  public init(_ url: URL) { self.url = url }

  /// An exercise's folder.
  public func folder(of exercise: Exercise) -> URL {
    url.appending(path: exercise.id, directoryHint: .isDirectory)
  }

  /// What is remembered.
  ///
  /// - Throws: ``CourseError`` if the file is there and cannot be read.
  public func progress() throws(CourseError) -> CourseProgress {
    guard FileManager.default.fileExists(atPath: path(progressFile)) else { return CourseProgress() }
    guard let data = try? Data(contentsOf: progressFile) else {
      throw .folder(path: path(progressFile), problem: "The file cannot be read.")
    }
    let json: JSON
    do throws(JSONError) { json = try JSON(parsing: Array(data)) } catch {
      throw .progress(path: path(progressFile), problem: "The file is damaged: \(error)")
    }
    return try CourseProgress(json, path: path(progressFile))
  }

  /// Remembers: the file is replaced whole, or stays as it is.
  func write(_ progress: CourseProgress) throws(CourseError) {
    try write(progress.json.serialized(pretty: true) + "\n", to: progressFile)
  }

  /// Gives an exercise's files to the learner. A file that is there stays as it is.
  ///
  /// - Returns: The names of the files that were written.
  func prepare(_ exercise: Exercise, files: [String: String]) throws(CourseError) -> [String] {
    try makeFolder(folder(of: exercise))
    var written: [String] = []
    for (name, text) in files.sorted(by: { $0.key < $1.key }) {
      let file = folder(of: exercise).appending(path: name)
      if FileManager.default.fileExists(atPath: path(file)) { continue }
      try makeFolder(file.deletingLastPathComponent())
      try write(text, to: file)
      written.append(name)
    }
    return written
  }

  /// The text of a file in an exercise's folder; nil if there is none.
  func text(_ name: String, of exercise: Exercise) -> String? {
    let file = folder(of: exercise).appending(path: name)
    return (try? Data(contentsOf: file)).map { String(decoding: $0, as: UTF8.self) }
  }

  /// Keeps a recorded command.
  ///
  /// - Returns: The checksum of its file.
  func keep(_ run: RecordedRun, number: Int, of exercise: Exercise) throws(CourseError) -> String {
    let json: JSON = [
      "command": .array(run.words.map { .string($0) }), "seconds": JSON(run.seconds),
      "text": .string(run.text),
      "output": run.output ?? .null,
    ]
    let text = json.serialized() + "\n"
    let file = runFile(number, of: exercise)
    try makeFolder(file.deletingLastPathComponent())
    try write(text, to: file)
    return Self.checksum(text)
  }

  /// The recorded commands.
  ///
  /// - Throws: ``CourseError/folder(path:problem:)`` if one is not as it was recorded.
  func runs(of exercise: Exercise, _ state: CourseProgress.State) throws(CourseError) -> [RecordedRun] {
    var runs: [RecordedRun] = []
    for (index, checksum) in state.runs.enumerated() {
      let file = runFile(index + 1, of: exercise)
      guard let data = try? Data(contentsOf: file),
        case let text = String(decoding: data, as: UTF8.self), Self.checksum(text) == checksum,
        let json = try? JSON(parsing: text)
      else {
        throw .folder(
          path: path(file),
          problem: "The file is not as it was recorded. ‘martlet learn reset \(exercise.id)’ begins again.")
      }
      runs.append(
        RecordedRun(
          words: json.texts("command"), text: json.text("text"),
          output: json["output"].flatMap { $0.isNull ? nil : $0 }, seconds: json.number("seconds")))
    }
    return runs
  }

  /// Moves an exercise's folder out of the way.
  ///
  /// - Returns: Where it is now; nil if there was none.
  func moveAway(_ exercise: Exercise) throws(CourseError) -> URL? {
    let folder = folder(of: exercise)
    guard FileManager.default.fileExists(atPath: path(folder)) else { return nil }
    var number = 1
    while FileManager.default.fileExists(atPath: path(url) + "/\(exercise.id).before-\(number)") {
      number += 1
    }
    let place = url.appending(path: "\(exercise.id).before-\(number)", directoryHint: .isDirectory)
    do { try FileManager.default.moveItem(at: folder, to: place) } catch {
      throw .folder(path: path(folder), problem: "The folder cannot be moved: \(error.localizedDescription)")
    }
    return place
  }

  private func runFile(_ number: Int, of exercise: Exercise) -> URL {
    folder(of: exercise).appending(path: "runs/\(number).json")
  }

  private func makeFolder(_ folder: URL) throws(CourseError) {
    do { try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true) } catch {
      throw .folder(path: path(folder), problem: "The folder cannot be made: \(error.localizedDescription)")
    }
  }

  private func write(_ text: String, to file: URL) throws(CourseError) {
    try makeFolder(file.deletingLastPathComponent())
    do { try Data(text.utf8).write(to: file, options: .atomic) } catch {
      throw .folder(path: path(file), problem: "The file cannot be written: \(error.localizedDescription)")
    }
  }

  private func path(_ url: URL) -> String { url.path(percentEncoded: false) }

  private static func checksum(_ text: String) -> String { SHA256.hexadecimal(ofText: text) }
}
