/// Where a store is, or a collection in it: a folder, a database of PostgreSQL's, or a server of Chroma's.
///
/// A collection is named behind a `#`, percent-encoded where it has a `#` or `%` itself:
///
///     PATH#collection
///     postgresql://user@host:5432/database#collection
///     http://host:8000/tenant/database#collection
///
/// A path is taken as it stands; addresses are percent-encoded as everywhere. A password is kept for connecting, and
/// never shown. Schemes may be written in capitals and, as SQLAlchemy does, with a driver (`postgresql+psycopg://`). A
/// text that looks like an address of any other kind, or like one without a scheme, is an error and never a path; a
/// folder of such a name needs a path that begins with `./`.
public struct StoreLocation: Sendable, Equatable, CustomStringConvertible {
  /// A store.
  public enum Place: Sendable, Equatable {
    /// A folder of Martlet's own.
    case folder(path: String)
    /// A database of PostgreSQL's: an address that libpq understands, perhaps with a password.
    case postgresql(address: String)
    /// A server of Chroma's protocol: scheme, host and port, and the tenant and database, where they are named.
    case chroma(address: String, namespace: Namespace?)
  }

  /// The store.
  public var place: Place
  /// The collection in it; nil where the store as a whole is meant.
  public var collection: String?

  /// Creates a location.
  public init(_ place: Place, collection: String? = nil) {
    self.place = place
    self.collection = collection
  }

  /// Reads the location of a store.
  ///
  /// - Throws: Where it is malformed, or an address names a collection.
  public init(store text: String) throws(StoreLocationError) {
    guard !text.isEmpty else { throw StoreLocationError("An empty text names no store", forms: .stores) }
    let syntax = try Self.syntax(of: text, forms: .stores)
    guard syntax == .path || !text.contains("#") else {
      throw StoreLocationError(
        "This location has a #, which names a collection, where the store is wanted (a # in a password is %23)",
        forms: .stores)
    }
    self.init(try Self.place(syntax, text, forms: .stores))
  }

  /// Reads the location of a collection.
  ///
  /// - Throws: Where it is malformed or names none.
  public init(collection text: String) throws(StoreLocationError) {
    let syntax = try Self.syntax(of: text, forms: .collections)
    // The last one: a path may have others, and so may a password of somebody who forgot to encode it.
    guard let mark = text.lastIndex(of: "#") else {
      let place = try Self.place(syntax, text, forms: .collections)
      throw StoreLocationError("\(StoreLocation(place)) names no collection", forms: .collections)
    }
    let store = String(text[..<mark])
    guard !store.isEmpty else {
      throw StoreLocationError("Nothing before the # says which store", forms: .collections)
    }
    let place = try Self.place(syntax, store, forms: .collections)
    let encoded = text[text.index(after: mark)...]
    guard syntax == .path || !encoded.contains("@") else {
      throw StoreLocationError(
        "This address has an @ behind the #: in a password # is %23, and in a collection's name @ is %40",
        forms: .collections)
    }
    guard let name = Self.percentDecoded(encoded), !name.isEmpty else {
      throw StoreLocationError(
        "What follows # in \(StoreLocation(place))#… is no name of a collection (a % of the name itself is %25)",
        forms: .collections)
    }
    self.init(place, collection: name)
  }

  /// The location as it may be shown to anybody: a password is left out.
  public var description: String {
    let store =
      switch place {
      case .folder(let path): path
      case .postgresql(let address): PostgresAddress.shown(address)
      case .chroma(let address, let namespace):
        namespace.map {
          "\(address)/\(Self.percentEncoded($0.tenant))/\(Self.percentEncoded($0.database))"
        } ?? address
      }
    return collection.map { "\(store)#\($0)" } ?? store
  }

  // MARK: Parts

  private static func syntax(
    of text: String, forms: StoreLocationError.Forms
  ) throws(StoreLocationError) -> StoreSyntax {
    do throws(MalformedAddress) {
      return try StoreSyntax(text)
    } catch {
      throw StoreLocationError(error.problem, forms: forms)
    }
  }

  private static func place(
    _ syntax: StoreSyntax, _ text: String, forms: StoreLocationError.Forms
  ) throws(StoreLocationError) -> Place {
    do throws(MalformedAddress) {
      switch syntax {
      case .path: return .folder(path: text)
      case .postgresql: return .postgresql(address: try PostgresAddress.read(text))
      case .chroma:
        let (address, namespace) = try ChromaAddress.read(text)
        return .chroma(address: address, namespace: namespace)
      }
    } catch {
      throw StoreLocationError(error.problem, forms: forms)
    }
  }

  /// The text without its percent-encoding; nil where that is malformed or no UTF-8.
  static func percentDecoded(_ text: some StringProtocol) -> String? {
    var bytes = [UInt8]()
    var rest = text.utf8[...]
    while let byte = rest.popFirst() {
      guard byte == UInt8(ascii: "%") else {
        bytes.append(byte)
        continue
      }
      guard let high = rest.popFirst().flatMap(hexadecimal), let low = rest.popFirst().flatMap(hexadecimal)
      else { return nil }
      bytes.append(high << 4 | low)
    }
    return String(validating: bytes, as: UTF8.self)
  }

  private static func hexadecimal(_ digit: UInt8) -> UInt8? {
    switch digit {
    case 0x30...0x39: digit - 0x30
    case 0x41...0x46: digit - 0x41 + 10
    case 0x61...0x66: digit - 0x61 + 10
    default: nil
    }
  }

  /// The text with everything percent-encoded but letters, digits, and `-._~` (RFC 3986, section 2.3).
  package static func percentEncoded(_ text: String) -> String {
    let digits = Array("0123456789ABCDEF".utf8)
    var bytes = [UInt8]()
    for byte in text.utf8 {
      switch byte {
      case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F, 0x7E: bytes.append(byte)
      default: bytes += [0x25, digits[Int(byte >> 4)], digits[Int(byte & 15)]]
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}

/// Why a text is no location.
public struct StoreLocationError: Error, Sendable, Equatable, CustomStringConvertible {
  /// What is wrong, without a password.
  public let problem: String
  private let forms: Forms

  /// What is wanted.
  enum Forms: String, Sendable, Equatable {
    case stores =
      "A store is a PATH, postgresql://user@host:5432/database, or http://host:8000/tenant/database."
    case collections =
      "A collection is PATH#collection, postgresql://user@host:5432/database#collection, or http://host:8000/tenant/database#collection."
  }

  init(_ problem: String, forms: Forms) {
    self.problem = problem
    self.forms = forms
  }

  /// What is wrong, and the forms that there are.
  public var description: String { "\(problem).\n\(forms.rawValue)" }
}

/// What is wrong with an address, without a password and a full stop.
struct MalformedAddress: Error {
  let problem: String
  init(_ problem: String) { self.problem = problem }
}
