/// The formats of strings that are enforced, as regular languages.
enum StringFormat {
  static let names = [
    "date", "time", "date-time", "duration", "uuid", "email", "hostname", "ipv4", "ipv6", "uri",
  ]

  /// The strings of a format; nil for one that is not supported.
  static func pattern(named name: String) throws(GrammarError) -> TextPattern? {
    guard let automaton = automata[name] else { return nil }
    return TextPattern(automaton: try automaton.get(), name: "format \(name)")
  }

  private static let automata: [String: Result<TextAutomaton, GrammarError>] = Dictionary(
    uniqueKeysWithValues: names.map { name in
      do throws(GrammarError) {
        return (name, .success(try PatternParser.parse(expression(name)).automaton()))
      } catch {
        return (name, .failure(error))
      }
    })

  /// RFC 3339, without leap seconds: a reader of times need not know them.
  private static let day: String = {
    let years = "(?:[0-9]{4})"
    // Divisible by 4, but not by 100 unless by 400.
    let leapYears =
      "(?:[0-9]{2}(?:0[48]|[2468][048]|[13579][26])|(?:[02468][048]|[13579][26])00)"
    return
      "(?:\(years)-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12][0-9]|3[01])|(?:0[469]|11)-(?:0[1-9]|[12][0-9]|30)"
      + "|02-(?:0[1-9]|1[0-9]|2[0-8]))|\(leapYears)-02-29)"
  }()
  private static let clock =
    "(?:(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\\.[0-9]{1,9})?(?:Z|[+-](?:[01][0-9]|2[0-3]):[0-5][0-9]))"

  private static func expression(_ name: String) -> String {
    let byte = "(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])"
    let ipv4 = "\(byte)(?:\\.\(byte)){3}"
    let label = "[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
    switch name {
    case "date": return day
    case "time": return clock
    case "date-time": return "\(day)T\(clock)"
    case "duration":
      let time = "T(?:[0-9]{1,9}H(?:[0-9]{1,9}M(?:[0-9]{1,9}S)?)?|[0-9]{1,9}M(?:[0-9]{1,9}S)?|[0-9]{1,9}S)"
      let days = "(?:[0-9]{1,9}Y(?:[0-9]{1,9}M(?:[0-9]{1,9}D)?)?|[0-9]{1,9}M(?:[0-9]{1,9}D)?|[0-9]{1,9}D)"
      return "P(?:\(days)(?:\(time))?|\(time)|[0-9]{1,9}W)"
    case "uuid": return "[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}"
    case "email":
      let atom = "[A-Za-z0-9!#$%&'*+/=?^_`\\{|\\}~-]{1,64}"
      return "\(atom)(?:\\.\(atom)){0,4}@\(label)(?:\\.\(label)){0,4}"
    case "hostname": return "\(label)(?:\\.\(label))*"
    case "ipv4": return ipv4
    case "ipv6": return ipv6(ipv4)
    default:
      let text = "(?:[A-Za-z0-9._~!$&'()*+,;=:@-]|%[0-9A-Fa-f]{2})"
      let host = "(?:[A-Za-z0-9._~!$&'()*+,;=-]|%[0-9A-Fa-f]{2})*"
      let authority = "(?:(?:[A-Za-z0-9._~!$&'()*+,;=:-]|%[0-9A-Fa-f]{2})*@)?\(host)(?::[0-9]{0,5})?"
      let path = "(?://\(authority)(?:/\(text)*)*|/?\(text)+(?:/\(text)*)*|/)?"
      return "[A-Za-z][A-Za-z0-9+.-]*:\(path)(?:\\?(?:\(text)|[/?])*)?(?:#(?:\(text)|[/?])*)?"
    }
  }

  /// RFC 4291: eight groups, of which a run may be left out once.
  private static func ipv6(_ ipv4: String) -> String {
    let group = "[0-9A-Fa-f]{1,4}"
    let tail = "(?:\(group):\(group)|\(ipv4))"
    var forms = ["(?:\(group):){6}\(tail)"]
    for before in 0...7 {
      let head = before == 0 ? "" : "\(group)(?::\(group)){\(before - 1)}"
      let room = 7 - before
      forms.append("\(head)::" + (room == 0 ? "" : "(?:(?:\(group):){0,\(room - 1)}\(group))?"))
      if room >= 2 { forms.append("\(head)::(?:\(group):){0,\(room - 2)}\(ipv4)") }
    }
    return "(?:\(forms.joined(separator: "|")))"
  }
}
