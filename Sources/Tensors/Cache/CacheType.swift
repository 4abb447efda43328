import MartletKernels

/// How a cache holds keys and values.
public enum CacheType: Sendable {
  /// Four bytes a value: exact.
  case float32
  /// Two bytes a value, as llama.cpp's default.
  case float16

  var kernelType: martlet_cache_type {
    switch self {
    case .float32: MARTLET_CACHE_F32
    case .float16: MARTLET_CACHE_F16
    }
  }
}

/// What one position of a cache consists of.
public struct CacheShape: Sendable, Equatable {
  /// The model's layers.
  public var layers: Int
  /// Key/value heads in each layer.
  public var heads: Int
  /// The width of one head.
  public var headDimension: Int
  /// How values are held.
  public var type: CacheType

  /// A shape.
  public init(layers: Int, heads: Int, headDimension: Int, type: CacheType) {
    self.layers = layers
    self.heads = heads
    self.headDimension = headDimension
    self.type = type
  }

  /// The bytes that one layer has in a page.
  var layerByteCount: Int { martlet_page_bytes(type.kernelType, heads, headDimension) }
  /// The bytes of a page: ``KeyValueCache/positionsPerPage`` positions in all layers.
  public var pageByteCount: Int { max(1, layers) * layerByteCount }
}
