import Foundation

/// The program. What its commands do lives in the libraries below; here is only the command line.
@main
struct Martlet {
  static func main() async {
    Interruption.shared.start()
    let console = Console()
    let work = Task { await Program.martlet.run(Array(CommandLine.arguments.dropFirst()), console: console) }
    let status = await Interruption.shared.handle(with: { work.cancel() }, during: { await work.value })
    exit(status.rawValue)
  }
}

extension Program {
  /// Martlet's commands, in the order in which people meet them.
  static let martlet: Program = Program(commands: [
    .pull, .models, .remove, .index, .search, .ask, .chat, .generate, .embed, .tokens, .perplexity, .template,
    .doctor, .completion,
    .generateDocs,
  ])
}
