"""What a model's file says about its size: enough of GGUF to work out the bytes and operations of a token."""
import mmap
import struct

SCALARS = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "?", 10: "Q", 11: "q", 12: "d"}
STRING, ARRAY = 8, 9


class ModelSize:
    """Bytes read and weights multiplied for one token."""

    def __init__(self, path):
        with open(path, "rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            self.data, self.at = data, 24
            tensor_count, value_count = struct.unpack_from("<QQ", data, 8)
            self.values = {self.string(): self.value() for _ in range(value_count)}
            tensors = [self.tensor() for _ in range(tensor_count)]
            self.measure(tensors, len(data))
            self.data = None

    def take(self, form):
        value, = struct.unpack_from("<" + form, self.data, self.at)
        self.at += struct.calcsize("<" + form)
        return value

    def string(self):
        length = self.take("Q")
        self.at += length
        return self.data[self.at - length:self.at].decode("utf-8", "replace")

    def value(self):
        kind = self.take("I")
        if kind == STRING:
            return self.string()
        if kind != ARRAY:
            return self.take(SCALARS[kind])
        element, count = self.take("I"), self.take("Q")
        if element == STRING:
            for _ in range(count):
                length = self.take("Q")
                self.at += length
        else:
            self.at += count * struct.calcsize("<" + SCALARS[element])
        return None

    def tensor(self):
        name = self.string()
        shape = [self.take("Q") for _ in range(self.take("I"))]
        kind, offset = self.take("I"), self.take("Q")
        return name, shape, kind, offset

    def measure(self, tensors, file_size):
        alignment = self.values.get("general.alignment", 32)
        start = -(-self.at // alignment) * alignment
        ordered = sorted(tensors, key=lambda tensor: tensor[3])
        ends = [tensor[3] for tensor in ordered[1:]] + [file_size - start]
        size = {tensor[0]: end - tensor[3] for tensor, end in zip(ordered, ends)}
        tied = "output.weight" not in size
        head = "token_embd.weight" if tied else "output.weight"
        self.token_bytes = sum(size.values()) - (0 if tied else size["token_embd.weight"])
        products = {name: shape[0] * shape[1] for name, shape, _, _ in tensors if len(shape) == 2}
        self.head_weights = products[head]
        self.layer_weights = sum(n for name, n in products.items() if name.startswith("blk."))
        kind = self.values["general.architecture"]
        heads, kv_heads = (self.values[f"{kind}.attention.head_count{s}"] for s in ("", "_kv"))
        width = self.values[f"{kind}.embedding_length"] // heads * kv_heads
        self.cache_bytes_per_position = 2 * 2 * width * self.values[f"{kind}.block_count"]  # K and V in 16 bits
