import Foundation

/// Bytes for people, in decimal units as download pages give them: 98.4 MB.
func formatBytes(_ bytes: Int) -> String {
  guard bytes >= 1000 else { return "\(bytes) B" }
  var amount = Double(bytes)
  for unit in ["kB", "MB", "GB", "TB"] {
    amount /= 1000
    if amount < 999.95 || unit == "TB" { return "\(formatDecimal(amount, amount < 100 ? 1 : 0)) \(unit)" }
  }
  return "\(bytes) B"
}

/// A duration for people: 42 s, 3 min 5 s, 2 h 10 min.
func formatDuration(_ seconds: Double) -> String {
  let whole = Int(max(0, seconds).rounded())
  if whole < 60 { return "\(whole) s" }
  if whole < 3600 { return "\(whole / 60) min \(whole % 60) s" }
  return "\(whole / 3600) h \(whole % 3600 / 60) min"
}

/// A number with so many digits after the point; what rounds to zero has no sign.
func formatDecimal(_ number: Double, _ digits: Int) -> String {
  let text = String(format: "%.\(digits)f", number)
  return text.hasPrefix("-") && text.allSatisfy({ "-0.".contains($0) }) ? String(text.dropFirst()) : text
}

extension Duration {
  /// The whole duration as seconds.
  var inSeconds: Double {
    let (seconds, attoseconds) = components
    return Double(seconds) + Double(attoseconds) * 1e-18
  }
}
