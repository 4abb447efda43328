import MartletPictures

/// Many texts as points in two dimensions: their principal components, and beside them t-SNE.
public struct TextMap: Sendable {
  /// A text, and the group that it belongs to.
  public struct Item: Sendable, Equatable {
    /// The text.
    public let text: String
    /// Its group, by name; nil for none.
    public let label: String?

    /// A text.
    public init(text: String, label: String? = nil) { (self.text, self.label) = (text, label) }
  }

  /// The texts.
  public let items: [Item]
  /// How their vectors were made, in a few words.
  public let origin: String
  /// The principal components.
  public let pca: PrincipalComponents
  /// t-SNE; nil for fewer texts than ``TSNE/fewest``.
  public let tsne: TSNE?

  /// The most texts: t-SNE compares each with each.
  public static let mostItems = 10_000

  /// Places texts by their vectors.
  /// - Parameters:
  ///   - items: The texts, in the order of their vectors.
  ///   - vectors: A vector for each text.
  ///   - settings: How t-SNE is computed.
  ///   - progress: Called after each step of t-SNE with how many are done, of how many.
  /// - Throws: ``InspectionError`` for fewer than two or too many texts or a perplexity that does not suit so many;
  ///   `CancellationError` where the task is cancelled.
  public init(
    _ items: [Item], vectors: LabelledVectors, _ settings: TSNE.Settings = TSNE.Settings(),
    progress: (_ done: Int, _ total: Int) -> Void = { _, _ in }
  ) throws {
    try Self.check(count: items.count)
    precondition(items.count == vectors.vectors.count, "a vector for each text")
    (self.items, origin) = (items, vectors.origin)
    pca = PrincipalComponents(of: vectors.vectors)
    let isPossible = items.count >= TSNE.fewest || settings.perplexity != nil
    tsne = isPossible ? try TSNE(of: vectors.vectors, settings, progress: progress) : nil
  }

  /// Refuses a number of texts that cannot be placed, before they are embedded.
  /// - Throws: ``InspectionError/tooFew(what:count:minimum:)`` or ``InspectionError/tooMany(what:count:maximum:)``.
  public static func check(count: Int) throws(InspectionError) {
    guard count >= 2 else { throw .tooFew(what: "texts to place", count: count, minimum: 2) }
    guard count <= mostItems else {
      throw .tooMany(what: "texts to place", count: count, maximum: mostItems)
    }
  }

  private func plot(_ title: String, _ note: String, _ points: [[Double]]) throws -> Picture {
    try ScatterPlot(
      title: title, note: note,
      points: zip(items, points).map { item, point in
        ScatterPlot.Point(x: point[0], y: point[1], label: item.text, group: item.label)
      }
    ).picture()
  }

  /// The two plots, or the one that there is.
  private func plots() throws -> [Picture] {
    let shares = pca.explainedVarianceRatio.map { "\(Int(($0 * 100).rounded())) %" }.joined(
      separator: " and ")
    let first = try plot(
      "Principal components", "across and up: \(shares) of the variance", pca.points)
    guard let tsne else { return [first] }
    let second = try plot(
      "t-SNE",
      "perplexity \(tsne.perplexity.attributeText); only neighbours count",
      tsne.points)
    return [first, second]
  }

  /// One drawing with both plots, one beside the other.
  public func picture(model: String) throws -> Picture {
    let plots = try plots()
    let title = "\(items.count) texts by \(model): \(origin)"
    var x = 0.0
    var content = [
      Markup("text", ["class": "faint", "x": 14, "y": 20, "font-size": 12], text: title)
    ]
    for plot in plots {
      content.append(Markup("g", ["transform": "translate(\(x.attributeText) 26)"], plot.content))
      x += plot.width
    }
    let height = (plots.map(\.height).max() ?? 0) + 26
    return Picture(width: x, height: height, description: title, content: content)
  }

  /// A page with both plots and the list of the texts.
  public func page(model: String) throws -> HTMLPage {
    let plots = try plots().map { Markup("figure", [:], [$0.element]) }
    let hasLabels = items.contains { $0.label != nil }
    let heading = Markup(
      "tr", [:],
      [Markup("th", ["class": "number"], text: "#"), Markup("th", text: "text")]
        + (hasLabels ? [Markup("th", text: "label")] : []))
    let rows = items.enumerated().map { index, item in
      Markup(
        "tr", [:],
        [Markup("td", ["class": "number"], text: "\(index + 1)"), Markup("td", text: item.text)]
          + (hasLabels ? [Markup("td", text: item.label ?? "")] : []))
    }
    let list = Markup(
      "details", [:],
      [
        Markup("summary", text: "The texts"),
        Markup("div", ["class": "wide"], [Markup("table", [:], [heading] + rows)]),
      ])
    return HTMLPage(
      title: "\(items.count) texts by \(model)",
      body: [
        Markup(
          "p", ["class": "quiet"],
          text: "Each point is a text; texts of like meaning lie near each other. Vectors: \(origin)."),
        Markup("div", ["class": "row large"], plots), list,
      ])
  }
}
