"""Write a tiny `transformers` model as a GGUF file, laid out as llama.cpp's converter lays it out.

`write` returns the weights that the file holds, dequantized, under their `transformers` names.
"""
import gguf
import numpy as np
from gguf import GGMLQuantizationType as Type

TYPES = dict(f32=Type.F32, f16=Type.F16, bf16=Type.BF16, q8_0=Type.Q8_0, q4_0=Type.Q4_0, q4_1=Type.Q4_1,
             q5_0=Type.Q5_0, q5_1=Type.Q5_1)
DECODER = {
    "self_attn.q_proj": "attn_q", "self_attn.k_proj": "attn_k", "self_attn.v_proj": "attn_v",
    "self_attn.o_proj": "attn_output", "self_attn.q_norm": "attn_q_norm", "self_attn.k_norm": "attn_k_norm",
    "mlp.gate_proj": "ffn_gate", "mlp.up_proj": "ffn_up", "mlp.down_proj": "ffn_down",
    "input_layernorm": "attn_norm", "post_attention_layernorm": "ffn_norm"}
ENCODER = {
    "attention.self.query": "attn_q", "attention.self.key": "attn_k", "attention.self.value": "attn_v",
    "attention.output.dense": "attn_output", "attention.output.LayerNorm": "attn_output_norm",
    "intermediate.dense": "ffn_up", "output.dense": "ffn_down", "output.LayerNorm": "layer_output_norm"}
# GPT-2's matrices are stored the other way round in transformers; Phi 3's are fused in both.
GPT2 = {
    "ln_1": "attn_norm", "attn.c_attn": "attn_qkv", "attn.c_proj": "attn_output", "ln_2": "ffn_norm",
    "mlp.c_fc": "ffn_up", "mlp.c_proj": "ffn_down"}
PHI3 = {
    "self_attn.qkv_proj": "attn_qkv", "self_attn.o_proj": "attn_output", "mlp.gate_up_proj": "ffn_up",
    "mlp.down_proj": "ffn_down", "input_layernorm": "attn_norm", "post_attention_layernorm": "ffn_norm"}
OUTSIDE = {
    "transformer.wte": "token_embd", "transformer.wpe": "position_embd", "transformer.ln_f": "output_norm",

    "model.embed_tokens": "token_embd", "model.norm": "output_norm", "lm_head": "output",
    "embeddings.word_embeddings": "token_embd", "embeddings.position_embeddings": "position_embd",
    "embeddings.token_type_embeddings": "token_types", "embeddings.LayerNorm": "token_embd_norm"}


def gguf_name(name):
    """The GGUF name of a parameter, or None for one that GGUF leaves out (the pooler)."""
    stem, _, leaf = name.rpartition(".")
    if stem in OUTSIDE:
        return f"{OUTSIDE[stem]}.{leaf}"
    parts = stem.split(".")
    if parts[0] == "pooler":
        return None
    start = next(parts.index(part) for part in ("layers", "layer", "h") if part in parts)
    table = dict(layers=DECODER | PHI3, layer=ENCODER, h=GPT2)[parts[start]]
    return f"blk.{parts[start + 1]}.{table['.'.join(parts[start + 2:])]}.{leaf}"


