import Foundation
import Synchronization

/// The program. What its commands do lives in the libraries below; here is only the command line.
@main
struct Main {
  // Not async: the runtime then lets the main thread wait with all signals open, and Ctrl-C ends the program there
  // and then, whatever work there is to break off.
  static func main() {
    Interruption.shared.start()
    let console = Console()
    let finished = DispatchSemaphore(value: 0)
    let status = Mutex(ExitStatus.software)
    // Detached, since the main actor's thread is the one that waits.
    Task.detached {
      let ended = await Interruption.shared.cancelling {
        await Program.martlet.run(Array(CommandLine.arguments.dropFirst()), console: console)
      }
      status.withLock { $0 = ended }
      finished.signal()
    }
    finished.wait()
    exit(status.withLock { $0.rawValue })
  }
}

extension Program {
  /// Martlet's commands, in the order in which people meet them.
  static let martlet: Program = Program(commands: [
    .pull, .models, .remove, .index, .search, .ask, .chat, .generate, .embed, .rerank, .fill, .classify,
    .complete, .evaluate, .prompts, .log, .metrics, .data, .tokens, .tokenizers, .perplexity, .template,
    .inspect, .hidden, .similar, .attention, .logits, .map, .tune, .comparison, .adapter, .convert, .quantize,
    .database, .serve, .learn, .doctor, .completion, .completeWords, .generateDocs,
  ])
}
