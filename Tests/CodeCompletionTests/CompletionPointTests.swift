import MartletCodeCompletion
import Testing

@Suite struct CompletionPointTests {
  @Test func aPlaceLiesBetweenTwoTexts() {
    let point = CompletionPoint(prefix: "let x = ", suffix: "\n")
    #expect(point.prefix + point.suffix == "let x = \n")
  }
}
