import MartletTensors

extension GGUFCursor {
  /// The tensor infos: `count` of them, with offsets still relative to the data section.
  mutating func readTensorInfos(count: Int) throws(CheckpointError) -> [GGUFTensorInfo] {
    var infos: [GGUFTensorInfo] = []
    infos.reserveCapacity(count)
    var names = Set<String>(minimumCapacity: count)
    for index in 0..<count {
      let start = offset
      let info = try readTensorInfo(index)
      guard names.insert(info.name).inserted else {
        throw malformed("tensor \(index)", "the name \(info.name) stands there twice", at: start)
      }
      infos.append(info)
    }
    return infos
  }

  private mutating func readTensorInfo(_ index: Int) throws(CheckpointError) -> GGUFTensorInfo {
    let start = offset
    let name = try readString(maximumBytes: 64, "name of tensor \(index)")
    let dimensions = try readDimensions(name)
    let typeOffset = offset
    let type = try read(UInt32.self, "type of tensor \(name)")
    guard let format = StorageFormat(ggufTypeID: type) else {
      guard let typeName = GGMLType.name(type) else {
        throw malformed("type of tensor \(name)", "there is no tensor type \(type)", at: typeOffset)
      }
      throw .unsupported(
        file: file,
        what: "The tensor \(name) is of type \(typeName) (number \(type)), which Martlet does not read",
        advice:
          "Choose another file of the model, such as Q4_K_M, Q8_0 or F16; the smallest that is read is Q2_K."
      )
    }
    let byteCount = try byteCount(name, dimensions, format, at: start)
    let offsetOffset = offset
    let dataOffset = try read(UInt64.self, "offset of tensor \(name)")
    guard let dataOffset = Int(exactly: dataOffset) else {
      throw malformed("offset of tensor \(name)", "\(dataOffset) is beyond any file", at: offsetOffset)
    }
    return GGUFTensorInfo(
      name: name, dimensions: dimensions, format: format, dataOffset: dataOffset, byteCount: byteCount,
      infoOffset: start)
  }

  private mutating func readDimensions(_ name: String) throws(CheckpointError) -> [Int] {
    let start = offset
    let rank = try read(UInt32.self, "dimensions of tensor \(name)")
    guard rank >= 1, rank <= 4 else {
      throw malformed("dimensions of tensor \(name)", "there are \(rank), not 1 to 4", at: start)
    }
    var dimensions: [Int] = []
    for axis in 0..<rank {
      let start = offset
      let size = try read(UInt64.self, "dimension \(axis) of tensor \(name)")
      guard size >= 1, let size = Int(exactly: size) else {
        throw malformed("dimension \(axis) of tensor \(name)", "\(size) is no size", at: start)
      }
      dimensions.append(size)
    }
    return dimensions
  }

  private func byteCount(
    _ name: String, _ dimensions: [Int], _ format: StorageFormat, at offset: Int
  ) throws(CheckpointError) -> Int {
    guard let columns = dimensions.first, columns % format.elementsPerBlock == 0 else {
      throw malformed(
        "tensor \(name)",
        "its rows of \(dimensions.first ?? 0) values are not whole \(format.rawValue) blocks of \(format.elementsPerBlock)",
        at: offset)
    }
    var bytes = columns / format.elementsPerBlock
    for factor in dimensions.dropFirst() + [format.bytesPerBlock] {
      let (product, overflow) = bytes.multipliedReportingOverflow(by: factor)
      guard !overflow else {
        throw malformed("tensor \(name)", "its dimensions \(dimensions) are beyond any file", at: offset)
      }
      bytes = product
    }
    // The number of values may overflow where that of bytes does not: several values share one byte.
    var elements = 1
    for size in dimensions {
      let (product, overflow) = elements.multipliedReportingOverflow(by: size)
      guard !overflow else {
        throw malformed("tensor \(name)", "its dimensions \(dimensions) are beyond any file", at: offset)
      }
      elements = product
    }
    return bytes
  }
}

/// What a GGUF file says of a tensor; its offset is relative to the data section.
struct GGUFTensorInfo {
  let name: String
  /// In the file's order, the contiguous one first.
  let dimensions: [Int]
  let format: StorageFormat
  let dataOffset: Int
  let byteCount: Int
  /// Where the info stands in the file.
  let infoOffset: Int
}

/// Turns infos into places in the file, after checking alignment, the file's end, and that none overlap.
struct GGUFTensorPlacement {
  let file: String
  let fileSize: Int
  let dataStart: Int
  let alignment: Int

  func byteRanges(_ infos: [GGUFTensorInfo]) throws(CheckpointError) -> [Range<Int>] {
    var ranges: [Range<Int>] = []
    ranges.reserveCapacity(infos.count)
    for info in infos { ranges.append(try byteRange(info)) }
    let byStart = ranges.indices.sorted { ranges[$0].lowerBound < ranges[$1].lowerBound }
    for (first, second) in zip(byStart, byStart.dropFirst())
    where ranges[first].upperBound > ranges[second].lowerBound {
      throw malformed(
        infos[second],
        "it begins at byte \(ranges[second].lowerBound), inside \(infos[first].name), which ends at \(ranges[first].upperBound)"
      )
    }
    return ranges
  }

  private func byteRange(_ info: GGUFTensorInfo) throws(CheckpointError) -> Range<Int> {
    guard info.dataOffset % alignment == 0 else {
      throw malformed(
        info, "its offset \(info.dataOffset) is no multiple of the alignment \(alignment)")
    }
    let available = fileSize - dataStart
    guard info.dataOffset <= available, info.byteCount <= available - info.dataOffset else {
      throw malformed(
        info,
        "it takes \(info.byteCount) bytes from offset \(info.dataOffset) of the data, which has \(max(0, available)). If the file was cut off, fetch it again"
      )
    }
    return dataStart + info.dataOffset..<dataStart + info.dataOffset + info.byteCount
  }

  private func malformed(_ info: GGUFTensorInfo, _ problem: String) -> CheckpointError {
    .malformed(file: file, field: "tensor \(info.name)", offset: info.infoOffset, problem: problem)
  }
}
