import MartletEmbedding
import MartletJSON
import MartletTensors
import MartletVectorStore

/// `embed`: reads texts in groups, embeds each group at once, and writes its vectors before it reads the next.
struct EmbedRun {
  private let arguments: Arguments
  private let console: Console
  /// Enough for packed batches of texts of like length, little enough to stay in step with a pipe.
  private static let groupSize = 256
  /// A group of long texts ends sooner, so that memory stays bounded by one of them.
  private static let groupBytes = 4 << 20

  init(_ arguments: Arguments, _ console: Console) {
    self.arguments = arguments
    self.console = console
  }

  func run() throws {
    var source = try EmbedSource(arguments)
    let embedder = try openEmbedder()
    let sink = try EmbedSink(arguments, dimension: embedder.dimension)
    var truncated = 0
    var total = 0
    var ending: Result<Void, any Error>?
    while ending == nil {
      var group: [EmbedSource.Item] = []
      var bytes = 0
      do {
        while ending == nil, group.count < Self.groupSize, bytes < Self.groupBytes {
          guard let item = try source.next() else {
            ending = .success(())
            break
          }
          bytes += item.text.utf8.count
          group.append(item)
        }
      } catch {
        // A malformed line ends the run, after the lines before it.
        ending = .failure(error)
      }
      try Task.checkCancellation()
      for (item, embedding) in zip(
        group, try embedder.embed(group.map(\.text), as: arguments[EmbedOptions.role]))
      {
        total += 1
        if embedding.isTruncated {
          truncated += 1
          try refuseIfAsked(item, embedding, embedder)
        }
        try sink.add(item, embedding.vector, isTruncated: embedding.isTruncated, console)
      }
      try console.flush()
    }
    try ending?.get()
    try sink.finish()
    if truncated > 0 {
      let verb = truncated == 1 ? "was" : "were"
      console.warn(
        "\(truncated) of \(total) texts \(verb) longer than the \(embedder.maximumTokens) tokens that "
          + "\(embedder.name) reads, and \(verb) cut there. --overflow error refuses such texts.")
    }
  }

  private func openEmbedder() throws -> SentenceEmbedder {
    try OpenModel.embedder(
      named: arguments[ModelParameters.embedder], precision: arguments[EmbedOptions.precision].precision,
      arguments, console)
  }

  private func refuseIfAsked(
    _ item: EmbedSource.Item, _ embedding: SentenceEmbedder.Embedding, _ embedder: SentenceEmbedder
  ) throws {
    guard arguments[EmbedOptions.overflow] == .error else { return }
    throw ReportedFailure(
      .badData,
      "\(item.place): the text has \(embedding.uncutTokenCount) tokens, but \(embedder.name) reads \(embedder.maximumTokens). "
        + "Split it, or allow cutting with --overflow cut.")
  }
}
