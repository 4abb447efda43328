import MartletKernels
import MartletKernelsEmulated
import Testing

/// One way to run the kernels: a form of theirs, natively where this processor has it, or emulated.
struct Form: Sendable, CustomTestStringConvertible {
  nonisolated(unsafe) let kernels: martlet_arithmetic_kernels
  nonisolated(unsafe) let graphs: martlet_graph_kernels
  let isEmulated: Bool
  /// Multiplies bfloat16 weights with activations rounded likewise, where these may be.
  let hasBFloat16Dot: Bool

  var name: String { String(cString: kernels.name) }
  var testDescription: String { name }

  /// What the largest value of a group becomes in `quantize_row`: forms that add products up in 16 bits have room
  /// for seven bits only.
  var rowLimit: Double { kernels.form == MARTLET_AVX512 || kernels.form == MARTLET_NEON ? 127 : 64 }

  /// All that can be run on this machine, the portable one first.
  static let all: [Form] = {
    var count = 0
    guard let forms = martlet_tested_forms(&count) else { return [] }
    return (0..<count).map {
      Form(
        kernels: forms[$0].kernels.pointee, graphs: forms[$0].graphs.pointee,
        isEmulated: forms[$0].is_emulated, hasBFloat16Dot: forms[$0].has_bfloat16_dot)
    }
  }()

  static let portable = all[0]
  static let others = Array(all.dropFirst())
}

@Suite("The forms under test")
struct FormTests {
  @Test("Every form is tested on this machine, natively or emulated")
  func allForms() {
    let tested = Set(Form.all.map(\.kernels.form.rawValue))
    #expect(
      tested == Set([MARTLET_PORTABLE, MARTLET_AVX2, MARTLET_AVX512, MARTLET_NEON].map(\.rawValue)),
      "SIMDe's headers are missing: run Scripts/setup.sh (on Debian, install libsimde-dev)")
    #expect(Form.all.count { $0.isEmulated } == 3)
    #expect(Form.portable.kernels.form == MARTLET_PORTABLE)
  }
}
