import MartletSQLite

#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

/// The index of a collection on disk, as it was after some transaction: a header and sections, each with a checksum.
///
/// Sections begin at multiples of a page's size, so that they can be mapped: a snapshot is opened in the time that its
/// checksums take. All numbers are of 64 bits, little endian.
struct IndexSnapshot {
  /// The sections in their order.
  private enum Section: Int, CaseIterable {
    case codes, scales, offsets, links, keys, checksums, alive, doubts, entries, twins
  }

  /// The numbers at the beginning of the header; three for each section (where, bytes, checksum) and the header's own
  /// checksum follow.
  private enum Field: Int, CaseIterable {
    case mark, version, collection, dimension, distance, degree, stride, count, linked, sequence, epoch,
      generation, form, measuredSlots, nodesForTen, comparisonsForTen, nodesForHundred, comparisonsForHundred,
      widening
  }

  private static let alignment = 65_536
  private static var headerWords: Int { Field.allCases.count + 3 * Section.allCases.count + 1 }

  // MARK: Writing

  /// Writes a snapshot under a temporary name. Under the index's lock for reading, while nobody links.
  ///
  /// - Returns: The descriptor of the file, still to be put in its place by `publish`; nil where it cannot be written.
  static func write(
    _ index: CollectionIndex, _ state: CollectionIndex.State, id: String, generation: UInt64, to path: String
  )
    -> Int32?
  {
    let descriptor = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { return nil }
    let graph = index.graph
    let count = index.count
    var header = [UInt64](repeating: 0, count: headerWords)
    let fields: [UInt64] =
      [
        IndexFiles.snapshotMark, IndexFiles.version, hash(id), UInt64(index.dimension), code(index.distance),
        UInt64(graph.degree), UInt64(graph.stride), UInt64(count), UInt64(graph.linked),
        UInt64(bitPattern: Int64(state.sequence)), UInt64(bitPattern: Int64(state.epoch)), generation,
        index.vectors.form.rawValue,
      ] + MeasuredEffort.numbers(of: graph.effort)
    header.replaceSubrange(0..<fields.count, with: fields)
    var offset = alignment
    for section in Section.allCases {
      let written = withBytes(of: section, index) { bytes -> Bool in
        let place = Field.allCases.count + 3 * section.rawValue
        header[place] = UInt64(offset)
        header[place + 1] = UInt64(bytes.count)
        header[place + 2] = XXHash64.hash(bytes)
        guard let start = bytes.baseAddress, !bytes.isEmpty else { return true }
        return writeFully(descriptor, start, bytes.count, at: offset)
      }
      guard written else { return abandon(descriptor, path) }
      offset +=
        (Int(header[Field.allCases.count + 3 * section.rawValue + 1]) + alignment - 1) / alignment * alignment
    }
    header[headerWords - 1] = header.dropLast().withUnsafeBytes { XXHash64.hash($0) }
    let isWhole = header.withUnsafeBytes { bytes in
      bytes.baseAddress.map { writeFully(descriptor, $0, bytes.count, at: 0) } ?? false
    }
    return isWhole ? descriptor : abandon(descriptor, path)
  }

  private static func abandon(_ descriptor: Int32, _ path: String) -> Int32? {
    close(descriptor)
    unlink(path)
    return nil
  }

  private static func withBytes<Result>(
    of section: Section, _ index: CollectionIndex, _ body: (UnsafeRawBufferPointer) -> Result
  ) -> Result {
    let (graph, count) = (index.graph, index.count)
    return switch section {
    case .codes: body(graph.codes.bytes(count))
    case .scales: body(graph.scales.bytes(count))
    case .offsets: body(graph.offsets.bytes(graph.isEuclidean ? count : 0))
    case .links: body(graph.links.bytes(count))
    case .keys: body(index.keys.bytes(count))
    case .checksums: body(index.vectors.checksumBytes)
    case .alive: index.alive.words.withUnsafeBytes(body)
    case .doubts: body(graph.doubts.bytes((count + 63) / 64))
    case .entries: graph.entries.withUnsafeBytes(body)
    case .twins: graph.twinPairs.withUnsafeBytes(body)
    }
  }

