import Testing

@testable import MartletCommandLine

@Suite("Passwords in messages")
struct SecretsTests {
  @Test(
    "Passwords that a message would repeat are left out, and nothing else is",
    arguments: [
      ("‘postgresql://ann:s3cret@h:5432/d’ is one too many", "‘postgresql://ann:…@h:5432/d’ is one too many"),
      ("two: a://b:c@d and e+f://g:h/i@j@k.", "two: a://b:…@d and e+f://g:…@k."),
      ("host=h password=s3cret user=ann", "host=h password=… user=ann"),
      ("password = 's3 cret' user=ann", "password = … user=ann"), ("Pwd=s3cret;x", "Pwd=…;x"),
      ("PGPASSWORD=s3cret", "PGPASSWORD=…"), ("x?sslpassword=a&b=c", "x?sslpassword=…&b=c"),
      ("http://h:8000/tenant/database", "http://h:8000/tenant/database"),
      ("see https://h/@ann and ann@h", "see https://h/@ann and ann@h"), ("a = b == c", "a = b == c"),
      ("", ""),
      ("postgresql://ann:…@h/d?password=…", "postgresql://ann:…@h/d?password=…"),
    ])
  func hidden(text: String, shown: String) {
    #expect(withoutPasswords(text) == shown)
  }
}
