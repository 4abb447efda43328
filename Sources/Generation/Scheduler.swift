import Foundation
import MartletLanguageModels
import MartletTensors
import MartletTokenizers
import MartletTransformers

/// Decodes many sequences in one packed step each; they join and leave when they like.
///
/// Each step takes one token of every sequence that is generating and a piece of the prompts of those that are not,
/// so that a long prompt never stops the others for long (Yu et al. 2022, "Orca", iteration-level scheduling).
final class Scheduler: @unchecked Sendable {
  private let model: any CausalTransformer
  private let cacheType: CacheType
  private let maximumSequences: Int

  private let condition = NSCondition()
  private var waiting: [Generation] = []
  private var isRunning = false

  /// The most prompt tokens that one step reads.
  private static let promptTokensPerStep = 512

  init(model: any CausalTransformer, cacheType: CacheType, maximumSequences: Int) {
    self.model = model
    self.cacheType = cacheType
    self.maximumSequences = max(1, maximumSequences)
  }

  /// Queues a generation. A thread works as long as there is something to do, and then ends.
  func submit(_ generation: Generation) {
    condition.withLock {
      waiting.append(generation)
      guard !isRunning else { return }
      isRunning = true
      Thread.detachNewThread { [self] in run() }
    }
  }

  private struct Active {
    let generation: Generation
    let cache: KeyValueCache
    /// Tokens that the model has not read yet: the rest of the prompt, or the last token drawn.
    var unread: ArraySlice<TokenID>
  }

  private func run() {
    var active: [Active] = []
    while true {
      admit(to: &active)
      if active.isEmpty {
        let isDone = condition.withLock {
          if waiting.isEmpty { isRunning = false }
          return !isRunning
        }
        if isDone { return }
        continue
      }
      step(&active)
    }
  }

  private func admit(to active: inout [Active]) {
    active.removeAll { $0.generation.isCancelled }
    condition.withLock {
      while active.count < maximumSequences, !waiting.isEmpty {
        let generation = waiting.removeFirst()
        guard !generation.isCancelled else { continue }
        generation.begin()
        active.append(
          Active(generation: generation, cache: model.makeCache(cacheType), unread: generation.prompt[...]))
      }
    }
  }

  private func step(_ active: inout [Active]) {
    var batch = PackedBatch()
    var room = Self.promptTokensPerStep
    var stepped: [(index: Int, lastRow: Int)] = []
    for index in active.indices {
      let isPrompt = active[index].generation.generated.isEmpty
      let count = isPrompt ? min(active[index].unread.count, room) : active[index].unread.count
      guard count > 0 else { continue }
      if isPrompt { room -= count }
      batch.append(active[index].unread.prefix(count), cache: active[index].cache)
      active[index].unread.removeFirst(count)
      if active[index].unread.isEmpty { stepped.append((index, batch.tokens.count - 1)) }
    }
    do {
      let hidden = try model.hiddenStates(of: batch)
      guard !stepped.isEmpty else { return }
      let logits = model.logits(of: hidden.gatherRows(stepped.map(\.lastRow)))
      var ended: Set<Int> = []
      for (row, sequence) in stepped.enumerated() {
        let next = active[sequence.index].generation.advance(logits: logits, row: row)
        if let next {
          active[sequence.index].unread = [next]
        } else {
          ended.insert(sequence.index)
        }
      }
      if !ended.isEmpty {
        active = active.enumerated().filter { !ended.contains($0.offset) }.map(\.element)
      }
    } catch {
      for sequence in active { _ = sequence.generation.fail(error) }
      active = []
    }
  }
}
