import Foundation
import MartletLanguageModels
import MartletTensors
import MartletTokenizers
import MartletTransformers

/// Decodes many sequences in one packed step each; they join and leave when they like.
///
/// Each step takes one token of every sequence that is generating and a piece of the prompts of those that are not,
/// so that a long prompt never stops the others for long (Yu et al. 2022, "Orca", iteration-level scheduling). What a
/// prompt has in common with an earlier sequence, or with one that is running, is not computed again.
final class Scheduler: @unchecked Sendable {
  private let model: any CausalTransformer
  private let memory: SequenceMemory
  private let maximumSequences: Int

  private let condition = NSCondition()
  private var waiting: [Generation] = []
  private var isRunning = false

  /// The most prompt tokens that one step reads.
  private static let promptTokensPerStep = 512

  init(model: any CausalTransformer, memory: SequenceMemory, maximumSequences: Int) {
    self.model = model
    self.memory = memory
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
    var hasEnded = false

    /// The tokens whose keys and values the cache holds.
    var read: ArraySlice<TokenID> { (generation.prompt + generation.generated).prefix(cache.length) }
    /// The pages that the sequence may still take.
    var outstandingPages: Int { cache.pagesNeeded(for: generation.longestLength) }
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
      for ended in active where ended.hasEnded { memory.prefixes.keep(ended.read, ended.cache) }
      active.removeAll { $0.hasEnded }
    }
  }

  // MARK: Joining

  private func admit(to active: inout [Active]) {
    // What was cancelled is often asked for again with a little more: code that is completed while a person types.
    for cancelled in active where cancelled.generation.isCancelled {
      memory.prefixes.keep(cancelled.read, cancelled.cache)
    }
    active.removeAll { $0.generation.isCancelled }
    condition.withLock {
      waiting.removeAll { $0.isCancelled }
      var postponed: [Generation] = []
      while active.count < maximumSequences, !waiting.isEmpty {
        let next = waiting.removeFirst()
        if soonShares(next.prompt[...], with: active) {
          postponed.append(next)
          continue
        }
        let cache = beginning(of: next.prompt[...], in: active)
        guard hasRoom(for: next, cache, beside: active) else {
          waiting.insert(next, at: 0)
          break
        }
        next.begin(cachedTokens: cache.length)
        active.append(Active(generation: next, cache: cache, unread: next.prompt.dropFirst(cache.length)))
      }
      waiting = postponed + waiting
    }
  }

  /// Whether one that is running will soon have read more of this prompt than is known now.
  private func soonShares(_ prompt: ArraySlice<TokenID>, with active: [Active]) -> Bool {
    let worthwhile = KeyValueCache.positionsPerPage
    return active.contains { other in
      guard other.generation.generated.isEmpty, !other.unread.isEmpty else { return false }
      let shared = PrefixCache.shared(other.generation.prompt[...], prompt)
      let known = max(min(shared, other.cache.length), memory.prefixes.known(prompt))
      return shared >= known + worthwhile
    }
  }

  /// A sequence that holds as much of the prompt as is known, but never all of it: the last token's logits are needed.
  private func beginning(of prompt: ArraySlice<TokenID>, in active: [Active]) -> KeyValueCache {
    let limit = prompt.count - 1
    let kept = memory.prefixes.fork(prompt, limit: limit)
    let best = active.max { PrefixCache.shared($0.read, prompt) < PrefixCache.shared($1.read, prompt) }
    guard let best else { return kept }
    let shared = min(limit, PrefixCache.shared(best.read, prompt))
    return shared > kept.length && shared >= PrefixCache.leastShared ? best.cache.fork(at: shared) : kept
  }

  /// Whether a sequence can grow to its end whatever the others do. The only one may try in any case: it fails by itself.
  private func hasRoom(for generation: Generation, _ cache: KeyValueCache, beside active: [Active]) -> Bool {
    guard memory.pool.pagesLeft != nil, !active.isEmpty else { return true }
    let pages =
      cache.pagesNeeded(for: generation.longestLength) + active.reduce(0) { $0 + $1.outstandingPages }
    memory.prefixes.makeRoom(pages: pages)
    return memory.pool.pagesLeft ?? .max >= pages
  }

  // MARK: A step

  /// The share of one sequence in a step.
  private struct Part {
    let index: Int
    let tokens: ArraySlice<TokenID>
    /// Whether the sequence has nothing unread after this step, so that its next token can be drawn.
    let isWhole: Bool
  }

  private func step(_ active: inout [Active]) {
    var parts: [Part] = []
    var room = Self.promptTokensPerStep
    for index in active.indices {
      let isPrompt = active[index].generation.generated.isEmpty
      let unread = active[index].unread
      let count = isPrompt ? min(unread.count, room) : unread.count
      guard count > 0 else { continue }
      do {
        try memory.reserve(active[index].cache.length + count, in: active[index].cache)
      } catch {
        fail(&active[index], error)
        continue
      }
      if isPrompt { room -= count }
      parts.append(Part(index: index, tokens: unread.prefix(count), isWhole: count == unread.count))
    }
    guard !parts.isEmpty else { return }
    do {
      try compute(parts, &active)
    } catch {
      // Nothing was stored. What is wrong with one of them is found out by computing each alone.
      for part in parts {
        do { try compute([part], &active) } catch { fail(&active[part.index], error) }
      }
    }
  }

  private func compute(_ parts: [Part], _ active: inout [Active]) throws {
    var batch = PackedBatch()
    for part in parts { batch.append(part.tokens, cache: active[part.index].cache) }
    let hidden = try model.hiddenStates(of: batch)
    for part in parts { active[part.index].unread.removeFirst(part.tokens.count) }
    let whole = parts.indices.filter { parts[$0].isWhole }
    guard !whole.isEmpty else { return }
    let lastRows = whole.map { batch.sequences[$0].rows.upperBound - 1 }
    let logits = model.logits(of: hidden.gatherRows(lastRows))
    for (row, part) in whole.enumerated() {
      let index = parts[part].index
      if let next = active[index].generation.advance(logits: logits, row: row) {
        active[index].unread = [next]
      } else {
        active[index].hasEnded = true
      }
    }
  }

  private func fail(_ sequence: inout Active, _ error: any Error) {
    _ = sequence.generation.fail(error)
    sequence.hasEnded = true
  }
}
