import Testing

@testable import MartletVectorStore

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
      ("postgresql;//u:secret@h/lib#x", "a mistake before //"),
      ("postgresql//u:secret@h/lib#x", "a mistake before //"),
      ("mysql://h/d#x", "mysql://"), ("http://h:99999/a/b#x", "not a number from 1 to 65535"),
      ("http://h/a#x", "/TENANT/DATABASE"), ("http://h/a/b/c#x", "/TENANT/DATABASE"),
      ("http://ann:s3cret@h/a/b#x", "MARTLET_API_KEY"), ("http://h/a/b?s3cret#x", "takes no options"),
      ("http:///a/b#x", "not a host"), ("http://h:8000/api/v2#x", "interface"), ("http://::1/a/b#x", "IPv6"),
      ("http://h/%zz/b#x", "percent-encoded"),
      ("postgresql://ann:s3/cret@h/d#x", "more than one @"),
      ("postgresql://ann:s3@cret@h/d#x", "more than one @"),
      ("postgresql://ann@h:s3cret/d#x", "not a number"),
      ("postgresql://ann:s3%cret@h/d#x", "percent-encoded"),
    ])
  func refusals(text: String, reason: String) {
    #expect { try StoreLocation(collection: text) } throws: { error in
      let message = "\(error)"
      return message.contains(reason) && message.contains("PATH#collection")
        && message.contains("postgresql://user@host") && message.contains("http://host:8000/tenant/database#")
        && !message.contains("s3") && !message.contains("cret")
    }
  }

  @Test(
    "Schemes are read in any case, and with SQLAlchemy's driver; libpq gets the one that it knows",
    arguments: [
      ("POSTGRESQL://ann@h/d", "postgresql://ann@h/d"), ("PostGres://ann@h/d", "postgres://ann@h/d"),
      ("postgresql+psycopg://ann:s3@h/d", "postgresql://ann:s3@h/d"),
      ("PostgreSQL+AsyncPG://h/d?sslmode=require", "postgresql://h/d?sslmode=require"),
    ])
  func schemes(text: String, address: String) throws {
    #expect(try StoreLocation(store: text) == StoreLocation(.postgresql(address: address)))
  }

  @Test(
    "What looks like an address is never a folder, and its error shows nothing of it but the scheme",
    arguments: [
      ("mysql://ann:s3cret@h/d", "mysql://"), ("MySQL+PyMySQL://ann:s3cret@h/d", "mysql+pymysql://"),
      ("jdbc:postgresql://h/d?user=ann&password=s3cret", "Leave out jdbc:"),
      ("jdbc:mysql://h/d?password=s3cret", "jdbc:mysql://"), ("http+unix://s3cret", "http+unix://"),
      ("file:///data/s3cret", "path alone"), (" postgresql://ann:s3cret@h/d", "not a valid scheme"),
      ("ann:s3cret@postgresql://h", "not a valid scheme"),
      ("\"postgresql://ann:s3cret@h/d\"", "not a valid scheme"),
      ("postgresql:ann:s3cret@h/d", "without a scheme"), ("postgresql:/ann/s3cret", "two slashes"),
      ("jdbc:postgresql:s3cret", "two slashes"), ("ann:s3cret@db.lan/library", "without a scheme"),
      ("host=db.lan dbname=d user=ann password=s3cret", "PGPASSWORD"),
      ("dbname = d", "PGPASSWORD"), ("password='s3cret word'", "PGPASSWORD"),
      ("Server=h;Database=d;User Id=ann;Pwd=s3cret", "PGPASSWORD"),
      ("PGPASSWORD=s3cret host=h", "PGPASSWORD"), ("postgresql://ann:s3%00cret@h/d", "U+0000"),
      ("postgresql://ann:12?s3cret@h", "more than one @"), ("postgresql://h/d password=s3cret", "a space"),
      ("postgresql://h/d;password=s3cret", "is %3B"), ("postgresql://h;password=s3cret/d", "is %3B"),
      ("postgresql://ann@h/s3%cret", "percent-encoded"), ("http://h/a%00/b", "percent-encoded"),
    ])
  func lookalikes(text: String, reason: String) {
    for (read, forms) in [
      ({ try StoreLocation(store: text) }, "A store is a PATH"),
      ({ try StoreLocation(collection: text + "#x") }, "A collection is PATH#collection"),
    ] as [(() throws -> StoreLocation, String)] {
      #expect { try read() } throws: { error in
        let message = "\(error)"
        return message.contains(reason) && message.contains(forms) && !message.contains("s3")
          && !message.contains("cret")
      }
    }
  }

  @Test(
    "A path with a slash before what looks like an address is a path",
    arguments: [
      "./mysql://h/d", "/mnt/s3://bucket", "../a:b@c", "notes/x://y", "./host=x", "a=b/notes",
      "2026:11/notes",
      "ann@db.lan:notes", "notes 12:30",
    ])
  func paths(text: String) throws {
    #expect(try StoreLocation(store: text) == StoreLocation(.folder(path: text)))
  }

  @Test("A # in a password that was not encoded is no mark of a collection")
  func markInPassword() {
    #expect { try StoreLocation(collection: "postgresql://ann:12#34s3cret@h/d") } throws: { error in
      "\(error)".contains("@ is %40") && !"\(error)".contains("12") && !"\(error)".contains("s3cret")
    }
  }

  @Test("Where a store is wanted, a collection in an address is refused")
  func storeWithCollection() {
    for text in ["", "http://h:1/a/b#x", "postgresql://h/d#x"] {
      #expect { try StoreLocation(store: text) } throws: { "\($0)".contains("A store is a PATH") }
    }
  }

  @Test("An address that was not read from a text is shown only where it has no place for a secret")
  func handmade() {
    #expect(StoreLocation(.postgresql(address: "host=h password=s3cret")).description == "postgresql://…")
    #expect(StoreLocation(.postgresql(address: "postgresql://h/d")).description == "postgresql://h/d")
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
      ("postgresql://ann@h/d?pass%77ord=s3cret&s3cret", "postgresql://ann@h/d?…&…"),
      ("postgresql://ann@h/d?sslmode=require;password=s3cret", "postgresql://ann@h/d?sslmode=…"),
      ("postgresql://ann@h/d?password=a@s3cret&host=/run/pg", "postgresql://ann@h/d?password=…&host=/run/pg"),
    ])
  func passwords(text: String, shown: String) throws {
    #expect(try StoreLocation(store: text).description == shown)
    #expect(try StoreLocation(collection: text + "#x").description == shown + "#x")
  }
}
