import Glibc

/// The rows of a file in the form of `.fvecs` or `.ivecs` (before each row its length), mapped; or a problem in words.
struct VectorRows {
  let width: Int
  let count: Int
  private let start: UnsafeRawPointer

  init(path: String) throws {
    let descriptor = open(path, O_RDONLY)
    guard descriptor >= 0 else { throw Problem("\(path) cannot be opened") }
    defer { close(descriptor) }
    var facts = stat()
    guard fstat(descriptor, &facts) == 0, facts.st_size >= 8,
      let mapped = mmap(nil, Int(facts.st_size), PROT_READ, MAP_PRIVATE, descriptor, 0), mapped != MAP_FAILED
    else { throw Problem("\(path) cannot be mapped") }
    start = UnsafeRawPointer(mapped)
    width = Int(start.load(as: Int32.self))
    guard width > 0, Int(facts.st_size) % (4 * (width + 1)) == 0 else {
      throw Problem("\(path) does not consist of rows of \(width) numbers")
    }
    count = Int(facts.st_size) / (4 * (width + 1))
  }

  subscript(row: Int) -> [Float] {
    let first = start.advanced(by: 4 * (row * (width + 1) + 1)).assumingMemoryBound(to: Float.self)
    return Array(UnsafeBufferPointer(start: first, count: width))
  }

  /// Writes answers as `.ivecs`; -1 stands where one is too short.
  static func write(_ answers: [[Int]], width: Int, to path: String) throws {
    guard let file = fopen(path, "w") else { throw Problem("\(path) cannot be written") }
    defer { fclose(file) }
    for answer in answers {
      var row = [Int32(width)]
      for place in 0..<width { row.append(place < answer.count ? Int32(answer[place]) : -1) }
      guard fwrite(row, 4, row.count, file) == row.count else { throw Problem("\(path) cannot be written") }
    }
  }

  /// The 32-bit numbers of a file without any frame.
  static func numbers(path: String) throws -> [Int] {
    guard let file = fopen(path, "r") else { throw Problem("\(path) cannot be opened") }
    defer { fclose(file) }
    var numbers = [Int]()
    var part = [Int32](repeating: 0, count: 65536)
    while case let read = fread(&part, 4, part.count, file), read > 0 {
      numbers += part[..<read].map { Int($0) }
    }
    return numbers
  }
}

/// What went wrong, in words.
struct Problem: Error, CustomStringConvertible {
  let description: String
  init(_ description: String) { self.description = description }
}
