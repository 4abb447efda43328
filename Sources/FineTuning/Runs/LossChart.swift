import MartletJSON
import MartletPictures

/// The losses of a run over its steps.
struct LossChart {
  let picture: Picture

  /// - Parameter lines: Those of `metrics.jsonl`.
  init(_ lines: [JSON]) {
    func points(_ key: String) -> [LineChart.Point] {
      lines.compactMap { line in
        guard let step = line["step"]?.intValue, let loss = line[key]?.doubleValue, loss.isFinite else {
          return nil
        }
        return LineChart.Point(x: Double(step), y: loss)
      }
    }
    let heldOut = points("eval_loss")
    var series = [LineChart.Series(label: "training", points: points("loss"))]
    if !heldOut.isEmpty {
      series.append(LineChart.Series(label: "held-out", points: heldOut, isMarked: true))
    }
    picture = LineChart(title: "Loss", xLabel: "step", yLabel: "loss per token", series: series).picture()
  }
}
