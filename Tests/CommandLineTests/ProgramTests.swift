import Foundation
import MartletTensors
import MartletTestScope
import Testing

@testable import MartletCommandLine

@Suite("The program as a process", .startsProcesses)
struct ProgramTests {
  @Test("Help is a result: standard output, exit 0, nothing on standard error")
  func help() throws {
    for line in [["--help"], ["help"], ["help", "doctor"], ["doctor", "--help"], ["doctor", "-h"]] {
      let result = try MartletProcess().run(line)
      #expect(result.status == 0)
      #expect(result.text.contains("Usage: martlet"))
      #expect(result.errors.isEmpty)
    }
    let both = try (MartletProcess().run("help", "doctor"), MartletProcess().run("doctor", "--help"))
    #expect(both.0.text == both.1.text)
  }

  @Test("The version is one line")
  func version() throws {
    #expect(try MartletProcess().run("--version").text == "martlet \(Program.version)\n")
  }

  @Test("A wrong command line ends with 64, and standard output stays empty")
  func usage() throws {
    for line in [
      [], ["serach"], ["doctor", "--nonsense"], ["doctor", "x"], ["help", "nothing"], ["--nonsense"],
    ] {
      let result = try MartletProcess().run(line)
      #expect(result.status == 64, "\(line)")
      #expect(result.output.isEmpty, "\(line)")
      #expect(result.errors.contains("martlet: error:"), "\(line)")
    }
  }

  @Test("In a pipe there are no terminal codes")
  func noColours() throws {
    let result = try MartletProcess().run("doctor")
    #expect(!result.text.contains("\u{1B}"))
    #expect(!result.errors.contains("\u{1B}"))
  }

  @Test("doctor names the libraries with their versions, the programs, and every model in the cache")
  func doctor() throws {
    let text = try MartletProcess().run("doctor").text
    for library in [
      "SQLite 3.", "libcurl ", "libarchive ", "libxml2 2.", "cmark-gfm ", "OpenSSL ", "libedit ",
      "libmicrohttpd ", "libpq ",
      "RE2 ",
    ] {
      #expect(text.contains(library), "\(library): \(text)")
    }
    #expect(text.contains("pip") && text.contains("pdftotext") && text.contains("pdfimages"))
    let subjects = Set(text.split(separator: "\n").compactMap { $0.split(separator: " ").dropFirst().first })
    #expect(
      subjects.isSuperset(of: ["processor", "kernels", "memory", "bandwidth", "libraries", "models", "store"])
    )
    #expect(text.contains("GB/s"))
    try withTemporaryFolder { folder in
      let model = folder.appendingPathComponent("models/my-own")
      try FileManager.default.createDirectory(at: model, withIntermediateDirectories: true)
      let own = try MartletProcess(environment: ["MARTLET_HOME": folder.path]).run("doctor")
      #expect(own.text.contains("my-own") && own.text.contains("martlet pull all-minilm-l6-v2"))
    }
    let elsewhere = ["MARTLET_STORE": "postgresql://ann:secret@db.lan/library"]
    let away = try MartletProcess(environment: elsewhere).run("doctor")
    #expect(away.text.contains("db.lan/library") && !away.text.contains("secret"))
    let wrong = try MartletProcess(environment: ["MARTLET_STORE": "ftp://db.lan"]).run("doctor")
    #expect(wrong.status == 69 && wrong.text.contains("MARTLET_STORE names no store"))
    // A catalogue that cannot be read is one thing that no model can do without.
    try withTemporaryFolder { folder in
      let models = folder.appendingPathComponent("models")
      try FileManager.default.createDirectory(at: models, withIntermediateDirectories: true)
      try Data("{".utf8).write(to: models.appending(path: "catalogue.json"))
      let broken = try MartletProcess(environment: ["MARTLET_HOME": folder.path]).run("doctor")
      #expect(broken.status == 69 && broken.errors.contains("Something that Martlet needs is missing"))
      #expect(broken.text.contains("! catalogue"))
    }
  }

  @Test("Kernels that this processor lacks are refused with 69 and the names of those it has")
  func unknownKernels() throws {
    let result = try MartletProcess(environment: ["MARTLET_SIMD": "abacus"]).run("doctor")
    #expect(result.status == 69)
    #expect(result.errors.contains("MARTLET_SIMD=abacus names no kernels"))
    #expect(result.errors.contains("portable"))
    for form in ["avx2", "avx512", "neon"] where !Device.availableForms.contains(form) {
      let result = try MartletProcess(environment: ["MARTLET_SIMD": form]).run("doctor")
      #expect(result.status == 69)
      #expect(result.errors.contains("MARTLET_SIMD=\(form) names kernels that this processor cannot run"))
    }
  }

  @Test("Kernels that MARTLET_SIMD names are used, and doctor says so; an empty name is none")
  func forcedKernels() throws {
    #expect(Device.availableForms.contains("portable"))
    for form in Device.availableForms {
      let result = try MartletProcess(environment: ["MARTLET_SIMD": form]).run("doctor")
      #expect(result.text.contains("\(form) (forced by MARTLET_SIMD=\(form))"))
    }
    let empty = try MartletProcess(environment: ["MARTLET_SIMD": ""]).run("doctor")
    #expect(!empty.text.contains("forced"))
  }
}
