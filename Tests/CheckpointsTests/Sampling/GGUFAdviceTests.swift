import Foundation
import Testing

@testable import MartletCheckpoints

@Suite("The metadata general.sampling.* mean what they mean to llama.cpp")
struct GGUFAdviceTests {
  private func advice(_ pairs: KeyValuePairs<String, GGUFValue>) -> SamplingAdvice {
    let keys = pairs.map { "general.sampling.\($0.key)" }
    let values = Dictionary(uniqueKeysWithValues: zip(keys, pairs.map(\.value)))
    return SamplingAdvice(GGUFMetadata(keys: keys, values: values, file: "model.gguf"), file: "model.gguf")
  }

  @Test("What is stated is taken, with or without a fraction; what is left out stays open")
  func stated() {
    #expect(advice([:]) == SamplingAdvice())
    var expected = SamplingAdvice()
    (expected.temperature, expected.topK, expected.topP) = (1, 64, 0.95)
    let floats = advice([
      "temp": .float(1), "top_k": .signed(64), "top_p": .float(Double(Float(0.95))),
    ])
    #expect(floats == expected)
    #expect(
      advice(["temp": .unsigned(1), "top_k": .float(64), "top_p": .float(0.95)]) == expected)
    let penalty = advice([
      "penalty_repeat": .float(1.1), "penalty_last_n": .signed(-1), "min_p": .float(0.1),
    ])
    #expect(penalty.repetitionPenalty == 1.1 && penalty.penaltyWindow == -1 && penalty.minP == 0.1)
    #expect(penalty.temperature == nil && penalty.unfollowed.isEmpty)
    #expect(advice(["temp": .float(0)]).temperature == 0)
    #expect(advice(["penalty_last_n": .signed(0)]).penaltyWindow == 0)
  }

  @Test(
    "A value of the wrong kind or outside what it may be is named, and does not keep the file from opening")
  func impossible() {
    let cases: [(String, GGUFValue, String)] = [
      ("temp", .float(-1), "general.sampling.temp is -1.0"), ("temp", .float(.nan), "nan"),
      ("temp", .string("hot"), "‘hot’"), ("top_k", .float(2.5), "2.5"),
      ("top_p", .float(Double(Float(1.2))), "1.2,"), ("min_p", .bool(true), "true"),
      ("penalty_repeat", .float(0), "0.0"), ("penalty_last_n", .signed(-2), "-2"),
      ("sequence", .unsigned(3), "3"), ("sequence", .string(""), "‘’"),
    ]
    for (key, value, part) in cases {
      let unfollowed = advice([key: value]).unfollowed
      #expect(unfollowed.map(\.key) == ["general.sampling.\(key)"])
      #expect(unfollowed.first?.description.contains(part) == true, "\(unfollowed)")
    }
  }

  @Test("What Martlet does not have is named where it is on")
  func unsupported() {
    #expect(advice(["xtc_threshold": .float(0.1), "mirostat_tau": .float(5)]).unfollowed.isEmpty)
    #expect(advice(["xtc_probability": .float(0), "mirostat": .signed(0)]).unfollowed.isEmpty)
    for (key, value) in [
      ("xtc_probability", GGUFValue.float(0.5)), ("mirostat", .signed(2)), ("new", .bool(true)),
    ] {
      #expect(advice([key: value]).unfollowed.map(\.key) == ["general.sampling.\(key)"])
    }
  }

  @Test("Steps that a sequence leaves out are off, whatever their values are")
  func sequence() {
    let all = "penalties;dry;top_n_sigma;top_k;typ_p;top_p;min_p;xtc;temperature"
    #expect(advice(["sequence": .string(all)]) == SamplingAdvice())
    let few = advice(["sequence": .string("top-k;nucleus;temp"), "min_p": .float(0.1), "top_k": .signed(9)])
    #expect(few.minP == 0 && few.repetitionPenalty == 1 && few.topK == 9 && few.topP == nil)
    #expect(few.temperature == nil && few.unfollowed.isEmpty)
    let cold = advice(["temp": .float(0.3), "sequence": .string("min_p")])
    #expect(cold.temperature == 1 && cold.topK == 0 && cold.topP == 1 && cold.minP == nil)
  }

  @Test("Another order of the steps, and a step that Martlet does not have, are named")
  func otherSequence() {
    let order = advice(["sequence": .string("penalties;temperature;top_k;top_p;min_p")])
    #expect(order.unfollowed.map(\.key) == ["general.sampling.sequence"])
    #expect(order.unfollowed[0].description.contains("top_k;top_p;min_p;temperature"))
    let unknown = advice(["sequence": .string("top_k;infill;temperature")])
    #expect(unknown.unfollowed.count == 1 && unknown.unfollowed[0].reason.contains("infill"))
    #expect(unknown.minP == 0)
    let nothing = advice(["sequence": .string("kpmt")])
    #expect(nothing.unfollowed.count == 1 && nothing.topK == nil && nothing.temperature == nil)
  }

  @Test("A file's advice is there when it is opened")
  func file() throws {
    let folder = try HostileFolder()
    var file = FileBytes(bytes: Array("GGUF".utf8))
    file.put(UInt32(3))
    file.put(UInt64(0))
    file.put(UInt64(4))
    file.put("general.architecture")
    file.put(UInt32(8))
    file.put("llama")
    file.put("general.sampling.temp")
    file.put(UInt32(6))
    file.put(Float(0.6).bitPattern)
    file.put("general.sampling.top_k")
    file.put(UInt32(5))
    file.put(Int32(20))
    file.put("general.sampling.top_p")
    file.put(UInt32(8))
    file.put("most")
    file.pad(to: 32)
    let advice = try Checkpoint.open(folder.file(file.bytes, "model.gguf")).generationConfiguration.sampling
    #expect(advice.temperature == 0.6 && advice.topK == 20 && advice.topP == nil)
    #expect(
      advice.unfollowed.map(\.description).first?.contains("model.gguf: general.sampling.top_p is ‘most’")
        == true)
  }
}
