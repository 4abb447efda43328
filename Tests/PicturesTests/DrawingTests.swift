import Foundation
import FoundationXML
import Testing

@testable import MartletPictures

@Suite("Drawings")
struct DrawingTests {
  private func parses(_ file: String) -> Bool { XMLParser(data: Data(file.utf8)).parse() }

  @Test("A heat map names its rows, columns and numbers, and draws missing ones apart")
  func heatMap() {
    let map = HeatMap([0, 1, .nan, 0.5], rows: ["<a>", "b"], columns: ["c", "d & e"])
    let file = map.picture(HeatMap.Labels(title: "T <1>")).file
    #expect(parses(file) && !file.lowercased().contains("nan"))
    for text in [
      "T &lt;1&gt;", "&lt;a&gt; → c: 0.00", "&lt;a&gt; → d &amp; e: 1.00", "b → c: missing", "class=\"none\"",
    ] {
      #expect(file.contains(text), "\(text)")
    }
    #expect(map.range == 0...1)
    #expect(map.color(of: .infinity) == nil)
  }

  @Test("Cells of one colour beside each other are one shape, and the lowest colour is the ground")
  func cells() {
    let map = HeatMap([0, 1, 1, 0, 0, 0], rows: ["a", "b"], columns: ["1", "2", "3"], range: 0...1)
    let drawn = map.cells(cellSize: 10).serialized()
    #expect(drawn.contains("d=\"M1 0h2v1h-2z\""))
    #expect(drawn.components(separatedBy: "<path").count == 2)
  }

  @Test("Numbers are written with a fixed number of digits")
  func numbers() {
    #expect(HeatMap.text(0.5, 2) == "0.50" && HeatMap.text(-0.126, 2) == "−0.13")
    #expect(HeatMap.text(12, 0) == "12" && HeatMap.text(-0.001, 2) == "0.00")
    #expect(HeatMap.text(0.006, 2) == "0.01" && HeatMap.text(1e300, 2) == "1e+300")
  }

  @Test("Empty maps, maps of one number, and long names are drawn")
  func edges() {
    let long = String(repeating: "long name ", count: 30)
    for map in [
      HeatMap([], rows: [], columns: []), HeatMap([3], rows: [long], columns: [long]),
      HeatMap(
        [Double](repeating: 0.1, count: 10_000), rows: (0..<100).map { "\($0)" },
        columns: (0..<100).map { "\($0)" }),
    ] {
      let file = map.picture(HeatMap.Labels(title: long)).file
      #expect(parses(file) && !file.lowercased().contains("nan"))
      #expect(map.columns.first != long || file.contains("<title>\(long)</title>"))
    }
  }

  @Test("A grid shows a map for each row and column, and its legend")
  func grid() {
    let map = HeatMap([1, 0, 0, 1], rows: ["a", "b"], columns: ["a", "b"], range: 0...1)
    let grid = HeatMapGrid(
      title: "All", rowNames: ["layer 0", "layer 1"], columnNames: ["head 0"],
      cells: [0, 1].map { HeatMapGrid.Cell(map, description: "layer \($0), head 0") },
      legend: (0..<60).map { "\($0) <token>" })
    let file = grid.picture().file
    #expect(parses(file))
    #expect(file.contains("<title>layer 1, head 0</title>") && file.contains("59 &lt;token&gt;"))
  }

  @Test("Labels of a scatter plot never cover each other, and each point keeps its own")
  func scatter() throws {
    let points = (0..<200).map { (index: Int) -> ScatterPlot.Point in
      let (x, y) = (Double(index * 37 % 101), Double(index * 53 % 97))
      return ScatterPlot.Point(x: x, y: y, label: "point <\(index)>", group: "g\(index % 9)")
    }
    let file = try ScatterPlot(title: "Many", points: points).picture().file
    #expect(parses(file))
    for point in points {
      #expect(file.contains("<title>\(Markup.escaped(point.label)) (\(point.group ?? ""))</title>"))
    }
    #expect(file.contains("labels would cover others"))
    let frame = LabelPlacement.Box(left: 0, top: 0, right: 400, bottom: 400)
    let places = points.map { (x: $0.x * 4, y: $0.y * 4) }
    let labels = LabelPlacement.places(
      of: points.map(\.label), at: places, radius: 4, size: 11, inside: frame)
    #expect(labels.placed.count + labels.omitted == points.count && !labels.placed.isEmpty)
    let boxes = labels.placed.map { label in
      LabelPlacement.Box(
        left: label.x, top: label.y - 8.8, right: label.x + TextMeasure.width(label.text, size: 11),
        bottom: label.y + 2.75)
    }
    for (index, box) in boxes.enumerated() {
      #expect(frame.contains(box))
      for other in boxes[..<index] { #expect(!box.overlaps(other)) }
    }
  }

  @Test("Points that are equal have a place, and one without a place is refused by name")
  func scatterEdges() throws {
    let same = [ScatterPlot.Point(x: 1, y: 2, label: "a"), .init(x: 1, y: 2, label: "b")]
    #expect(parses(try ScatterPlot(title: "t", points: same).picture().file))
    #expect(parses(try ScatterPlot(title: "t", points: []).picture().file))
    #expect(throws: PictureError.notFinite(label: "a")) {
      try ScatterPlot(title: "t", points: [.init(x: .nan, y: 0, label: "a")])
    }
    let huge = [ScatterPlot.Point(x: -1e308, y: 0, label: "a"), .init(x: 1e308, y: 0, label: "b")]
    #expect(parses(try ScatterPlot(title: "t", points: huge).picture().file))
  }
}
