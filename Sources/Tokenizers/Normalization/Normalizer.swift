/// One step that changes text before it is split.
enum NormalizerStep: Sendable {
  case bert(BertNormalizer)
  case form(NormalizationForm)
  case lowercase
  case stripAccents
  case strip(left: Bool, right: Bool)
  case replace(pattern: [UInt8], content: [UInt8])
  /// Runs of two or more of a byte become one text.
  case collapseSpaces(minimum: Int, content: [UInt8])
  /// `\s+`: runs of white space become one text.
  case collapseWhiteSpace(content: [UInt8])
  case prepend([UInt8])
  /// A space in front, unless there is one.
  case leadingSpace
  /// Spaces off both ends; no other white space.
  case trimSpaces
  case nmt
  case characterMap(CharacterMap)
}

/// The steps in their order.
struct Normalizer: Sendable {
  var steps: [NormalizerStep] = []

  /// Normalizes in place; `spare` is a buffer to work in.
  func normalize(_ text: inout MappedText, spare: inout MappedText) {
    for step in steps { apply(step, to: &text, spare: &spare) }
  }

  private func apply(_ step: NormalizerStep, to text: inout MappedText, spare: inout MappedText) {
    switch step {
    case .bert(let bert):
      bert.normalize(text, into: &spare)
      swap(&text, &spare)
    case .form(let form): text.normalize(to: form)
    case .lowercase: text.rewrite(&spare) { scalar, source, out in out.appendLowercase(scalar, from: source) }
    case .stripAccents:
      text.rewrite(&spare) { scalar, source, out in
        if CharacterClasses.flags[scalar] & CharacterClasses.accent == 0 { out.append(scalar, from: source) }
      }
    case .strip(let left, let right): text.strip(left: left, right: right)
    case .replace(let pattern, let content): text.replace(pattern, with: content, spare: &spare)
    case .collapseSpaces(let minimum, let content):
      text.collapseSpaces(minimum: minimum, to: content, spare: &spare)
    case .collapseWhiteSpace(let content): text.collapseWhiteSpace(to: content, spare: &spare)
    case .prepend(let prefix): text.prepend(prefix)
    case .leadingSpace: if text.bytes.first != 0x20 { text.prepend([0x20]) }
    case .trimSpaces:
      let start = text.bytes.firstIndex { $0 != 0x20 } ?? text.bytes.count
      let end = text.bytes.lastIndex { $0 != 0x20 }.map { $0 + 1 } ?? start
      text.keep(start..<end)
    case .characterMap(let map): map.normalize(&text, spare: &spare)
    case .nmt:
      text.rewrite(&spare) { scalar, source, out in
        switch scalar {
        case 0x01...0x08, 0x0B, 0x0E...0x1F, 0x7F, 0x8F, 0x9F: return
        case 0x09, 0x0A, 0x0C, 0x0D, 0x1680, 0x200B...0x200F, 0x2028, 0x2029, 0x2581, 0xFEFF, 0xFFFD:
          out.append(0x20, from: source)
        default: out.append(scalar, from: source)
        }
      }
    }
  }
}

extension MappedText {
  /// Writes each scalar anew.
  mutating func rewrite(
    _ spare: inout MappedText, _ body: (UInt32, SourceRange, inout MappedText) -> Void
  ) {
    spare.clear(like: self)
    var index = 0
    while index < bytes.count {
      let (scalar, length) = UTF8Scalars.read(bytes, index)
      body(scalar, source(index), &spare)
      index += length
    }
    swap(&self, &spare)
  }

  mutating func prepend(_ prefix: [UInt8]) {
    guard !bytes.isEmpty else { return }
    let first = source(0)
    bytes.insert(contentsOf: prefix, at: 0)
    if isMapped { sources.insert(contentsOf: prefix.map { _ in first }, at: 0) }
  }

  mutating func strip(left: Bool, right: Bool) {
    var start = 0
    var end = bytes.count
    while left, start < end {
      let (scalar, length) = UTF8Scalars.read(bytes, start)
      guard CharacterClasses.isSpace(scalar) else { break }
      start += length
    }
    while right, end > start {
      let before = UTF8Scalars.before(bytes, end, from: start)
      guard CharacterClasses.isSpace(UTF8Scalars.read(bytes, before).scalar) else { break }
      end = before
    }
    keep(start..<end)
  }

  mutating func keep(_ range: Range<Int>) {
    bytes = Array(bytes[range])
    if isMapped { sources = Array(sources[range]) }
  }

  mutating func replace(_ pattern: [UInt8], with content: [UInt8], spare: inout MappedText) {
    guard let first = pattern.first, bytes.contains(first) else { return }
    spare.clear(like: self)
    var index = 0
    while index < bytes.count {
      if bytes[index] == first, matches(pattern, at: index) {
        // As the reference does: what is new comes from the last character that it stands for.
        spare.append(content, from: source(index + pattern.count - 1))
        index += pattern.count
      } else {
        spare.bytes.append(bytes[index])
        if isMapped { spare.sources.append(sources[index]) }
        index += 1
      }
    }
    swap(&self, &spare)
  }

  private func matches(_ pattern: [UInt8], at index: Int) -> Bool {
    index + pattern.count <= bytes.count && pattern.indices.allSatisfy { bytes[index + $0] == pattern[$0] }
  }

  /// Turns every run of white space into `content`.
  mutating func collapseWhiteSpace(to content: [UInt8], spare: inout MappedText) {
    spare.clear(like: self)
    var index = 0
    while index < bytes.count {
      let end = TextCut.endOfSpace(bytes, index, bytes.count)
      if end > index {
        spare.append(content, from: source(end - 1))
        index = end
      } else {
        let next = index + UTF8Scalars.length(bytes[index])
        spare.append(index..<next, of: self)
        index = next
      }
    }
    swap(&self, &spare)
  }

  /// Turns every run of at least `minimum` spaces into `content`.
  mutating func collapseSpaces(minimum: Int, to content: [UInt8], spare: inout MappedText) {
    spare.clear(like: self)
    var index = 0
    while index < bytes.count {
      var end = index
      while end < bytes.count, bytes[end] == 0x20 { end += 1 }
      if end - index >= minimum, end > index {
        spare.append(content, from: source(end - 1))
        index = end
      } else {
        end = max(end, index + 1)
        spare.append(index..<end, of: self)
        index = end
      }
    }
    swap(&self, &spare)
  }
}
