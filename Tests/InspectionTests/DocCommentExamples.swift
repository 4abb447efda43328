import MartletCheckpoints
import MartletInspection
import MartletTensors
import Testing

/// The code of the doc comments, which `make lint` compares with these lines.
@Suite("The examples in the doc comments of Inspection", .needs(.minilm))
struct DocCommentExamples {
  @Test("InspectedModel")
  func inspectedModel() throws {
    let checkpoint = try TestModel.minilm.checkpoint()
    let model = try InspectedModel(checkpoint, name: "all-minilm-l6-v2", device: Device())
    let text = try model.text("The cat sat on the mat")
    let states = try model.hiddenStates(of: text, layers: .last)

    #expect(states.shapeInWords == "8 tokens × 384")
  }
}
