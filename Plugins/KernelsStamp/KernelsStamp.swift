import Foundation
import PackagePlugin

/// Gives each module that imports `Kernels` a declaration whose name holds the checksum of its header.
///
/// Swift compiles the layout of C structures into the modules that import them, and SwiftPM does not build those again
/// when only the header has changed: they would then read and write the wrong places. The declaration changes with the
/// header, and with it the module and all that build on it.
@main
struct KernelsStamp: BuildToolPlugin {
  func createBuildCommands(context: PluginContext, target: any Target) -> [Command] {
    let header = context.package.directoryURL.appending(path: "Sources/Kernels/include/Kernels.h")
    let stamp = context.pluginWorkDirectoryURL.appending(path: "KernelsStamp.swift")
    let script = """
      set -- "$1" "$2" $(cksum < "$1")
      printf '/// Changes with Kernels.h.\\npackage enum Kernels_%s_%s {}\\n' "$3" "$4" > "$2"
      """
    return [
      .buildCommand(
        displayName: "Checksum of Kernels.h for \(target.name)", executable: URL(filePath: "/bin/sh"),
        arguments: [
          "-c", script, "sh", header.path(percentEncoded: false), stamp.path(percentEncoded: false),
        ],
        inputFiles: [header], outputFiles: [stamp])
    ]
  }
}
