import Foundation
import PackagePlugin

/// Compiles the files of the folder `Course` into the module, as texts by their paths.
///
/// SwiftPM's own resources lie in a bundle beside the program, which an installed program does not have, and resources
/// in code are arrays of bytes, which take the compiler minutes for as many files.
@main
struct CourseFiles: BuildToolPlugin {
  func createBuildCommands(context: PluginContext, target: any Target) throws -> [Command] {
    let folder = context.package.directoryURL.appending(path: "Course")
    let files = try FileManager.default.subpathsOfDirectory(atPath: folder.path(percentEncoded: false))
      .filter { path in
        var isFolder: ObjCBool = false
        let whole = folder.appending(path: path).path(percentEncoded: false)
        return FileManager.default.fileExists(atPath: whole, isDirectory: &isFolder) && !isFolder.boolValue
          && !path.split(separator: "/").contains { $0.hasPrefix(".") || $0 == "__pycache__" }
      }.sorted()
    let output = context.pluginWorkDirectoryURL.appending(path: "CourseFiles.swift")
    // Raw texts with four number signs: no lesson has three quotes followed by so many.
    let script = """
      output=$1
      cd "$2" || exit 1
      shift 2
      {
        echo '/// The files of the course that this program was built with.'
        echo 'enum CourseFiles {'
        echo '  static let all: [(path: String, text: String)] = ['
        for file in "$@"; do
          printf '("%s", ####\"\"\"\\n' "$file"
          cat "$file"
          printf '\\n\"\"\"####),\\n'
        done
        echo '  ]'
        echo '}'
      } > "$output"
      """
    return [
      .buildCommand(
        displayName: "Files of the course", executable: URL(filePath: "/bin/sh"),
        arguments: [
          "-c", script, "sh", output.path(percentEncoded: false), folder.path(percentEncoded: false),
        ] + files,
        inputFiles: files.map { folder.appending(path: $0) }, outputFiles: [output])
    ]
  }
}
