// Martlet's contestant in the races of vector search: reads one JSON request a line, answers with one JSON line, as
// vector_peer.py does for the others.
//
//     MartletBenchmarkVectors DATA STORE
//
// Memory counts codes and links that are mapped from a file as anonymous, since searches need them all; the vectors in
// full, which only rescoring touches, are in the resident figure alone.
import Foundation
import MartletJSON

func say(_ object: JSONObject) {
  FileHandle.standardOutput.write(Data((JSON.object(object).serialized() + "\n").utf8))
}

func complain(_ text: String) { FileHandle.standardError.write(Data((text + "\n").utf8)) }

let arguments = CommandLine.arguments
guard arguments.count == 3 else {
  complain("usage: MartletBenchmarkVectors DATA STORE")
  exit(64)
}
do {
  let driver = try Driver(data: arguments[1], store: arguments[2])
  say(["name": "martlet", "version": "this build"])
  while let line = readLine() {
    say(try driver.answer(try JSON(parsing: line)))
  }
} catch {
  complain("MartletBenchmarkVectors: \(error)")
  exit(1)
}
