import Foundation

/// The target that `FUZZ_TARGET` names.
private let chosen: FuzzTarget? = {
  let name = ProcessInfo.processInfo.environment["FUZZ_TARGET"] ?? ""
  return FuzzTarget.all.first { $0.name == name }
}()

/// Feeds one input of libFuzzer's to the chosen target.
/// - Returns: 0; -1 where no target was chosen, which libFuzzer takes for an input not worth keeping.
@_cdecl("martlet_fuzz")
public func fuzz(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  guard let chosen else { return -1 }
  chosen.read(Array(UnsafeBufferPointer(start: bytes, count: count)))
  return 0
}
