// swift-tools-version: 6.2
import PackageDescription

// The modules, layer by layer. A module depends on layers below its own only; docs/architecture.md says what is in
// each. `module("Tensors")` is the target MartletTensors in Sources/Tensors: products and targets carry a prefix, so
// that they collide with no other package's.

let package = Package(
  name: "martlet",
  products: [
    .executable(name: "martlet", targets: ["MartletCommandLine"]),
    // All modules with one import.
    .library(name: "Martlet", targets: ["Martlet"]),
    // The same by capability. Each links the system libraries it needs, and no others.
    .capability("Tokenizers", modules: ["Tokenizers"]),
    .capability("Templates", modules: ["Jinja", "JSON"]),
    .capability("Models", modules: ["Transformers", "Checkpoints", "Tokenizers", "Tensors", "JSON"]),
    .capability("Embedding", modules: ["Embedding", "Checkpoints", "Tensors"]),
    .capability(
      "Classification", modules: ["Classification", "LanguageModels", "Checkpoints", "Tensors"]),
    .capability("Generation", modules: ["Generation", "LanguageModels", "Checkpoints", "Tensors"]),
    .capability("VectorStore", modules: ["VectorStore", "SQLite", "JSON"]),
    .capability("RemoteStores", modules: ["RemoteStores", "VectorStore", "JSON"]),
    .capability("Documents", modules: ["Documents"]),
    .capability(
      "Retrieval",
      modules: [
        "Retrieval", "Documents", "VectorStore", "Embedding", "Generation", "LanguageModels", "Checkpoints",
        "Tensors",
      ]),
    .capability("Evaluation", modules: ["Evaluation", "LanguageModels", "JSON"]),
    .capability(
      "FineTuning",
      modules: [
        "FineTuning", "Transformers", "Generation", "LanguageModels", "Checkpoints", "Tensors", "JSON",
      ]),
    .capability("CodeCompletion", modules: ["CodeCompletion", "LanguageModels"]),
    .capability("Server", modules: ["Server", "VectorStore"]),
    .capability("Course", modules: ["Course", "JSON"]),
    .capability("Metrics", modules: ["Metrics", "JSON"]),
    .capability("Grammars", modules: ["Grammars", "JSON"]),
    .capability("Providers", modules: ["Providers", "LanguageModels", "JSON"]),
    .capability("Prompting", modules: ["Prompting", "LanguageModels", "JSON"]),
    .capability("Sandbox", modules: ["Sandbox"]),
    .capability("Datasets", modules: ["Datasets", "JSON"]),
    .capability("Inspection", modules: ["Inspection", "Pictures", "Checkpoints", "Tokenizers", "Tensors"]),
  ],
  targets: [
    // Layer 1: SIMD kernels in C, system libraries, and JSON.
    .kernels("Kernels", path: "Sources/Kernels"),
    .system("CSQLite", pkgConfig: "sqlite3", package: "libsqlite3-dev"),
    .system("CCurl", pkgConfig: "libcurl", package: "libcurl4-openssl-dev"),
    .system("CArchive", pkgConfig: "libarchive", package: "libarchive-dev"),
    .system("CXML2", pkgConfig: "libxml-2.0", package: "libxml2-dev"),
    .system("CUchardet", pkgConfig: "uchardet", package: "libuchardet-dev"),
    .system(
      "CMarkGFM", pkgConfig: "libcmark-gfm", package: "libcmark-gfm-dev", "libcmark-gfm-extensions-dev"),
    .system("CCrypto", pkgConfig: "libcrypto", package: "libssl-dev"),
    .system("CMicroHTTPD", pkgConfig: "libmicrohttpd", package: "libmicrohttpd-dev"),
    .system("CPQ", pkgConfig: "libpq", package: "libpq-dev"),
    .system("CYAML", pkgConfig: "yaml-0.1", package: "libyaml-dev"),
    .system("CGMime", pkgConfig: "gmime-3.0", package: "libgmime-3.0-dev"),
    // Functions with fixed arguments in place of libedit's.
    .bridge("CEdit", library: "edit"),
    // RE2 speaks C++; this speaks C to Swift. SwiftPM takes no pkg-config file that says -pthread, as RE2's does.
    .bridge("CRE2", library: "re2"),
    // The filter of system calls for contained programs, and what Glibc's module for Swift leaves out.
    .target(name: "MartletCSandbox", path: "Sources/System/CSandbox"),
    .plugin(name: "MartletKernelsStamp", capability: .buildTool(), path: "Plugins/KernelsStamp"),
    .plugin(name: "MartletCourseFiles", capability: .buildTool(), path: "Plugins/CourseFiles"),
    .module("JSON"),

    // Layer 2: the materials.
    .module("Tensors", uses: ["Kernels"]),
    .module("Tokenizers", uses: ["JSON"], exclude: ["Unicode/make_tables.py"]),
    .module("Jinja", uses: ["JSON"]),
    .module("YAML", uses: ["JSON", "CYAML"]),
    .module("Pictures"),
    .module("Metrics", uses: ["JSON"]),
    .module("Sandbox", uses: ["CSandbox"]),
    .module("SQLite", uses: ["CSQLite"]),
    .module("Grammars", uses: ["JSON"]),
    .module("HTTPClient", uses: ["CCurl"]),

    // Layer 3: files of models, and the protocol every model answers to.
    .module(
      "Checkpoints", uses: ["Tensors", "Tokenizers", "HTTPClient", "JSON", "CArchive", "CCrypto"],
      resources: [.embedInCode("catalogue.json")]),
    .module("LanguageModels", uses: ["JSON"]),

    // Layer 4: architectures, and the vector store (which knows nothing of models).
    .module("Transformers", uses: ["Tokenizers", "Checkpoints", "Tensors", "JSON", "CRE2"]),
    .module(
      "Datasets", uses: ["Checkpoints", "HTTPClient", "JSON"], resources: [.embedInCode("datasets.json")]),
    .module("VectorStore", uses: ["SQLite", "Kernels", "JSON", "CSQLite", "CCrypto", "CRE2"]),
    .module(
      "Providers", uses: ["LanguageModels", "HTTPClient", "Grammars", "SQLite", "JSON", "CCrypto"],
      resources: [.embedInCode("prices.json")]),

    // Layer 5: what models and documents are used for, and vector stores elsewhere.
    .module("RemoteStores", uses: ["VectorStore", "HTTPClient", "JSON", "CPQ"]),
    .module(
      "Generation",
      uses: [
        "Transformers", "LanguageModels", "Grammars", "Tokenizers", "Checkpoints", "Tensors", "Jinja", "JSON",
      ]),
    .module("Embedding", uses: ["Transformers", "Tokenizers", "Checkpoints", "Tensors"]),
    .module(
      "Classification", uses: ["Transformers", "LanguageModels", "Tokenizers", "Checkpoints", "Tensors"]),
    .module("Documents", uses: ["JSON", "CXML2", "CMarkGFM", "CArchive", "CUchardet", "CGMime"]),

    // Layer 6: features.
    .module(
      "Retrieval",
      uses: ["Documents", "VectorStore", "Embedding", "LanguageModels", "Checkpoints", "Tensors"]),
    .module(
      "Prompting",
      uses: ["Embedding", "LanguageModels", "Metrics", "SQLite", "Jinja", "YAML", "JSON", "CRE2"]),
    .module(
      "Inspection",
      uses: ["Embedding", "Transformers", "Pictures", "Tokenizers", "Checkpoints", "Tensors"]),
    .module(
      "FineTuning",
      uses: [
        "Generation", "Documents", "Datasets", "Transformers", "LanguageModels", "Tokenizers", "Checkpoints",
        "Tensors", "Metrics", "Pictures", "JSON", "CRE2",
      ]),

    // Layer 7: what other programs reach, and what models are measured with.
    .module(
      "Evaluation",
      uses: [
        "Retrieval", "Prompting", "Embedding", "LanguageModels", "Checkpoints", "Grammars", "Metrics",
        "Pictures", "SQLite", "Jinja", "YAML", "JSON", "CRE2",
      ],
      exclude: ["Tasks/Builtin/README.md"],
      resources: [
        "arc_challenge", "arc_easy", "gsm8k", "hellaswag", "humaneval", "humaneval_instruct", "mbpp", "mmlu",
        "piqa", "truthfulqa_mc1", "truthfulqa_mc2",
      ].map { .embedInCode("Tasks/Builtin/\($0).yaml") }),
    .module("Server", uses: ["VectorStore", "JSON", "CMicroHTTPD"]),
    .module(
      "CodeCompletion",
      uses: [
        "Retrieval", "Documents", "Generation", "LanguageModels", "Tokenizers", "Checkpoints", "Tensors",
        "JSON",
      ]),

    // Layer 8: the course, which uses all of it.
    .target(
      name: "MartletCourse",
      dependencies: modules([
        "Evaluation", "FineTuning", "Retrieval", "Prompting", "Generation", "Documents", "VectorStore",
        "LanguageModels", "Transformers", "Tokenizers", "Tensors", "Checkpoints", "Metrics", "Pictures",
        "Jinja",
        "YAML", "JSON", "CMarkGFM",
      ]), path: "Sources/Course", plugins: ["MartletCourseFiles"]),

    // Layer 9: the umbrella module and the command line.
    .target(name: "Martlet", dependencies: modules(everyModule), path: "Sources/Martlet"),
    .program(
      "CommandLine", path: "Sources/CommandLine",
      // The system libraries are there for their versions, which doctor reports.
      uses: everyModule + [
        "Kernels", "CEdit", "CSQLite", "CCurl", "CArchive", "CXML2", "CMarkGFM", "CCrypto", "CMicroHTTPD",
        "CPQ", "CYAML", "CGMime",
      ]),

    // Martlet's contestant in the races of vector search, which `make bench` runs.
    .program("BenchmarkVectors", path: "Benchmarks/Vectors", uses: ["VectorStore", "JSON"]),
    // And in the race of masks.
    .program(
      "BenchmarkGrammars", path: "Benchmarks/Grammars",
      uses: ["Grammars", "Tokenizers", "Checkpoints", "JSON"]),

    // Readers as functions of bytes, for libFuzzer and for the tests that replay its findings.
    .module(
      "FuzzTargets", path: "Fuzz/Targets",
      uses: [
        "Server", "Evaluation", "Prompting", "Transformers", "RemoteStores", "VectorStore", "Documents",
        "Checkpoints", "HTTPClient", "Grammars", "Jinja", "YAML",
        "Tokenizers", "Tensors", "JSON", "CSQLite",
      ]),

    // The kernels' vector forms once more, each instruction carried out by others: for tests on any machine.
    .kernels("KernelsEmulated", path: "Tests/KernelsEmulated", uses: ["Kernels"]),
    // What tests draw at random, the same in each run.
    .module("SeededRandom", path: "Tests/SeededRandom"),
    // Language models that say what a test tells them to.
    .module("ScriptedModels", path: "Tests/ScriptedModels", uses: ["LanguageModels"]),
    .module("RandomFilters", path: "Tests/RandomFilters", uses: ["SeededRandom", "VectorStore"]),
    .module("TestScope", path: "Tests/TestScope"),
    // A process that writes a store until it is killed, and what it writes.
    .module("StoreScript", path: "Tests/StoreScript", uses: ["VectorStore"]),
    .program("StoreWriter", path: "Tests/StoreWriter", uses: ["StoreScript", "VectorStore"]),
    // PostgreSQL and Chroma servers, for the tests of stores elsewhere.
    .module(
      "StoreServers", path: "Tests/StoreServers", uses: ["TestScope"],
      exclude: ["chroma.py", "chroma_folder.py", "postgres.py", "postgres-requirements.txt"]),

    .tests(of: "Kernels", uses: ["SeededRandom", "KernelsEmulated"]),
    .tests(of: "JSON", uses: ["SeededRandom"]),
    .tests(of: "Jinja", uses: ["SeededRandom", "JSON"], exclude: ["Fixtures"]),
    .tests(of: "YAML", uses: ["SeededRandom", "JSON"], exclude: ["Fixtures"]),
    .tests(of: "Tensors", uses: ["SeededRandom", "Kernels"], exclude: ["Fixtures"]),
    .tests(of: "Tokenizers", uses: ["SeededRandom", "Checkpoints", "JSON"], exclude: ["Fixtures"]),
    .tests(
      of: "Checkpoints",
      uses: ["SeededRandom", "Tensors", "Tokenizers", "HTTPClient", "JSON", "FuzzTargets"],
      exclude: ["Pull/fake_hub.py", "Conversion/Fixtures"]),
    .tests(
      of: "Transformers", uses: ["SeededRandom", "Tokenizers", "Checkpoints", "Tensors", "JSON"],
      exclude: ["Fixtures", "Adapters/Fixtures"]),
    .tests(
      of: "VectorStore",
      uses: [
        "SeededRandom", "RandomFilters", "StoreScript", "StoreServers", "StoreWriter", "SQLite", "JSON",
        "CSQLite", "Kernels",
      ], exclude: ["Fixtures"]),
    .tests(
      of: "RemoteStores", uses: ["SeededRandom", "RandomFilters", "StoreServers", "VectorStore", "JSON"]),
    .tests(of: "Grammars", uses: ["SeededRandom", "JSON"], exclude: ["Fixtures"]),
    .tests(of: "HTTPClient", uses: ["SeededRandom", "JSON"], exclude: ["fake_server.py"]),
    .tests(
      of: "Providers", uses: ["SeededRandom", "LanguageModels", "HTTPClient", "JSON"],
      exclude: ["check_fakes.py", "fake_anthropic.py", "fake_openai.py", "fake_server.py"]),
    .tests(of: "Prompting", uses: ["SeededRandom", "ScriptedModels", "LanguageModels", "SQLite", "JSON"]),
    .tests(of: "SQLite", uses: ["SeededRandom", "CSQLite"]),
    .tests(of: "Documents", uses: ["SeededRandom", "CArchive"], exclude: ["Fixtures"]),
    .tests(
      of: "Generation",
      uses: [
        "SeededRandom", "LanguageModels", "Tokenizers", "Transformers", "Checkpoints", "Tensors", "JSON",
      ],
      exclude: ["Reference"]),
    .tests(
      of: "Embedding", uses: ["Transformers", "Checkpoints", "Tensors", "JSON"],
      exclude: ["Fixtures", "Reference"]),
    .tests(
      of: "Classification", uses: ["Transformers", "Tokenizers", "Checkpoints", "Tensors", "JSON"],
      exclude: ["Fixtures"]),
    .tests(
      of: "Retrieval",
      uses: ["Generation", "Embedding", "VectorStore", "LanguageModels", "Checkpoints", "Tensors", "JSON"],
      exclude: ["Reference"]),
    .tests(of: "Pictures", uses: []),
    .tests(of: "Metrics", uses: ["SeededRandom", "JSON"], exclude: ["Fixtures"]),
    .tests(of: "Sandbox", uses: ["JSON"]),
    .tests(of: "Datasets", uses: ["Checkpoints", "HTTPClient", "JSON"], exclude: ["fake_data_server.py"]),
    .tests(
      of: "Inspection", uses: ["Pictures", "Tokenizers", "Checkpoints", "Tensors", "JSON"],
      exclude: ["Fixtures"]),
    .tests(
      of: "Evaluation",
      uses: [
        "SeededRandom", "ScriptedModels", "Prompting", "Generation", "Embedding", "LanguageModels",
        "Checkpoints", "Tensors", "Metrics", "JSON",
      ],
      exclude: ["Fixtures", "Questions", "Reference"]),
    .tests(
      of: "FineTuning",
      uses: [
        "SeededRandom", "Generation", "Transformers", "LanguageModels", "Tokenizers", "Checkpoints",
        "Tensors", "JSON",
      ], exclude: ["Fixtures"]),
    .tests(
      of: "CodeCompletion",
      uses: [
        "ScriptedModels", "Retrieval", "Generation", "LanguageModels", "Tokenizers", "Checkpoints",
        "Tensors", "JSON",
      ]),
    .tests(of: "Course", uses: ["JSON"]),
    .tests(of: "Server", uses: ["StoreServers", "VectorStore", "SQLite", "JSON"], exclude: ["Chroma"]),
    .tests(
      of: "CommandLine",
      uses: [
        "SeededRandom", "StoreServers", "RemoteStores", "VectorStore", "Checkpoints", "Documents",
        "Generation", "Evaluation", "FineTuning", "LanguageModels", "Transformers", "Pictures", "Tensors",
        "JSON",
      ], exclude: ["terminal.py"]),
  ],
  swiftLanguageModes: [.v6],
  cLanguageStandard: .gnu17,
  cxxLanguageStandard: .gnucxx17
)

