import MartletCheckpoints
import MartletInspection
import MartletTensors
import Testing

@Suite("The example of the documentation of Inspection")
struct DocumentationTests {
  @Test("It compiles, and sees what is there")
  func example() throws {
    let path = TestModel.tiny.path
    let model = try InspectedModel(Checkpoint.open(path), name: "tiny", device: Device())
    let text = try model.text("the cat sat on the mat")
    let states = try model.hiddenStates(of: text, layers: .all)
    let attention = try model.attention(of: text)
    let next = try model.nextTokens(after: text, count: 3)

    #expect(states.layers.count == 3 && attention.layers.count == 2 && next.count == 3)
  }
}
