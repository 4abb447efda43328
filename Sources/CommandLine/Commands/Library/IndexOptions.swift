/// What `index` takes, and what its help says.
enum IndexOptions {
  static let paths = Parameter<[String]>.arguments(
    "PATH", .path("PATH"), minimum: 1, help: "Files and folders to index.")
  static let embedder = Parameter<String?>.option(
    "embedder", .path("MODEL", completing: .models(.embedding)),
    shownAs: "the collection's own, else \(ModelParameters.defaultEmbedder)",
    help: "The model that embeds; a collection keeps the one that it began with.")
  static let precision = Parameter<EmbeddingPrecision>.option(
    "precision", .choice("PRECISION"), default: .fast,
    help: "How a new collection's texts are embedded: float32 is exact, fast is 8-bit.")
  static let exclude = Parameter<[String]>.options(
    "exclude", .text("PATTERN"), help: "Skip files and folders that match, as in a .gitignore file.")
  static let chunkTokens = Parameter<Int?>.option(
    "chunk-tokens", .integer(in: 16...8192), shownAs: "what the embedder reads at once",
    help: "The most tokens of a chunk, counted by the embedder.")
  static let overlapTokens = Parameter<Int>.option(
    "overlap-tokens", .integer(in: 0...4096), default: 32,
    help: "Tokens that a chunk repeats of the one before where a passage had to be divided.")
  static let force = Parameter<Bool>.flag(
    "force", help: "Read and embed unchanged files too; drop a PATH that is gone together with its folder.")

  static let preview = Parameter<Bool>.flag(
    "preview", help: "Show what is extracted from the files and how it is cut; index nothing.")

  static let definitions = [
    paths.definition, embedder.definition, precision.definition, exclude.definition, chunkTokens.definition,
    overlapTokens.definition,
    force.definition, preview.definition, StoreParameters.store.definition,
    StoreParameters.collection.definition,
    ModelParameters.threads.definition, StoreParameters.json.definition,
  ]

  static let summary = "Index files and folders, so that they can be searched and asked."
  static let discussion = """
    Reads text, Markdown, HTML, PDF, office files, EPUB, mail (.eml, mbox, Maildir), notebooks, tables (CSV, TSV) and source code. Files that have not changed since the last time are skipped, \
    changed ones are replaced, and ones that are gone from the folder are dropped. The index grows file by file: \
    an interrupted run keeps what it has done, and the next one carries on.

    Below a folder, hidden and binary files are skipped, and so is what .gitignore files or --exclude name. What \
    was skipped is said at the end, and so is each file that could not be read (a PDF without text, an encrypted \
    one, a file without permission); it never stops the rest. A PATH that is itself missing or cannot be read \
    decides the exit code.

    A PATH that was indexed before and no longer exists is dropped from the index and reported. If its folder is \
    missing or empty, too, a disk may not be mounted: that is an error, and the index keeps the PATH unless --force \
    drops it.

    On a terminal a line shows how far it is, at what rate, and the time that is left; elsewhere standard error gets \
    such a line every ten seconds.

    Of mail the best readable part of each message is read, and its attachments as files are. A message that several \
    files have is kept once. A mailbox that has grown is read from where it ended.

    Chunks follow the structure of the documents (headings, paragraphs, functions) and are measured in the \
    embedder's own tokens, so that it reads each of them whole. No row of a table is divided unless it alone is too \
    long, and each chunk of a table repeats its header; verse, logs and lists are divided at line ends. A running header \
    or footer of a PDF is kept where it first stands.

    --preview shows, for each file, the characters on each page of a PDF, the running headers and footers that were left \
    out, and the passages with their places, and leaves the store alone; with --json it prints one object a line and \
    file: path, kind, title, page_characters, running_lines (text, page_number, pages), warnings, and chunks (page, \
    start_line, end_line, header_start_line and header_end_line, the lines of a table's header that the text begins \
    with though it stands further up, place, attributes, context, tokens, text).
    """
  static let examples: [Command.Example] = [
    .init("martlet index ~/Documents", "Index a folder, or bring its index up to date:"),
    .init(
      "martlet index --collection code --exclude 'build/' ~/src/martlet",
      "Another folder, in a collection of its own:"),
    .init("martlet index --preview manual.pdf", "See what is read of a document:"),
  ]
}
