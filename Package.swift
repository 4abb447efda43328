// swift-tools-version: 6.2
import PackageDescription

// The house, floor by floor. A target depends on floors below its own only;
// docs/architecture.md says what lives on each.
let package = Package(
  name: "martlet",
  platforms: [.macOS(.v15)],
  products: [
    .executable(name: "martlet", targets: ["martlet"]),
    .library(
      name: "Martlet",
      targets: [
        "JSON", "Jinja", "Tensors", "Tokenizers", "Checkpoints", "LanguageModels", "Transformers",
        "VectorStore", "RemoteStores", "Documents", "Generation", "Embedding", "Retrieval", "Server",
      ]),
  ],
  targets: [
    // Floor 1: SIMD kernels in C, system libraries, and JSON.
    .target(
      name: "Kernels",
      // Optimized in debug builds, too: unoptimized kernels make the edit loop some forty times slower.
      cSettings: [.unsafeFlags(["-O2"], .when(configuration: .debug))]),
    .systemLibrary(
      name: "CSQLite", path: "Sources/System/CSQLite", pkgConfig: "sqlite3",
      providers: [.apt(["libsqlite3-dev"])]),
    .systemLibrary(
      name: "CCurl", path: "Sources/System/CCurl", pkgConfig: "libcurl",
      providers: [.apt(["libcurl4-openssl-dev"])]),
    .systemLibrary(
      name: "CArchive", path: "Sources/System/CArchive", pkgConfig: "libarchive",
      providers: [.apt(["libarchive-dev"])]),
    .systemLibrary(
      name: "CXML2", path: "Sources/System/CXML2", pkgConfig: "libxml-2.0",
      providers: [.apt(["libxml2-dev"])]),
    .systemLibrary(
      name: "CMarkGFM", path: "Sources/System/CMarkGFM", pkgConfig: "libcmark-gfm",
      providers: [.apt(["libcmark-gfm-dev", "libcmark-gfm-extensions-dev"])]),
    // Functions with fixed arguments in place of libedit's.
    .target(name: "CEdit", path: "Sources/System/CEdit", linkerSettings: [.linkedLibrary("edit")]),
    .systemLibrary(
      name: "CCrypto", path: "Sources/System/CCrypto", pkgConfig: "libcrypto",
      providers: [.apt(["libssl-dev"])]),
    .systemLibrary(
      name: "CMicroHTTPD", path: "Sources/System/CMicroHTTPD", pkgConfig: "libmicrohttpd",
      providers: [.apt(["libmicrohttpd-dev"])]),
    .systemLibrary(
      name: "CPQ", path: "Sources/System/CPQ", pkgConfig: "libpq",
      providers: [.apt(["libpq-dev"])]),
    // RE2 speaks C++; this speaks C to Swift. SwiftPM takes no pkg-config file that says -pthread, as RE2's does.
    .target(name: "CRE2", path: "Sources/System/CRE2", linkerSettings: [.linkedLibrary("re2")]),
    // Modules that import Kernels are built again when its header changes.
    .plugin(name: "KernelsStamp", capability: .buildTool()),
    .target(name: "JSON"),

    // Floor 2: the materials.
    .target(name: "Tensors", dependencies: ["Kernels"], plugins: ["KernelsStamp"]),
    .target(name: "Tokenizers", dependencies: ["JSON"], exclude: ["Unicode/make_tables.py"]),
    .target(name: "Jinja", dependencies: ["JSON"]),

    // Floor 3: files of models, and the protocol every model answers to.
    .target(
      name: "Checkpoints",
      dependencies: ["Tensors", "Tokenizers", "JSON", "CCurl", "CArchive", "CCrypto"],
      resources: [.embedInCode("catalogue.json")]),
    .target(name: "LanguageModels", dependencies: ["JSON"]),

    // Floor 4: architectures, and the vector store (which knows nothing of models).
    .target(name: "Transformers", dependencies: ["Checkpoints", "Tensors", "JSON"]),
    .target(
      name: "VectorStore", dependencies: ["Kernels", "JSON", "CSQLite", "CCrypto", "CRE2"],
      plugins: ["KernelsStamp"]),

    // Floor 5: what models and documents are used for, and vector stores elsewhere.
    .target(name: "RemoteStores", dependencies: ["VectorStore", "JSON", "CPQ", "CCurl"]),
    .target(
      name: "Generation",
      dependencies: [
        "Transformers", "LanguageModels", "Tokenizers", "Checkpoints", "Tensors", "Jinja", "JSON",
      ]),
    .target(name: "Embedding", dependencies: ["Transformers", "Tokenizers", "Checkpoints", "Tensors"]),
    .target(name: "Documents", dependencies: ["CXML2", "CMarkGFM"]),

    // Floor 6: features.
    .target(
      name: "Retrieval",
      dependencies: ["Documents", "VectorStore", "Embedding", "LanguageModels", "Checkpoints", "Tensors"]),

    // Floor 7: what other programs reach.
    .target(name: "Server", dependencies: ["VectorStore", "JSON", "CMicroHTTPD"]),

    // Floor 8: the command line.
    .executableTarget(
      name: "martlet",
      dependencies: [
        "Server", "Retrieval", "Generation", "Embedding", "Documents", "RemoteStores", "VectorStore",
        "Transformers", "Checkpoints", "LanguageModels", "Tokenizers", "Tensors", "Kernels", "Jinja", "JSON",
        "CEdit",
        // For their versions, which doctor reports.
        "CSQLite", "CCurl", "CArchive", "CXML2", "CMarkGFM", "CCrypto", "CMicroHTTPD", "CPQ",
      ],
      plugins: ["KernelsStamp"]),

    // Martlet's contestant in the races of vector search, which `make bench` runs.
    .executableTarget(
      name: "benchmark-vectors", dependencies: ["VectorStore", "JSON"], path: "Benchmarks/Vectors"),

    // Readers as functions of bytes, for libFuzzer and for the tests that replay its findings.
    .target(
      name: "FuzzTargets",
      dependencies: [
        "Server", "Transformers", "RemoteStores", "VectorStore", "Documents", "Checkpoints", "Jinja",
        "Tokenizers", "Tensors", "JSON", "CSQLite",
      ],
      path: "Fuzz/Targets"),

    // The kernels' vector forms once more, each instruction carried out by others: for tests on any machine.
    .target(
      name: "KernelsEmulated", dependencies: ["Kernels"], path: "Tests/KernelsEmulated",
      cSettings: [.unsafeFlags(["-O2"], .when(configuration: .debug))]),
    // What tests draw at random, the same in each run.
    .target(name: "SeededRandom", path: "Tests/SeededRandom"),
    .target(
      name: "RandomFilters", dependencies: ["SeededRandom", "VectorStore"], path: "Tests/RandomFilters"),
    .testTarget(
      name: "KernelsTests", dependencies: ["SeededRandom", "Kernels", "KernelsEmulated"],
      plugins: ["KernelsStamp"]),
    .testTarget(name: "JSONTests", dependencies: ["SeededRandom", "JSON"]),
    .testTarget(name: "JinjaTests", dependencies: ["SeededRandom", "Jinja", "JSON"], exclude: ["Fixtures"]),
    .testTarget(
      name: "TensorsTests", dependencies: ["SeededRandom", "Tensors", "Kernels"], exclude: ["Fixtures"]),
    .testTarget(
      name: "TokenizersTests", dependencies: ["SeededRandom", "Tokenizers", "Checkpoints", "JSON"],
      exclude: ["Fixtures"]),
    .testTarget(
      name: "CheckpointsTests",
      dependencies: ["SeededRandom", "Checkpoints", "Tensors", "Tokenizers", "JSON", "FuzzTargets"],
      exclude: ["Pull/fake_hub.py"]),
    .testTarget(
      name: "TransformersTests",
      dependencies: ["SeededRandom", "Transformers", "Checkpoints", "Tensors", "JSON"],
      exclude: ["Fixtures"]),
    // A process that writes a store until it is killed, and what it writes.
    .target(name: "StoreScript", dependencies: ["VectorStore"], path: "Tests/StoreScript"),
    .executableTarget(
      name: "StoreWriter", dependencies: ["StoreScript", "VectorStore"], path: "Tests/StoreWriter"),
    .testTarget(
      name: "VectorStoreTests",
      dependencies: [
        "SeededRandom", "RandomFilters", "StoreScript", "StoreServers", "StoreWriter", "VectorStore", "JSON",
        "CSQLite", "Kernels",
      ],
      exclude: ["Fixtures"]),
    // Servers of PostgreSQL's and Chroma's, for the tests of stores elsewhere.
    .target(
      name: "StoreServers", path: "Tests/StoreServers",
      exclude: ["chroma.py", "chroma_folder.py", "postgres.py", "postgres-requirements.txt"]),
    .testTarget(
      name: "RemoteStoresTests",
      dependencies: [
        "SeededRandom", "RandomFilters", "StoreServers", "RemoteStores", "VectorStore", "JSON",
      ]),
    .testTarget(
      name: "DocumentsTests", dependencies: ["SeededRandom", "Documents"], exclude: ["Fixtures"]),
    .testTarget(
      name: "GenerationTests",
      dependencies: ["Generation", "LanguageModels", "Transformers", "Checkpoints", "Tensors", "JSON"],
      exclude: ["Reference"]),
    .testTarget(
      name: "EmbeddingTests", dependencies: ["Embedding", "Transformers", "Checkpoints", "Tensors", "JSON"],
      exclude: ["Fixtures", "Reference"]),
    .testTarget(
      name: "RetrievalTests",
      dependencies: [
        "Retrieval", "Generation", "Embedding", "VectorStore", "LanguageModels", "Checkpoints", "Tensors",
        "JSON",
      ], exclude: ["Reference"]),
    .testTarget(
      name: "ServerTests", dependencies: ["StoreServers", "Server", "VectorStore", "JSON"],
      exclude: ["Chroma"]),
    .testTarget(
      name: "martletTests",
      dependencies: [
        "martlet", "StoreServers", "RemoteStores", "VectorStore", "Checkpoints", "Documents", "Generation",
        "LanguageModels", "Transformers", "Tensors", "JSON",
      ], exclude: ["terminal.py"]),
  ],
  swiftLanguageModes: [.v6],
  cLanguageStandard: .gnu17,
  cxxLanguageStandard: .gnucxx17
)

// `make fuzz` links libFuzzer, which brings the program's main; without it there would be none.
if Context.environment["MARTLET_FUZZ"] != nil {
  package.targets.append(
    .executableTarget(name: "fuzz", dependencies: ["FuzzTargets"], path: "Fuzz/Runner"))
}
