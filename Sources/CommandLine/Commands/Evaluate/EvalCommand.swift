extension Command {
  /// Measures models, collections and programs.
  static let evaluate: Command = .group(
    name: "eval", summary: "Measure models, prompts and collections, and compare the numbers.",
    discussion: """
      `martlet eval run` puts a benchmark or your own questions to a model, and keeps the run with its whole recipe and \
      each item. `list`, `show`, `compare`, `report` and `export` read runs, `rate` lets people judge their answers, \
      and `rag` measures search and answers over a collection.

      `martlet eval execute` runs one Python program, such as an answer to a programming task with its checks, \
      contained: without network, without your files, with limits on time, memory and processes.
      """,
    subcommands: [
      .evalRun, .evalList, .evalShow, .evalCompare, .evalReport, .evalExport, .evalDelete, .evalRate,
      .evalRAG,
      .evalExecute,
    ])
}