// `make fuzz` links libFuzzer, which brings the program's main; without it there would be none.
if Context.environment["MARTLET_FUZZ"] != nil {
  package.targets.append(.program("Fuzz", path: "Fuzz/Runner", uses: ["FuzzTargets"]))
}

/// The Swift modules of the library, the lowest layer first.
var everyModule: [String] {
  [
    "JSON", "Tensors", "Tokenizers", "Jinja", "YAML", "Pictures", "Metrics", "SQLite", "Sandbox",
    "Grammars", "HTTPClient", "Checkpoints", "LanguageModels", "Transformers", "Datasets", "VectorStore",
    "Providers", "RemoteStores", "Generation", "Embedding", "Classification", "Documents", "Retrieval",
    "Prompting", "Inspection", "FineTuning", "Evaluation", "Server", "CodeCompletion",
    "Course",
  ]
}

func modules(_ names: [String]) -> [Target.Dependency] { names.map { .target(name: "Martlet\($0)") } }

extension Product {
  static func capability(_ name: String, modules: [String]) -> Product {
    .library(name: "Martlet\(name)", targets: modules.map { "Martlet\($0)" })
  }
}

extension Target {
  static func module(
    _ name: String, path: String? = nil, uses names: [String] = [], exclude: [String] = [],
    resources: [Resource]? = nil
  ) -> Target {
    .target(
      name: "Martlet\(name)", dependencies: modules(names), path: path ?? "Sources/\(name)", exclude: exclude,
      resources: resources, plugins: stamp(names))
  }

