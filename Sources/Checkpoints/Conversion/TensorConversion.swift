import MartletTensors

/// A tensor that is to be written, and where its values come from.
struct TensorConversion: Sendable {
  /// Where values come from.
  enum Source: Sendable {
    /// A tensor of the model, by its name there.
    case tensor(TensorDescription)
    /// Values that stand in no tensor of the model.
    case values([Float])
  }

  var source: Source
  /// Its name in what is written.
  var name: String
  /// Its sizes, in PyTorch's order.
  var shape: [Int]
  /// The type that it is written in.
  var format: StorageFormat
  /// The type that it would have been written in if its rows were whole blocks of that.
  var wanted: StorageFormat?
  /// Which row of the source is row `i` of what is written; nil keeps the order.
  var rowOrder: (@Sendable (Int) -> Int)?
  /// What is added to every value.
  var addend: Float = 0
  /// What changes the values before that.
  var update: WeightUpdate?
  /// The name that Hugging Face has for what is changed.
  var modelName = ""
  /// Which row of Hugging Face's matrix is row `i` of the source; nil keeps the order.
  var modelRow: (@Sendable (Int) -> Int)?

  /// The type that the model has it in.
  var sourceFormat: StorageFormat {
    if case .tensor(let tensor) = source { tensor.format } else { .float32 }
  }

  /// The bytes that it takes where it is written.
  var byteCount: Int {
    shape.reduce(1, *) / format.elementsPerBlock * format.bytesPerBlock
  }

  /// Rows and columns. Of a vector whose order changes each value is a row.
  fileprivate var matrix: (rows: Int, columns: Int) {
    let elements = shape.reduce(1, *)
    guard shape.count > 1 || rowOrder != nil || update != nil else { return (1, elements) }
    let rows = shape.count > 1 ? shape.dropLast().reduce(1, *) : elements
    return (rows, rows > 0 ? elements / rows : 0)
  }
}

/// Writes tensors one after another, a few megabytes at a time, so that no model need fit into memory.
struct TensorWriter {
  let tensors: any TensorSource
  let device: Device
  /// Where the model is, for messages.
  let path: String
  /// Takes down what rounding does to weights that change.
  var ledger: RoundingLedger?

  private static let slabValues = 4 << 20

  /// Hands a tensor's bytes on, part by part.
  /// - Throws: ``CheckpointError`` where the model cannot be read or the type cannot hold a value, `CancellationError`
  ///   where the task is cancelled, and what `write` throws.
  func write(_ conversion: TensorConversion, _ write: (UnsafeRawBufferPointer) throws -> Void) throws {
    guard case .tensor(let tensor) = conversion.source else {
      guard case .values(let values) = conversion.source else { return }
      try encode(values, columns: values.count, conversion, write)
      return
    }
    try tensors.withBytes(of: tensor.name) { bytes in
      if tensor.format == conversion.format, conversion.addend == 0, conversion.update == nil {
        try copy(bytes, conversion, write)
      } else {
        try recode(bytes, tensor, conversion, write)
      }
    }
    tensors.discardPages(of: tensor.name)
  }

  /// Hands the bytes on as they are, row by row where the order changes.
  private func copy(
    _ bytes: UnsafeRawBufferPointer, _ conversion: TensorConversion,
    _ write: (UnsafeRawBufferPointer) throws -> Void
  ) throws {
    let (rows, _) = conversion.matrix
    guard let order = conversion.rowOrder, rows > 0 else {
      var offset = 0
      while offset < bytes.count {
        try Task.checkCancellation()
        let end = min(bytes.count, offset + 8 << 20)
        try write(UnsafeRawBufferPointer(rebasing: bytes[offset..<end]))
        offset = end
      }
      return
    }
    let rowBytes = bytes.count / rows
    var slab: [UInt8] = []
    for row in 0..<rows {
      let start = order(row) * rowBytes
      slab.append(contentsOf: bytes[start..<start + rowBytes])
      guard slab.count >= 4 << 20 || row == rows - 1 else { continue }
      try Task.checkCancellation()
      try slab.withUnsafeBytes { try write($0) }
      slab.removeAll(keepingCapacity: true)
    }
  }

  private func recode(
    _ bytes: UnsafeRawBufferPointer, _ tensor: TensorDescription, _ conversion: TensorConversion,
    _ write: (UnsafeRawBufferPointer) throws -> Void
  ) throws {
    let (rows, columns) = conversion.matrix
    guard rows > 0, columns > 0 else { return }
    let slabRows = max(16, Self.slabValues / columns / 16 * 16)
    var values = [Float](repeating: 0, count: min(rows, slabRows) * columns)
    for start in stride(from: 0, to: rows, by: slabRows) {
      try Task.checkCancellation()
      let part = start..<min(rows, start + slabRows)
      if values.count != part.count * columns {
        values = [Float](repeating: 0, count: part.count * columns)
      }
      do {
        try values.withUnsafeMutableBufferPointer { room in
          try device.decodeRows(
            part, columns: columns, format: tensor.format, bytes: bytes, rowOrder: conversion.rowOrder,
            into: room)
        }
      } catch let error as TensorError {
        throw CheckpointError.malformed(
          file: path, field: "tensor \(tensor.nameInFile)", offset: nil, problem: "\(error)")
      }
      let before = values
      if let update = conversion.update {
        let rows = part.map { row in
          let source = conversion.rowOrder?(row) ?? row
          return conversion.modelRow?(source) ?? source
        }
        update(rows, &values)
      }
      if conversion.addend != 0 { for index in values.indices { values[index] += conversion.addend } }
      try encode(values, columns: columns, conversion) { bytes in
        try write(bytes)
        guard let ledger, conversion.update != nil else { return }
        var written = [Float](repeating: 0, count: values.count)
        try written.withUnsafeMutableBufferPointer { room in
          try device.decodeRows(
            0..<part.count, columns: columns, format: conversion.format, bytes: bytes, into: room)
        }
        ledger.add(
          conversion.modelName, from: tensor.format, to: conversion.format,
          before: conversion.addend == 0 ? before : before.map { $0 + conversion.addend }, exact: values,
          written: written)
      }
    }
  }

  private func encode(
    _ values: [Float], columns: Int, _ conversion: TensorConversion,
    _ write: (UnsafeRawBufferPointer) throws -> Void
  ) throws {
    let format = conversion.format
    var bytes = [UInt8](repeating: 0, count: values.count / format.elementsPerBlock * format.bytesPerBlock)
    do {
      try values.withUnsafeBufferPointer { values in
        try bytes.withUnsafeMutableBytes { room in
          try device.encodeRows(values, columns: columns, format: format, into: room)
        }
      }
    } catch let error as TensorError {
      throw CheckpointError.malformed(
        file: path, field: "tensor \(conversion.name)", offset: nil, problem: "\(error)")
    }
    try bytes.withUnsafeBytes { try write($0) }
  }
}
