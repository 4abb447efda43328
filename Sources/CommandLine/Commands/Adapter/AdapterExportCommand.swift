import MartletCheckpoints
import MartletGeneration
import MartletTensors
import MartletTransformers

extension Command {
  /// Writes an adapter for llama.cpp.
  static let adapterExport: Command = Command(
    name: "adapter export",
    summary: "Write an adapter as a GGUF file, for llama.cpp.",
    discussion: """
      llama.cpp knows one factor for all layers, alpha / rank. rsLoRA's factor, rank_pattern and alpha_pattern are folded \
      into the file, so that llama.cpp computes what peft does. Use it with the GGUF file of the same base: \
      llama-cli -m BASE.gguf --lora F.gguf.

      What the format cannot hold (modules_to_save, embeddings, a bias) is refused; ‘martlet adapter merge’ takes it.
      """,
    parameters: [
      AdapterParameters.adapter.definition, AdapterParameters.output.definition,
      AdapterParameters.base.definition, AdapterParameters.force.definition,
    ],
    examples: [
      .init(
        "martlet adapter export my-adapter -m smollm2-135m-instruct -o my-adapter.gguf",
        "For llama.cpp:")
    ]
  ) { arguments, console in
    let output = try AdapterParameters.requiredOutput(arguments)
    guard output.hasSuffix(".gguf") else {
      throw UsageError(
        "‘\(output)’ does not end in .gguf.", advice: "export writes GGUF files; name one with -o.")
    }
    let device = try Device(threads: nil)
    let adapter = try ModelAdapter(directory: arguments[AdapterParameters.adapter], device: device)
    guard let name = arguments[AdapterParameters.base] ?? adapter.configuration.baseModel else {
      throw UsageError("The adapter does not say what its base is.", advice: "Name it with -m.")
    }
    let checkpoint: Checkpoint
    do { checkpoint = try OpenModel.checkpoint(name) } catch {
      guard !arguments.has(AdapterParameters.base) else { throw error }
      throw UsageError(
        "The adapter's base, \(name), is not here: \(error)", advice: "Name it with -m.")
    }
    try LocalModel.check(checkpoint, name: name)
    let model = try PretrainedModels.loadDecoder(checkpoint, precision: .fast, device: device)
    try adapter.writeGGUF(
      to: output, base: checkpoint, parameters: model.parameters,
      replaces: arguments[AdapterParameters.force])
    console.note(
      "\(printable(output)): \(count(adapter.factors.count, "layer")), \(formatBytes(FileSystem.size(output) ?? 0)).\n"
    )
  }
}