  /// Makes the snapshot the one that is opened next, durably.
  static func publish(_ descriptor: Int32, from path: String, as name: String) -> Bool {
    defer { close(descriptor) }
    guard fsync(descriptor) == 0, rename(path, name) == 0 else {
      unlink(path)
      return false
    }
    return true
  }

  // MARK: Opening

  /// What came of an attempt to read a snapshot.
  enum Opened {
    case index(CollectionIndex, generation: UInt64)
    /// There is none, or it belongs to another state of the database.
    case none
    /// It is not what was written.
    case damaged(String)
  }

  static func read(_ files: IndexFiles, _ info: CollectionInfo, dimension: Int, forWriting: Bool)
    throws(VectorStoreError)
    -> Opened
  {
    let descriptor = open(files.snapshot, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return .none }
    defer { close(descriptor) }
    guard let header = readHeader(descriptor) else { return .damaged("its header is not what was written") }
    func field(_ field: Field) -> UInt64 { header[field.rawValue] }
    guard field(.version) == IndexFiles.version, field(.collection) == hash(info.id),
      field(.dimension) == dimension,
      field(.distance) == code(info.configuration.distance),
      field(.degree) == UInt64(NeighborGraph.degree(dimension: dimension))
    else { return .none }
    guard let sections = try mapSections(descriptor, header) else {
      return .damaged("a section is not what was written")
    }
    return try assemble(header, sections, files, info, dimension: dimension, forWriting: forWriting)
  }

