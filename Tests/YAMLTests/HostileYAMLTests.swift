import Foundation
import MartletJSON
import MartletSeededRandom
import MartletTestScope
import MartletYAML
import Testing

@Suite struct HostileYAMLTests {
  @Test(.long) func randomDamageIsReadOrRefused() throws {
    let seed = UInt64.random(in: 0...UInt64.max)
    var random = SplitMix64(seed: seed)
    let record = try JSON(
      parsing: [UInt8](Data(contentsOf: ParityTests.fixtures.appending(path: "yaml.json"))))
    let texts = try #require(record["cases"]?.arrayValue).compactMap { $0["yaml"]?.stringValue }.map {
      Array($0.utf8)
    }
    let alphabet = Array("&*!|>-?:{}[],#'\"%@`~ \t\n\r\\<0x1.e_é\u{FEFF}\u{85}".utf8) + [0, 0xFF, 0xC0]
    for _ in 0..<20_000 {
      var bytes = (0..<Int.random(in: 1...3, using: &random)).flatMap { _ in
        texts[Int.random(in: 0..<texts.count, using: &random)]
      }
      for _ in 0..<Int.random(in: 1...6, using: &random) where !bytes.isEmpty {
        let place = Int.random(in: 0..<bytes.count, using: &random)
        switch Int.random(in: 0..<3, using: &random) {
        case 0: bytes[place] = alphabet[Int.random(in: 0..<alphabet.count, using: &random)]
        case 1: bytes.insert(alphabet[Int.random(in: 0..<alphabet.count, using: &random)], at: place)
        default: bytes.removeSubrange(place..<min(bytes.count, place + Int.random(in: 1...5, using: &random)))
        }
      }
      // What is read is JSON; what is not has a place in the text.
      do {
        let value = try JSON(parsingYAML: bytes)
        #expect(try JSON(parsing: value.serialized()) == value, "seed \(seed): \(bytes)")
      } catch let error as YAMLError {
        let lines = bytes.count { $0 == 0x0A || $0 == 0x0D || $0 == 0x85 || $0 == 0xA8 || $0 == 0xA9 } + 1
        #expect(
          (1...(lines + 1)).contains(error.line) && error.column >= 1, "seed \(seed): \(bytes): \(error)")
      }
    }
  }
}
