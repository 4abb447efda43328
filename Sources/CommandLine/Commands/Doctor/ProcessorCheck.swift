import Foundation
import MartletTensors

/// The processor, and the kernels that were chosen for it.
enum ProcessorCheck {
  static func findings() throws -> [Finding] {
    let device = try Device()
    let forms = Device.availableForms
    let name = modelName() ?? "unknown"
    var findings = [
      Finding(subject: "processor", verdict: .good, fact: "\(name), \(device.threads) threads")
    ]
    let others = forms.filter { $0 != device.kernelForm }.joined(separator: ", ")
    let forced = Device.forcedForm.map { " (forced by MARTLET_SIMD=\($0))" } ?? ""
    let fact = "\(device.kernelForm)\(forced)" + (others.isEmpty ? "" : "; also runs: \(others)")
    if device.kernelForm == "portable" {
      let remedy =
        forms.count > 1
        ? "Unset MARTLET_SIMD: the portable kernels are there for comparison, and slow."
        : "This processor has neither AVX2 nor NEON; Martlet works, slowly."
      findings.append(Finding(subject: "kernels", verdict: .advice, fact: fact, remedy: remedy))
    } else {
      findings.append(Finding(subject: "kernels", verdict: .good, fact: fact))
    }
    return findings
  }

  private static func modelName() -> String? {
    guard let text = try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8) else { return nil }
    let line = text.split(separator: "\n").first { $0.hasPrefix("model name") }
    return line?.split(separator: ":", maxSplits: 1).last.map { $0.trimmingCharacters(in: .whitespaces) }
  }
}
