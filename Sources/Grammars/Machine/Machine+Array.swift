extension Machine {
  /// Adds what follows a part of an array.
  func complete(_ frame: Frame, _ rule: ArrayRule, _ result: inout MachineState) {
    guard let marks else { return }
    switch frame.phase {
    case .lead: enterElement(frame, rule, &result)
    case .comma: leadToElement(frame, rule, marks, &result)
    default:
      if frame.low <= 0 && frame.contained >= rule.contained {
        result.add(Configuration(marks.closeArray, state: 0, parent: frame.parent))
      }
      guard !elements(frame, rule).isEmpty else { return }
      if frame.phase == .open {
        leadToElement(frame, rule, marks, &result)
      } else {
        result.add(Configuration(marks.comma, state: 0, parent: frame.with(.comma)))
      }
    }
  }

  private func leadToElement(
    _ frame: Frame, _ rule: ArrayRule, _ marks: Marks, _ result: inout MachineState
  ) {
    result.add(Configuration(marks.space, state: 0, parent: frame.with(.lead)))
    enterElement(frame, rule, &result)
  }

  private func fits(_ rule: Int, _ depth: Int32) -> Bool {
    depths[rule] != Self.unreachable && depth + depths[rule] <= maximumDepth
  }

  /// What the next element can be, such that the array can still be ended.
  private func elements(_ frame: Frame, _ rule: ArrayRule) -> [Element] {
    guard frame.high > 0 else { return [] }
    if let unique = rule.unique {
      return unique.indices.compactMap { place in
        guard frame.properties?.seen.contains(place) != true, fits(unique[place], frame.depth) else {
          return nil
        }
        return Element(rule: unique[place], contained: 0, unique: place)
      }
    }
    let left = frame.high == .max ? .max : frame.high - 1
    let possible = rule.containable(from: frame.place + 1, slots: left)
    var result: [Element] = []
    if let plain = rule.element(frame.place), fits(plain, frame.depth),
      rule.contained - frame.contained <= possible
    {
      result.append(Element(rule: plain, contained: frame.contained))
    }
    let counts =
      frame.contained < rule.contained || (rule.mostContained != .max && frame.contained < rule.mostContained)
    if counts, let contained = rule.containedElement(frame.place), fits(contained, frame.depth),
      rule.contained - frame.contained - 1 <= possible
    {
      result.append(Element(rule: contained, contained: frame.contained + 1))
    }
    return result
  }

  private struct Element {
    let rule: Int
    /// How many elements are contained with it.
    let contained: Int32
    var unique: Int?
  }

  private func enterElement(_ frame: Frame, _ rule: ArrayRule, _ result: inout MachineState) {
    for element in elements(frame, rule) {
      let seen = element.unique.map { place in
        Properties(seen: (frame.properties?.seen ?? NameSet()).union(NameSet([place])))
      }
      let following = Frame(
        rule: frame.rule, phase: .value, place: min(frame.place + 1, Int32(rule.prefix.count)),
        low: max(0, frame.low - 1), high: frame.high == .max ? .max : frame.high - 1,
        contained: element.contained,
        properties: seen, parent: frame.parent)
      enter(element.rule, following, &result)
    }
  }
}
