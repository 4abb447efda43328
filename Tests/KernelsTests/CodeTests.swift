import MartletKernels
import MartletSeededRandom
import Testing

/// Vectors in 8 bits, what that leaves of them, and sketches: the same in every form.
@Suite("Codes")
struct CodeTests {
  @Test("Vectors are rounded to the same codes by every form, whatever their length", arguments: Form.others)
  func encode(form: Form) {
    var random = SplitMix64(1)
    for n in Array(1...70) + [127, 128, 129, 383, 384, 385] {
      let memory = Memory()
      defer { memory.release() }
      let stride = (n + 127) / 128 * 128
      let vector = memory.copy(random.floats(n))
      let (ours, portable) = (memory.empty(stride, of: Int8.self), memory.empty(stride, of: Int8.self))
      let scale = form.graphs.encode_query(vector, n, ours, stride)
      #expect(scale == Form.portable.graphs.encode_query(vector, n, portable, stride))
      #expect(ours.first(stride) == portable.first(stride))
      #expect(ours.first(n).allSatisfy { (-127...127).contains($0) })
      #expect(ours.first(stride).dropFirst(n).allSatisfy { $0 == 0 })
      let (planes, others) = (memory.empty(stride, of: UInt8.self), memory.empty(stride, of: UInt8.self))
      #expect(form.graphs.encode_node(vector, n, planes, stride) == scale)
      #expect(Form.portable.graphs.encode_node(vector, n, others, stride) == scale)
      #expect(planes.first(stride) == others.first(stride))
    }
  }

  @Test("A vector comes back from its code and what that leaves, alike in every form", arguments: Form.others)
  func remainders(form: Form) {
    var random = SplitMix64(17)
    for n in Array(1...70) + [127, 128, 129, 191, 192, 193, 255, 256, 383, 384, 385] {
      let memory = Memory()
      defer { memory.release() }
      let stride = (n + 127) / 128 * 128
      for size: Float in [1, 0, 1e-30, 3e38] {
        let numbers = random.floats(n).map { $0 * size }
        let vector = memory.copy(numbers)
        let planes = memory.empty(stride, of: UInt8.self)
        let scale = form.graphs.encode_node(vector, n, planes, stride)
        let (ours, portable) = (memory.empty(n, of: Int16.self), memory.empty(n, of: Int16.self))
        let lost = form.graphs.encode_remainders(vector, n, ours)
        #expect(lost == Form.portable.graphs.encode_remainders(vector, n, portable))
        let top = Int(numbers.map { abs($0) }.max()?.exponentBitPattern ?? 0)
        #expect(lost == numbers.reduce(0) { $0 + ($1 == 0 ? 0 : top - Int($1.exponentBitPattern)) })
        #expect(ours.first(n) == portable.first(n))
        let (back, other) = (memory.empty(n), memory.empty(n))
        form.graphs.decode_node(planes, stride, scale, ours, n, back)
        Form.portable.graphs.decode_node(planes, stride, scale, ours, n, other)
        #expect(back.first(n) == other.first(n))
        // A 65,536th of the scale, and what a float of the number's size cannot tell apart.
        #expect(
          zip(back.first(n), numbers).allSatisfy {
            abs(Double($0) - Double($1)) <= Double(scale) / 65_536 + Double($1.ulp)
          }, "\(n) numbers of \(size)")
      }
    }
  }

  @Test("A node's sketch has the signs of its code, alike in every form", arguments: Form.all)
  func sketches(form: Form) {
    var random = SplitMix64(18)
    #expect([128, 256].allSatisfy { martlet_sketch_bytes($0) == 0 })
    for n in [300, 384, 385, 512, 640, 1024] {
      let memory = Memory()
      defer { memory.release() }
      let stride = (n + 127) / 128 * 128
      let vector = memory.copy(random.floats(n))
      let planes = memory.empty(stride, of: UInt8.self)
      let scale = form.graphs.encode_node(vector, n, planes, stride)
      let code = memory.empty(stride, of: Int8.self)
      _ = form.graphs.encode_query(vector, n, code, stride)
      let bytes = martlet_sketch_bytes(stride)
      let sketch = memory.empty(bytes, of: UInt8.self)
      form.graphs.sketch_node(planes, stride, scale, 2.5, sketch)
      for number in 0..<n {
        let group = number / 256 * 32
        let wide = min(32, stride / 8 - group)
        let (step, byte) = ((number - 8 * group) / wide, group + (number - 8 * group) % wide)
        #expect(sketch[byte] >> UInt8(7 - step) & 1 == (code[number] >= 0 ? 1 : 0))
      }
      let factors = UnsafeRawPointer(sketch + stride / 8)
      let (squares, sum) = code.first(n).reduce((0, 0)) { ($0.0 + Int($1) * Int($1), $0.1 + abs(Int($1))) }
      #expect(factors.loadUnaligned(as: Float.self) == scale * Float(squares) / Float(sum))
      #expect(factors.loadUnaligned(fromByteOffset: 4, as: Float.self) == 2.5)
    }
  }

  @Test("A vector of zeros has a code of zeros, and the scale 0", arguments: Form.all)
  func zeros(form: Form) {
    let memory = Memory()
    defer { memory.release() }
    let (code, planes) = (memory.empty(128, of: Int8.self), memory.empty(128, of: UInt8.self))
    #expect(form.graphs.encode_query([0, 0, 0], 3, code, 128) == 0)
    #expect(code.first(128).allSatisfy { $0 == 0 })
    #expect(form.graphs.encode_node([0, 0, 0], 3, planes, 128) == 0)
    #expect(planes.first(128) == [8, 8, 8] + [UInt8](repeating: 0, count: 125))
  }
}
