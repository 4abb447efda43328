import MartletCCrypto

/// The SHA-256 of bytes that come in pieces, by OpenSSL's libcrypto.
package struct SHA256: ~Copyable {
  private let context: OpaquePointer?

  package init() {
    context = EVP_MD_CTX_new()
    EVP_DigestInit_ex(context, EVP_sha256(), nil)
  }

  deinit { EVP_MD_CTX_free(context) }

  package mutating func update(_ bytes: UnsafeRawBufferPointer) {
    if !bytes.isEmpty { EVP_DigestUpdate(context, bytes.baseAddress, bytes.count) }
  }

  /// The digest in hexadecimal; the value is used up.
  package consuming func hexadecimal() -> String {
    var digest = [UInt8](repeating: 0, count: 32)
    EVP_DigestFinal_ex(context, &digest, nil)
    let digits = Array("0123456789abcdef".utf8)
    return String(decoding: digest.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
  }

  /// The digest of a text.
  package static func hexadecimal(ofText text: String) -> String {
    var digest = SHA256()
    var text = text
    text.withUTF8 { digest.update(UnsafeRawBufferPointer($0)) }
    return digest.hexadecimal()
  }

  /// The digest of a file, read in pieces; `progress` is told how many bytes have been read.
  package static func hexadecimal(ofFile path: String, progress: (Int) throws(CheckpointError) -> Void)
    throws(CheckpointError)
    -> String
  {
    let file = try MappedFile(path)
    var digest = SHA256()
    var offset = 0
    while offset < file.size {
      let range = offset..<min(file.size, offset + 4 << 20)
      try file.reading(range) { (bytes) throws(CheckpointError) in digest.update(bytes) }
      file.discardPages(in: range)
      offset = range.upperBound
      try progress(offset)
    }
    return digest.hexadecimal()
  }
}
