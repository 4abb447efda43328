import MartletJSON
import Testing

@testable import MartletServer

@Suite("Payloads")
struct PayloadTests {
  @Test("Base64 is read as RFC 4648 has it, and as nothing else")
  func base64() {
    for (text, bytes) in [("", ""), ("Zg==", "f"), ("Zm8=", "fo"), ("Zm9v", "foo"), ("Zm9vYg==", "foob")] {
      #expect(Base64.decoded(text) == Array(bytes.utf8))
    }
    for text in [
      "Z", "Zg", "Zg=", "Z===", "====", "Zg==Zg==", "Zm9v\n", "Zm9-", "Zh==", "Zm9=", "=m9v", "Zm=v", "é===",
    ] {
      #expect(Base64.decoded(text) == nil, "\(text)")
    }
  }

  @Test("UUIDs are told from names")
  func uuid() {
    #expect(isUUID("8bb747f3-daed-4f36-84fd-41848c29b567"))
    #expect(isUUID("8BB747F3-DAED-4F36-84FD-41848C29B567"))
    for text in [
      "", "birds", "8bb747f3daed4f3684fd41848c29b567", "8bb747f3-daed-4f36-84fd-41848c29b56g", "-----",
    ] {
      #expect(!isUUID(text), "\(text)")
    }
  }

  @Test("An error of shape names the place")
  func places() {
    for (body, place) in [
      ("{\"ids\": [\"a\", 5], \"embeddings\": [[1], [2]]}", "ids[1]"),
      ("{\"ids\": [\"a\"], \"embeddings\": [[1, true]]}", "embeddings[0][1]"),
      ("{\"ids\": [\"a\"], \"embeddings\": [[1]], \"metadatas\": [{\"k\": {}}]}", "metadatas[0]"),
      ("{\"ids\": [\"a\"]}", "embeddings"), ("{\"embeddings\": []}", "ids"),
    ] {
      #expect {
        try RecordsPayload(Array(body.utf8), for: .add, atMost: 10, Notices { _ in })
      } throws: { error in
        guard let error = error as? HTTPError else { return false }
        return error.status == 422 && error.message.contains(place)
      }
    }
  }
}