  static func program(_ name: String, path: String, uses names: [String]) -> Target {
    .executableTarget(
      name: "Martlet\(name)", dependencies: modules(names), path: path, plugins: stamp(names))
  }

  static func tests(of name: String, uses names: [String], exclude: [String] = []) -> Target {
    let names = [name, "TestScope"] + names
    return .testTarget(
      name: "Martlet\(name)Tests", dependencies: modules(names), path: "Tests/\(name)Tests", exclude: exclude,
      plugins: stamp(names))
  }

  /// C that is optimized in debug builds, too: unoptimized kernels make the edit loop some forty times slower.
  static func kernels(_ name: String, path: String, uses names: [String] = []) -> Target {
    .target(
      name: "Martlet\(name)", dependencies: modules(names), path: path,
      cSettings: [.unsafeFlags(["-O2"], .when(configuration: .debug))])
  }

  static func system(_ name: String, pkgConfig: String, package names: String...) -> Target {
    .systemLibrary(
      name: "Martlet\(name)", path: "Sources/System/\(name)", pkgConfig: pkgConfig, providers: [.apt(names)])
  }

  /// A few functions in C before a library that Swift cannot import.
  static func bridge(_ name: String, library: String) -> Target {
    .target(
      name: "Martlet\(name)", path: "Sources/System/\(name)", linkerSettings: [.linkedLibrary(library)])
  }

  /// Modules that import Kernels are built again when its header changes.
  static func stamp(_ names: [String]) -> [PluginUsage] {
    names.contains("Kernels") ? ["MartletKernelsStamp"] : []
  }
}
