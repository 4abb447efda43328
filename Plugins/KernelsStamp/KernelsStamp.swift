import Foundation
import PackagePlugin

/// Gives each module that imports `Kernels` a declaration whose name holds the checksum of its headers.
///
/// Swift compiles the layout of C structures into the modules that import them, and SwiftPM does not build those again
/// when only a header has changed: they would then read and write the wrong places. The declaration changes with the
/// headers, and with it the module and all that build on it.
@main
struct KernelsStamp: BuildToolPlugin {
  func createBuildCommands(context: PluginContext, target: any Target) -> [Command] {
    let folder = context.package.directoryURL.appending(path: "Sources/Kernels/include")
    let headers = ["Kernels.h", "Optimizers.h"].map { folder.appending(path: $0) }
    let stamp = context.pluginWorkDirectoryURL.appending(path: "KernelsStamp.swift")
    let script = """
      stamp=$1
      shift
      set -- $(cat "$@" | cksum)
      printf '/// Changes with the headers of Kernels.\\npackage enum Kernels_%s_%s {}\\n' "$1" "$2" > "$stamp"
      """
    return [
      .buildCommand(
        displayName: "Checksum of Kernels' headers for \(target.name)", executable: URL(filePath: "/bin/sh"),
        arguments: [
          "-c", script, "sh", stamp.path(percentEncoded: false),
        ] + headers.map { $0.path(percentEncoded: false) },
        inputFiles: headers, outputFiles: [stamp])
    ]
  }
}
