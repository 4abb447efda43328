/// Where a pull gathers what comes, before the model appears in the cache as a whole: a folder beside the models,
/// which outlives a pull that is broken off.
struct PullFolder {
  let path: String

  init(of name: String, in root: String) { path = "\(root)/.\(name).partial" }

  /// The model's folder in the making.
  var files: String { path + "/files" }
  /// Files that come over HTTP, whole and in part.
  var downloads: String { path + "/downloads" }
  /// Wheels that have come, a folder for each package.
  var wheels: String { path + "/wheels" }

  /// Where a model's file is downloaded to. Its name is the file's SHA-256, or that of the address where the former
  /// is not known: what two sources share, they share because it is the same file.
  func download(of file: CatalogueFile, number: Int, from address: String) -> String {
    "\(downloads)/\(file.sha256 ?? SHA256.hexadecimal(ofText: address)).\(number)"
  }

  /// The path of a model's file in the making, whose folder is made.
  func target(_ name: String) throws(CheckpointError) -> String {
    let target = files + "/" + name
    if let slash = target.lastIndex(of: "/") { try FileSystem.makeFolder(String(target[..<slash])) }
    return target
  }

  /// Empties the model's folder in the making.
  func clearFiles() throws(CheckpointError) {
    try FileSystem.remove(files)
    try FileSystem.makeFolder(files)
  }

  /// What has come so far and can be carried on with.
  var keptBytes: Int { FileSystem.byteCount(under: downloads) + FileSystem.byteCount(under: wheels) }
}
