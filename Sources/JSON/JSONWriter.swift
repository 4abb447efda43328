/// Writes values as UTF-8.
struct JSONWriter {
  let style: JSONStyle
  var output: [UInt8] = []

  init(style: JSONStyle) { self.style = style }

  mutating func write(_ value: JSON, level: Int) {
    switch value {
    case .null: output += "null".utf8
    case .bool(let value): output += (value ? "true" : "false").utf8
    case .number(let number): output += number.literal.utf8
    case .string(let text): write(text)
    case .array(let elements):
      output.append(0x5B)
      for (index, element) in elements.enumerated() {
        separate(index, level: level + 1)
        write(element, level: level + 1)
      }
      close(0x5D, isEmpty: elements.isEmpty, level: level)
    case .object(let object):
      output.append(0x7B)
      for (index, member) in object.enumerated() {
        separate(index, level: level + 1)
        write(member.key)
        output += style.keySeparator.utf8
        write(member.value, level: level + 1)
      }
      close(0x7D, isEmpty: object.isEmpty, level: level)
    }
  }

  private mutating func separate(_ index: Int, level: Int) {
    if index > 0 { output += style.itemSeparator.utf8 }
    breakLine(level)
  }

  private mutating func close(_ bracket: UInt8, isEmpty: Bool, level: Int) {
    if !isEmpty { breakLine(level) }
    output.append(bracket)
  }

  private mutating func breakLine(_ level: Int) {
    guard let indent = style.indent else { return }
    while output.last == 0x20 { output.removeLast() }
    output.append(0x0A)
    for _ in 0..<max(0, indent * level) { output.append(0x20) }
  }

  mutating func write(_ text: String) {
    output.append(0x22)
    if style.asciiOnly {
      for unit in text.utf16 { unit < 0x80 ? writeASCII(UInt8(unit)) : writeEscape(unit) }
    } else {
      for byte in text.utf8 { writeASCII(byte) }
    }
    output.append(0x22)
  }

  /// A byte of a string; those above ASCII are parts of characters and pass.
  @inline(__always)
  private mutating func writeASCII(_ byte: UInt8) {
    if byte >= 0x20 && byte != 0x22 && byte != 0x5C { return output.append(byte) }
    switch byte {
    case 0x22, 0x5C: output += [0x5C, byte]
    case 0x08: output += [0x5C, 0x62]
    case 0x09: output += [0x5C, 0x74]
    case 0x0A: output += [0x5C, 0x6E]
    case 0x0C: output += [0x5C, 0x66]
    case 0x0D: output += [0x5C, 0x72]
    default: writeEscape(UInt16(byte))
    }
  }

  private mutating func writeEscape(_ unit: UInt16) {
    let digits = Array("0123456789abcdef".utf8)
    output += [0x5C, 0x75]
    for shift in [12, 8, 4, 0] { output.append(digits[Int(unit >> shift) & 15]) }
  }
}