  /// How many places a snapshot has, and how many the graph holds; nil where there is none that can be read.
  static func counts(_ files: IndexFiles) -> (slots: Int, linked: Int)? {
    let descriptor = open(files.snapshot, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    guard let header = readHeader(descriptor), let slots = Int(exactly: header[Field.count.rawValue]),
      let linked = Int(exactly: header[Field.linked.rawValue])
    else { return nil }
    return (slots, linked)
  }

  private static func readHeader(_ descriptor: Int32) -> [UInt64]? {
    var header = [UInt64](repeating: 0, count: headerWords)
    let isRead = header.withUnsafeMutableBytes { bytes in
      bytes.baseAddress.map { readFully(descriptor, $0, bytes.count, at: 0) } ?? false
    }
    guard isRead, header[0] == IndexFiles.snapshotMark,
      header[headerWords - 1] == header.dropLast().withUnsafeBytes({ XXHash64.hash($0) })
    else { return nil }
    return header
  }

  /// The sections, mapped and compared with their checksums; nil where one does not fit.
  private static func mapSections(
    _ descriptor: Int32, _ header: [UInt64]
  ) throws(VectorStoreError) -> [Column<UInt8>]? {
    var facts = stat()
    guard fstat(descriptor, &facts) == 0 else { return nil }
    var sections = [Column<UInt8>]()
    for section in Section.allCases {
      let place = Field.allCases.count + 3 * section.rawValue
      guard let offset = Int(exactly: header[place]), let bytes = Int(exactly: header[place + 1]),
        offset % alignment == 0,
        bytes == 0 || bytes <= Int(facts.st_size) && offset <= Int(facts.st_size) - bytes
      else { return nil }
      let column = try Column<UInt8>(width: 1, descriptor: descriptor, offset: offset, count: bytes)
      guard XXHash64.hash(column.bytes(bytes)) == header[place + 2] else { return nil }
      sections.append(column)
    }
    return sections
  }

  private static func assemble(
    _ header: [UInt64], _ sections: [Column<UInt8>], _ files: IndexFiles, _ info: CollectionInfo,
    dimension: Int,
    forWriting: Bool
  ) throws(VectorStoreError) -> Opened {
    func field(_ field: Field) -> Int { Int(truncatingIfNeeded: header[field.rawValue]) }
    func section<Element>(_ section: Section, _ width: Int = 1) -> Column<Element> {
      Column(taking: sections[section.rawValue], width: width)
    }
    let (count, linked, stride) = (field(.count), field(.linked), field(.stride))
    // Rows of another width, or of none, cannot be taken out of a section.
    guard stride == NeighborGraph.stride(dimension: dimension) else {
      return .damaged("its sections do not fit together")
    }
    let (codes, scales): (Column<UInt8>, Column<Float>) = (section(.codes, stride), section(.scales))
    let (offsets, links): (Column<Float>, Column<UInt32>) = (
      section(.offsets), section(.links, NeighborGraph.degree(dimension: dimension))
    )
    let (keys, checksums): (Column<Int64>, Column<UInt64>) = (section(.keys), section(.checksums))
    let alive = array(sections[Section.alive.rawValue], of: UInt64.self)
    let doubts: Column<UInt64> = section(.doubts)
    let entries = array(sections[Section.entries.rawValue], of: UInt32.self)
    let twins = array(sections[Section.twins.rawValue], of: UInt32.self)
    guard count >= 0, linked >= 0, linked <= count,
      codes.capacity == count,
      scales.capacity == count, links.capacity == count, keys.capacity == count, checksums.capacity == count,
      info.configuration.distance != .l2 || offsets.capacity == count, alive.count == (count + 63) / 64,
      doubts.capacity == (count + 63) / 64,
      entries.allSatisfy({ $0 < count }), areChains(twins, count), leadToNodes(links, count)
    else { return .damaged("its sections do not fit together") }
    let effort = MeasuredEffort(numbers: Array(header[Field.measuredSlots.rawValue...].prefix(6)))
    let generation = header[Field.generation.rawValue]
    guard let form = RowForm(rawValue: header[Field.form.rawValue]),
      let descriptor = files.openVectors(
        generation, dimension: dimension, form: form, rows: count, forWriting: forWriting)
    else { return .damaged("the vectors beside it are missing, or too few") }
    let vectors = try VectorFile(
      dimension: dimension, form: form, descriptor: descriptor, count: count,
      checksums: checksums.bytes(count), canWrite: forWriting)
    let graph = try NeighborGraph(
      dimension: dimension, distance: info.configuration.distance, count: count, linked: linked,
      effort: effort, codes: codes, scales: scales, offsets: offsets, links: links, doubts: doubts,
      entries: entries, twinPairs: twins)
    let state = CollectionIndex.State(sequence: field(.sequence), epoch: field(.epoch))
    return .index(
      try CollectionIndex(
        info: info, graph: graph, vectors: vectors, keys: keys, alive: SlotSet(count: count, words: alive),
        state: state),
      generation: generation)
  }

  /// Whether every link is one to a node that there is, or none. Linking follows them without a look.
  private static func leadToNodes(_ links: Column<UInt32>, _ count: Int) -> Bool {
    let all = UnsafeBufferPointer(start: links.start, count: count * links.width)
    return all.allSatisfy { $0 < count || $0 == .max }
  }

  /// Whether pairs of slots and the nodes that they hang on make chains that end: no slot hangs twice, and nothing hangs
  /// on one that hangs.
  private static func areChains(_ pairs: [UInt32], _ count: Int) -> Bool {
    guard pairs.count % 2 == 0, pairs.allSatisfy({ $0 < count }) else { return false }
    var hanging = SlotSet(count: count)
    for pair in stride(from: 0, to: pairs.count, by: 2) {
      guard !hanging.contains(Int(pairs[pair])) else { return false }
      hanging.insert(Int(pairs[pair]))
    }
    return stride(from: 1, to: pairs.count, by: 2).allSatisfy { !hanging.contains(Int(pairs[$0])) }
  }

  private static func array<Element>(_ bytes: Column<UInt8>, of: Element.Type) -> [Element] {
    bytes.bytes(bytes.capacity).withMemoryRebound(to: Element.self) { Array($0) }
  }

  private static func code(_ distance: Distance) -> UInt64 {
    switch distance {
    case .cosine: 1
    case .l2: 2
    case .ip: 3
    }
  }

  private static func hash(_ id: String) -> UInt64 { Array(id.utf8).withUnsafeBytes { XXHash64.hash($0) } }
}
