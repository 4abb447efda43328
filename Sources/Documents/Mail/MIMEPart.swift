import MartletCGMime

/// A message that GMime has parsed, freed when it goes out of use.
///
/// GMime's objects may be used by one thread at a time, as this one is.
final class MIMEMessage {
  private static let isReady: Bool = {
    g_mime_init()
    return true
  }()

  let message: UnsafeMutablePointer<GMimeMessage>

  /// Nil where GMime finds no message in the bytes.
  init?(_ bytes: [UInt8]) {
    guard Self.isReady else { return nil }
    let parsed = bytes.withUnsafeBytes {
      martlet_mime_parse($0.baseAddress?.assumingMemoryBound(to: CChar.self), $0.count)
    }
    guard let parsed else { return nil }
    message = parsed
  }

  deinit { martlet_mime_free(message) }
}

/// A part of a message. It is valid for as long as the message is.
struct MIMEPart {
  let object: UnsafeMutablePointer<GMimeObject>

  /// The body of a message; nil where it has none.
  init?(bodyOf message: UnsafeMutablePointer<GMimeMessage>) {
    guard let object = g_mime_message_get_mime_part(message) else { return nil }
    self.object = object
  }

  private init?(_ object: UnsafeMutablePointer<GMimeObject>?) {
    guard let object else { return nil }
    self.object = object
  }

  var isMultipart: Bool { martlet_mime_is_multipart(object) }
  var isEncrypted: Bool { martlet_mime_is_encrypted(object) }
  var isMessage: Bool { martlet_mime_is_message(object) }

  /// The parts of a multipart body.
  var partCount: Int { isMultipart ? Int(martlet_mime_part_count(object)) : 0 }

  func part(at index: Int) -> MIMEPart? { MIMEPart(martlet_mime_part_at(object, Int32(index))) }

  /// The message inside a part of type message/rfc822.
  var innerMessage: UnsafeMutablePointer<GMimeMessage>? {
    isMessage ? martlet_mime_inner_message(object) : nil
  }

  /// The type and the subtype in lower case: `text/plain` where the part states none.
  var type: (String, String) {
    (
      martlet_mime_type(object).map { repairedText($0).lowercased() } ?? "text",
      martlet_mime_subtype(object).map { repairedText($0).lowercased() } ?? "plain"
    )
  }

  /// The name of the file that the part was attached from; nil where it states none.
  var fileName: String? {
    guard martlet_mime_is_part(object), let name = martlet_mime_file_name(object) else { return nil }
    // A name is no path, whatever it claims.
    let last = repairedText(name).split { $0 == "/" || $0 == "\\" }.last.map(String.init) ?? ""
    let plain = last.filter { $0.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7F } }
    return plain.isEmpty || plain == "." || plain == ".." ? nil : plain
  }

  /// Whether the part says that it is to be kept apart from the body.
  var isAttachment: Bool {
    guard let disposition = g_mime_object_get_disposition(object) else { return false }
    return repairedText(disposition).lowercased() == "attachment"
  }

  /// The charset that the part states.
  var charset: String? {
    g_mime_object_get_content_type_parameter(object, "charset").map(repairedText)
  }

  /// The bytes without their transfer encoding.
  var content: [UInt8] {
    guard martlet_mime_is_part(object), let array = martlet_mime_content(object) else { return [] }
    defer { g_byte_array_unref(array) }
    return Array(UnsafeBufferPointer(start: array.pointee.data, count: Int(array.pointee.len)))
  }
}

/// The text of a C string, with what is no UTF-8 replaced.
func repairedText(_ text: UnsafePointer<CChar>) -> String { String(cString: text) }