def permuted(weight, heads):
    """Rotary pairs as llama.cpp's `llama` architecture wants them: neighbours instead of halves."""
    rows = weight.shape[0]
    return weight.reshape(heads, 2, rows // heads // 2, *weight.shape[1:]).swapaxes(1, 2).reshape(weight.shape)


def unpermuted(weight, heads):
    rows = weight.shape[0]
    return weight.reshape(heads, rows // heads // 2, 2, *weight.shape[1:]).swapaxes(1, 2).reshape(weight.shape)


def llama3_factors(configuration, head_size):
    """What `rope_freqs.weight` holds: the divisor of each rotary frequency (Llama 3.1's scaling)."""
    rope = configuration.rope_parameters
    factors = []
    for frequency in 1.0 / rope["rope_theta"] ** (np.arange(0, head_size, 2) / head_size):
        wavelength = 2 * np.pi / frequency
        low = rope["original_max_position_embeddings"] / rope["low_freq_factor"]
        high = rope["original_max_position_embeddings"] / rope["high_freq_factor"]
        if wavelength < high:
            factors.append(1.0)
        elif wavelength > low:
            factors.append(rope["factor"])
        else:
            smooth = (rope["original_max_position_embeddings"] / wavelength - rope["low_freq_factor"]) / (
                rope["high_freq_factor"] - rope["low_freq_factor"])
            factors.append(1 / ((1 - smooth) / rope["factor"] + smooth))
    return np.array(factors, np.float32)


def write_vocabulary(writer, architecture, size):
    """A vocabulary of the right size, so that other programs load the file too."""
    if architecture == "bert":
        tokens = ["[PAD]", "[UNK]", "[CLS]", "[SEP]"] + [f"\u2581w{i}" for i in range(4, size)]
        writer.add_tokenizer_model("bert")
        writer.add_token_list(tokens)
        writer.add_token_types([3] * 4 + [1] * (size - 4))
        writer.add_unk_token_id(1), writer.add_sep_token_id(3), writer.add_pad_token_id(0)
        writer.add_bos_token_id(2), writer.add_uint32("tokenizer.ggml.cls_token_id", 2)
        return
    tokens = ["<unk>", "<s>", "</s>"] + [f"w{i}" for i in range(3, size)]
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("smollm")
    writer.add_token_list(tokens)
    writer.add_token_types([3] * 3 + [1] * (size - 3))
    writer.add_token_merges(["w 1"])
    writer.add_bos_token_id(1), writer.add_eos_token_id(2)


def write_metadata(writer, configuration, architecture):
    writer.add_block_count(configuration.num_hidden_layers)
    writer.add_context_length(configuration.max_position_embeddings)
    writer.add_embedding_length(configuration.hidden_size)
    writer.add_feed_forward_length(getattr(configuration, "intermediate_size", 4 * configuration.hidden_size))
    writer.add_head_count(configuration.num_attention_heads)
    writer.add_vocab_size(configuration.vocab_size)
    write_vocabulary(writer, architecture, configuration.vocab_size)
    if architecture == "bert":
        writer.add_causal_attention(False)
        writer.add_layer_norm_eps(configuration.layer_norm_eps)
        writer.add_pooling_type(gguf.PoolingType.MEAN)
        return
    if architecture == "gpt2":
        writer.add_layer_norm_eps(configuration.layer_norm_epsilon)
        return
    head_size = getattr(configuration, "head_dim", None) or (
        configuration.hidden_size // configuration.num_attention_heads)
    writer.add_head_count_kv(configuration.num_key_value_heads)
    writer.add_key_length(head_size)
    writer.add_value_length(head_size)
    writer.add_layer_norm_rms_eps(configuration.rms_norm_eps)
    rope = configuration.rope_parameters
    writer.add_rope_freq_base(rope["rope_theta"])
    writer.add_rope_dimension_count(int(head_size * (rope.get("partial_rotary_factor") or 1)))
    if rope["rope_type"] == "longrope":
        original = configuration.original_max_position_embeddings
        scale = configuration.max_position_embeddings / original
        writer.add_rope_scaling_orig_ctx_len(original)
        writer.add_rope_scaling_attn_factors((1 + np.log(scale) / np.log(original)) ** 0.5)
        writer.add_sliding_window(configuration.sliding_window)
        for kind in ("short", "long"):
            writer.add_tensor(f"rope_factors_{kind}.weight", np.array(rope[f"{kind}_factor"], np.float32))
    if rope["rope_type"] == "linear":
        writer.add_rope_scaling_type(gguf.RopeScalingType.LINEAR)
        writer.add_rope_scaling_factor(rope["factor"])
    if rope["rope_type"] == "llama3":
        writer.add_tensor("rope_freqs.weight", llama3_factors(configuration, head_size))


def write(path, model, variant):
    configuration = model.config
    architecture = configuration.model_type
    writer = gguf.GGUFWriter(path, architecture)
    writer.add_name(f"tiny {architecture}")
    write_metadata(writer, configuration, architecture)
    heads = dict(q_proj=configuration.num_attention_heads,
                 k_proj=getattr(configuration, "num_key_value_heads", None))
    held = {}
    for name, tensor in model.state_dict().items():
        target = gguf_name(name) if "position_ids" not in name else None
        if target is None or (name == "lm_head.weight" and configuration.tie_word_embeddings):
            continue
        weight = tensor.numpy()
        if architecture == "gpt2" and weight.ndim > 1 and ".h." in name:
            weight = np.ascontiguousarray(weight.T)
        part = name.split(".")[-2]
        rotary = architecture == "llama" and part in heads
        if rotary:
            weight = permuted(weight, heads[part])
        kind = TYPES[variant] if weight.ndim > 1 else Type.F32
        data = gguf.quants.quantize(weight, kind)
        back = gguf.quants.dequantize(data, kind).reshape(weight.shape)
        held[name] = unpermuted(back, heads[part]) if rotary else back
        writer.add_tensor(target, data, raw_dtype=kind)
    if configuration.tie_word_embeddings and "model.embed_tokens.weight" in held:
        held["lm_head.weight"] = held["model.embed_tokens.weight"]
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return held
