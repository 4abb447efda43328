import MartletFineTuning
import Testing

@Suite struct TrainingExampleTests {
  @Test func aMaskOfAnotherLengthIsRefused() {
    #expect(throws: TrainingDataError.misfitMask(tokens: 2, counts: 1)) {
      try TrainingExample(tokens: [1, 2], counts: [true], text: "")
    }
  }
}
