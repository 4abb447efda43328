import MartletCArchive
import MartletCCrypto
import MartletCCurl
import MartletCEdit
import MartletCGMime
import MartletCMarkGFM
import MartletCMicroHTTPD
import MartletCPQ
import MartletCSQLite
import MartletCXML2
import MartletCYAML

/// The system libraries that the program is linked with.
enum LibraryCheck {
  static func findings() -> [Finding] {
    let versions = [
      "SQLite \(text(sqlite3_libversion()))", number(text(curl_version()), of: "libcurl"),
      text(archive_version_string()), "libxml2 \(LIBXML_DOTTED_VERSION)",
      "cmark-gfm \(text(cmark_version_string()))",
      number(text(OpenSSL_version(OPENSSL_VERSION)), of: "OpenSSL"),
      "libedit \(LIBEDIT_MAJOR).\(LIBEDIT_MINOR)",
      "libmicrohttpd \(text(MHD_get_version()))",
      "libpq \(PQlibVersion() / 10_000).\(PQlibVersion() % 10_000)",
      "GMime \(gmimeVersion)",
      "libyaml \(text(yaml_get_version_string()))",
      "RE2 (version unknown)",
    ]
    let fact = versions.joined(separator: ", ")
    guard sqlite3_compileoption_used("ENABLE_FTS5") == 0 else {
      return [Finding(subject: "libraries", verdict: .good, fact: fact)]
    }
    return [
      Finding(
        subject: "libraries", verdict: .missing, fact: "\(fact); this SQLite has no FTS5",
        remedy: "Searching by words needs it; Debian's has it: apt-get install libsqlite3-0")
    ]
  }

  private static var gmimeVersion: String {
    var numbers: [UInt32] = [0, 0, 0]
    martlet_gmime_version(&numbers)
    return numbers.map { "\($0)" }.joined(separator: ".")
  }

  private static func text(_ pointer: UnsafePointer<CChar>?) -> String {
    pointer.map { String(cString: $0) } ?? "of unknown version"
  }

  /// "libcurl 7.88.1" of "libcurl/7.88.1 OpenSSL/3.0.15 …", and "OpenSSL 3.0.15" of "OpenSSL 3.0.15 3 Sep 2024".
  private static func number(_ text: String, of name: String) -> String {
    let words = text.split { $0 == " " || $0 == "/" }
    return words.count > 1 ? "\(name) \(words[1])" : "\(name) \(text)"
  }
}
