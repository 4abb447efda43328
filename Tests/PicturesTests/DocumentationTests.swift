import MartletPictures
import Testing

@Suite("The example of the documentation of Pictures")
struct DocumentationTests {
  @Test("It compiles, and draws the map")
  func example() {
    let map = HeatMap([1, 0, 0.25, 0.75], rows: ["the", "cat"], columns: ["the", "cat"], range: 0...1)
    let labels = HeatMap.Labels(title: "Attention", rowName: "from", columnName: "to")
    let file = map.picture(labels).file

    #expect(file.contains("cat → the: 0.25"))
  }
}
