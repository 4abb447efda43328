import MartletProviders

/// `embed` with a model behind an API: reads texts in groups, asks for their vectors, and writes them before it reads the
/// next.
struct EmbedByProvider {
  private let reference: ProviderReference
  private let arguments: Arguments
  private let console: Console
  private static let groupSize = 256

  init(_ reference: ProviderReference, _ arguments: Arguments, _ console: Console) {
    self.reference = reference
    self.arguments = arguments
    self.console = console
  }

  func run() async throws {
    for option in [EmbedOptions.role.definition, EmbedOptions.overflow.definition] where arguments.has(option)
    {
      throw UsageError(
        "\(option.spelling) is for models that run here; OpenAI's API has nothing like it.",
        advice: "Leave it out.")
    }
    let embeddings = try OpenAIEmbeddings(reference, ProviderParameters.settings(arguments))
    var source = try EmbedSource(arguments)
    var sink: EmbedSink?
    var ending: Result<Void, any Error>?
    while ending == nil {
      var group: [EmbedSource.Item] = []
      do {
        while group.count < Self.groupSize, let item = try source.next() { group.append(item) }
        if group.count < Self.groupSize { ending = .success(()) }
      } catch {
        // A malformed line ends the run, after the lines before it.
        ending = .failure(error)
      }
      let vectors = try await embeddings.embed(group.map(\.text))
      for (item, vector) in zip(group, vectors) {
        let open = try sink ?? EmbedSink(arguments, dimension: vector.count)
        sink = open
        try open.add(item, vector, isTruncated: false, console)
      }
      try console.flush()
    }
    try ending?.get()
    try sink?.finish()
  }
}
