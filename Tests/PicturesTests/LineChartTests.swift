import Foundation
import FoundationXML
import Testing

@testable import MartletPictures

@Suite("Line charts")
struct LineChartTests {
  private func chart(_ series: [LineChart.Series]) -> String {
    LineChart(title: "Loss <1>", xLabel: "step", yLabel: "loss", series: series).picture().file
  }

  private func parses(_ file: String) -> Bool { XMLParser(data: Data(file.utf8)).parse() }

  @Test("Axes have round numbers around all values, and lines their labels")
  func axes() {
    let file = chart([
      .init(label: "training", points: (0...40).map { .init(x: Double($0), y: 3.1 - Double($0) / 20) }),
      .init(label: "held-out", points: [.init(x: 0, y: 3), .init(x: 40, y: 1.5)], isMarked: true),
    ])
    #expect(parses(file))
    for text in [
      "Loss &lt;1&gt;", ">step<", ">loss<", ">training<", ">held-out<", ">0<", ">10<", ">40<", ">1.0<",
      ">3.5<",
      "training from 3.1 to 1.1; held-out from 3 to 1.5",
    ] {
      #expect(file.contains(text), "\(text)")
    }
    #expect(file.components(separatedBy: "<path").count == 3)
    #expect(file.components(separatedBy: "<circle").count == 3)
  }

  @Test("No points, one point, equal values and values that are not finite are drawn as far as they go")
  func fewPoints() {
    #expect(parses(chart([])) && parses(chart([.init(label: "a", points: [])])))
    let one = chart([
      .init(label: "a", points: [.init(x: 1, y: 2), .init(x: 2, y: .nan), .init(x: .infinity, y: 1)])
    ])
    #expect(parses(one) && one.components(separatedBy: "<circle").count == 2)
    #expect(!one.lowercased().contains("nan") && !one.contains("inf"))
    #expect(parses(chart([.init(label: "a", points: [.init(x: 1, y: 0), .init(x: 2, y: 0)])])))
  }

  @Test("A line of many points is thinned, and keeps its ends")
  func manyPoints() {
    let points = (0..<100_000).map { LineChart.Point(x: Double($0), y: Double($0)) }
    let file = chart([.init(label: "a", points: points)])
    #expect(file.utf8.count < 60_000 && parses(file))
  }
}
