/// The pages of one sequence in one layer that live for one call, in the memory of tensors that are gone.
final class TemporaryPages {
  private let pointers: UnsafeMutablePointer<UnsafeRawPointer?>
  private let storages: [TensorStorage]

  init(count: Int, pageBytes: Int, device: Device) {
    storages = (0..<count).map { _ in
      TensorStorage(count: pageBytes / MemoryLayout<Float>.stride, device: device)
    }
    pointers = .allocate(capacity: max(1, count))
    for (index, storage) in storages.enumerated() {
      (pointers + index).initialize(to: UnsafeRawPointer(storage.pointer))
    }
  }

  deinit { pointers.deallocate() }

  var table: PageTable { PageTable(pointers: pointers, count: storages.count, owner: self) }
}
