import Testing

@testable import VectorStore

@Suite("Locations of stores")
struct StoreLocationTests {
  @Test(
    "Paths, addresses of PostgreSQL's and of Chroma's are read in their forms",
    arguments: [
      ("notes", .folder(path: "notes")), ("/a b/c%20d#e", .folder(path: "/a b/c%20d#e")),
      ("postgresql://ann@db.lan:5432/x", .postgresql(address: "postgresql://ann@db.lan:5432/x")),
      ("postgres:///x?host=/run/pg", .postgresql(address: "postgres:///x?host=/run/pg")),
      ("http://localhost:8000", .chroma(address: "http://localhost:8000", namespace: nil)),
      ("https://db.lan/", .chroma(address: "https://db.lan", namespace: nil)),
      (
        "HTTP://[::1]:8000/ann/my%20notes/",
        .chroma(address: "http://[::1]:8000", namespace: Namespace(tenant: "ann", database: "my notes"))
      ),
    ] as [(String, StoreLocation.Place)])
  func stores(text: String, place: StoreLocation.Place) throws {
    #expect(try StoreLocation(store: text) == StoreLocation(place))
  }

  @Test(
    "A collection stands behind the last #, percent-encoded",
    arguments: [
      ("notes#birds", "notes", "birds"), ("a#b/notes#birds", "a#b/notes", "birds"),
      ("notes#100%25%23", "notes", "100%#"), ("notes#ä ö", "notes", "ä ö"), ("notes#%C3%A4", "notes", "ä"),
      ("http://h:1/a/b#x", "http://h:1/a/b", "x"),
      ("postgresql://h/d#x/y", "postgresql://h/d", "x/y"),
    ])
  func collections(text: String, store: String, name: String) throws {
    let location = try StoreLocation(collection: text)
    #expect(location.collection == name && StoreLocation(location.place).description == store)
  }

  @Test(
    "What is no location is refused with the reason and the forms",
    arguments: [
      ("notes", "names no collection"), ("notes#", "no name of a collection"),
      ("notes#%zz", "no name of a collection"),
      ("#birds", "which store"), ("notes#%ff", "no name of a collection"),
      ("mysql://h/d#x", "mysql://"), ("http://h:99999/a/b#x", "no number from 1 to 65535"),
      ("http://h/a#x", "a tenant and a database"), ("http://h/a/b/c#x", "a tenant and a database"),
      ("http://ann:s3cret@h/a/b#x", "MARTLET_API_KEY"), ("http://h/a/b?s3cret#x", "no ?"),
      ("http:///a/b#x", "no host"), ("http://h:8000/api/v2#x", "interface"), ("http://::1/a/b#x", "IPv6"),
      ("http://h/%zz/b#x", "percent-encoded"),
      ("postgresql://ann:s3/cret@h/d#x", "an @ too many"),
      ("postgresql://ann:s3@cret@h/d#x", "an @ too many"),
      ("postgresql://ann@h:s3cret/d#x", "no number"), ("postgresql://ann:s3%cret@h/d#x", "percent-encoded"),
    ])
  func refusals(text: String, reason: String) {
    #expect { try StoreLocation(collection: text) } throws: { error in
      let message = "\(error)"
      return message.contains(reason) && message.contains("PATH#collection")
        && message.contains("postgresql://user@host") && message.contains("http://host:8000/tenant/database#")
        && !message.contains("s3") && !message.contains("cret")
    }
  }

  @Test("Where a store is wanted, a collection in an address is refused")
  func storeWithCollection() {
    for text in ["", "http://h:1/a/b#x", "postgresql://h/d#x"] {
      #expect { try StoreLocation(store: text) } throws: { "\($0)".contains("A store is a PATH") }
    }
  }

  @Test(
    "Passwords are never shown",
    arguments: [
      ("postgresql://ann:s3cret@h:5432/d", "postgresql://ann:…@h:5432/d"),
      (
        "postgresql://ann@h/d?password=s3cret&sslmode=require",
        "postgresql://ann@h/d?password=…&sslmode=require"
      ),
      ("postgresql://ann:s3%40cret@a,b:1/d?sslpassword=s3cret", "postgresql://ann:…@a,b:1/d?sslpassword=…"),
    ])
  func passwords(text: String, shown: String) throws {
    #expect(try StoreLocation(store: text).description == shown)
    #expect(try StoreLocation(collection: text + "#x").description == shown + "#x")
  }
}
