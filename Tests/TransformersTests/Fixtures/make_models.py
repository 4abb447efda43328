#!/usr/bin/env python3
"""Make the tiny random-weight models that the architectures are compared with, layer by layer.

    HF_HUB_OFFLINE=1 python make_models.py [NAME ...]
    HF_HUB_OFFLINE=1 python make_models.py --real DIRECTORY [NAME ...]

The second form makes models with the head sizes, the grouping and the vocabularies of published ones, and two layers,
which are too large to keep: MARTLET_REAL_MODELS=DIRECTORY has the tests compare them, too. Their references hold a few
hundred logits of each token.

Each model is made by `transformers` from a fixed seed, saved next to this file in a folder of its own
(config.json and safetensors), and run in float32. `reference.json` beside it holds, for several token
sequences, what came out:

    sequences[].ids            token ids
    sequences[].type_ids       token types (BERT only)
    sequences[].hidden_states  [layers + 1][tokens][hidden]: first the embeddings as they enter layer 0, then
                               the output of each layer, BEFORE the final norm
    sequences[].final          [tokens][hidden]: after the final norm (BERT has none: the last layer's output)
    sequences[].logits         [tokens][vocabulary]; of a classifier of texts [1][labels], of tokens [tokens][labels];
                               left out where there is no head
    sequences[].next_sentence  [1][2] (BERT as it was pretrained)

Numbers are rounded to six significant digits. Weights saved as BF16 or F16 were rounded BEFORE the run, so
the reference is exact for what the file holds. Where a model has GGUF variants, they stand in the same folder:
`f32.gguf` has the same weights (same reference), `q8_0.gguf` and so on have their own `q8_0.reference.json`
computed from the weights the file really holds, dequantized by the `gguf` package (`hidden_states` left out).

Made with transformers 5.23.0, torch 2.15.0, gguf 0.19.0.
"""
import copy
import json
import os
import sys

import numpy as np
import torch
import transformers as tf

HERE = os.path.dirname(os.path.abspath(__file__))
DECODER = dict(
    vocab_size=128, hidden_size=64, intermediate_size=96, num_hidden_layers=2, num_attention_heads=4,
    num_key_value_heads=2, max_position_embeddings=128, rms_norm_eps=1e-5, tie_word_embeddings=False,
    bos_token_id=1, eos_token_id=2, pad_token_id=None)
SMALL = dict(DECODER, hidden_size=32, intermediate_size=64, num_attention_heads=2, num_key_value_heads=1)
TINY = dict(SMALL, vocab_size=96, head_dim=32, intermediate_size=48)
ENCODER = dict(
    vocab_size=96, hidden_size=32, intermediate_size=48, num_hidden_layers=2, num_attention_heads=2,
    max_position_embeddings=40, type_vocab_size=2, pad_token_id=0)


def without(members, key):
    return {name: value for name, value in members.items() if name != key}


# name: (configuration, model class, storage type, largest shard or None, GGUF variants)
MODELS = {
    "llama-llama3": (lambda: tf.LlamaConfig(**DECODER, rope_parameters=dict(
        rope_type="llama3", rope_theta=10000.0, factor=8.0, low_freq_factor=1.0, high_freq_factor=4.0,
        original_max_position_embeddings=16)), tf.LlamaForCausalLM, torch.bfloat16, None, ["bf16"]),
    "llama-linear": (lambda: tf.LlamaConfig(**dict(SMALL, tie_word_embeddings=True), rope_parameters=dict(
        rope_type="linear", rope_theta=10000.0, factor=2.0)), tf.LlamaForCausalLM, torch.float32, None,
        ["f32", "q8_0", "q4_0", "q4_1", "q5_0", "q5_1"]),
    "llama-sharded": (lambda: tf.LlamaConfig(**dict(SMALL, num_attention_heads=4, num_key_value_heads=2),
        head_dim=16, rope_parameters=dict(rope_type="default", rope_theta=100000.0)),
        tf.LlamaForCausalLM, torch.float16, "24KB", ["f16"]),
    "qwen2": (lambda: tf.Qwen2Config(**dict(DECODER, tie_word_embeddings=True), rope_parameters=dict(
        rope_type="default", rope_theta=1000000.0)), tf.Qwen2ForCausalLM, torch.bfloat16, None, ["q5_0"]),
    "bert": (lambda: tf.BertConfig(
        vocab_size=128, hidden_size=32, intermediate_size=64, num_hidden_layers=2, num_attention_heads=2,
        max_position_embeddings=48, type_vocab_size=2, hidden_act="gelu", layer_norm_eps=1e-12,
        pad_token_id=0), tf.BertModel, torch.float32, None, ["f32"]),
    "qwen3": (lambda: tf.Qwen3Config(**dict(SMALL, num_attention_heads=4, num_key_value_heads=2), head_dim=16,
        rope_parameters=dict(rope_type="default", rope_theta=1000000.0)),
        tf.Qwen3ForCausalLM, torch.float32, None, ["f32"]),
    "mistral": (lambda: tf.MistralConfig(**dict(SMALL, num_attention_heads=4, num_key_value_heads=2), head_dim=16,
        sliding_window=8, rope_parameters=dict(rope_type="default", rope_theta=10000.0)),
        tf.MistralForCausalLM, torch.float32, None, []),
    "gemma3": (lambda: tf.Gemma3TextConfig(**dict(
        SMALL, num_hidden_layers=3, num_attention_heads=4, num_key_value_heads=2, tie_word_embeddings=True),
        head_dim=16, sliding_window=8, query_pre_attn_scalar=24, hidden_activation="gelu_pytorch_tanh",
        layer_types=["sliding_attention", "sliding_attention", "full_attention"],
        rope_parameters=dict(
            full_attention=dict(rope_type="linear", factor=8.0, rope_theta=1000000.0),
            sliding_attention=dict(rope_type="default", rope_theta=10000.0))),
        tf.Gemma3ForCausalLM, torch.float32, None, []),
    "gpt2": (lambda: tf.GPT2Config(
        vocab_size=96, n_embd=32, n_layer=2, n_head=2, n_positions=32, bos_token_id=1, eos_token_id=2),
        tf.GPT2LMHeadModel, torch.float32, None, ["f32"]),
    "phi3": (lambda: tf.Phi3Config(**dict(TINY, num_attention_heads=2, num_key_value_heads=1, hidden_size=64),
        sliding_window=16, original_max_position_embeddings=12, rope_parameters=dict(
            rope_type="longrope", rope_theta=10000.0, partial_rotary_factor=0.75,
            short_factor=[1.0 + 0.01 * i for i in range(12)], long_factor=[1.5 + 0.3 * i for i in range(12)])),
        tf.Phi3ForCausalLM, torch.float32, None, ["f32"]),
    "llama-yarn": (lambda: tf.LlamaConfig(**dict(TINY, hidden_act="gelu"), rope_parameters=dict(
        rope_type="yarn", rope_theta=10000.0, factor=4.0, original_max_position_embeddings=32, beta_fast=16)),
        tf.LlamaForCausalLM, torch.float32, None, []),
    "llama-dynamic": (lambda: tf.LlamaConfig(**dict(TINY, max_position_embeddings=12), rope_parameters=dict(
        rope_type="dynamic", rope_theta=10000.0, factor=2.0)), tf.LlamaForCausalLM, torch.float32, None, []),
    "bert-pretraining": (lambda: tf.BertConfig(**ENCODER), tf.BertForPreTraining, torch.float32, None, []),
    "bert-labels": (lambda: tf.BertConfig(**ENCODER, id2label={0: "no", 1: "yes", 2: "neither"}),
        tf.BertForSequenceClassification, torch.float32, None, []),
    "bert-tokens": (lambda: tf.BertConfig(**ENCODER, id2label={0: "O", 1: "B-PER", 2: "I-PER"}),
        tf.BertForTokenClassification, torch.float32, None, []),
    "distilbert": (lambda: tf.DistilBertConfig(
        vocab_size=96, dim=32, hidden_dim=48, n_layers=2, n_heads=2, max_position_embeddings=32),
        tf.DistilBertForMaskedLM, torch.float32, None, []),
    "distilbert-labels": (lambda: tf.DistilBertConfig(
        vocab_size=96, dim=32, hidden_dim=48, n_layers=2, n_heads=2, max_position_embeddings=32),
        tf.DistilBertForSequenceClassification, torch.float32, None, []),
    "roberta": (lambda: tf.RobertaConfig(**dict(ENCODER, pad_token_id=1, type_vocab_size=1)),
        tf.RobertaForMaskedLM, torch.float32, None, []),
    "xlm-roberta-score": (lambda: tf.XLMRobertaConfig(
        **dict(ENCODER, pad_token_id=1, type_vocab_size=1), num_labels=1),
        tf.XLMRobertaForSequenceClassification, torch.float32, None, []),
    "mpnet": (lambda: tf.MPNetConfig(**without(dict(ENCODER, pad_token_id=1, max_position_embeddings=180), "type_vocab_size")),
        tf.MPNetForMaskedLM, torch.float32, None, []),
    "mpnet-labels": (lambda: tf.MPNetConfig(**without(dict(ENCODER, pad_token_id=1), "type_vocab_size"), num_labels=4),
        tf.MPNetForSequenceClassification, torch.float32, None, []),
}
LENGTHS = (1, 7, 20)

# Head sizes, grouping and vocabularies of published models, with two layers and narrow feed-forward networks.
LAYERS = dict(num_hidden_layers=2, intermediate_size=512, max_position_embeddings=512, bos_token_id=1, eos_token_id=2,
              pad_token_id=None)
REAL = {
    "gpt2": (lambda: tf.GPT2Config(n_layer=2), tf.GPT2LMHeadModel),
    "qwen3-0.6b": (lambda: tf.Qwen3Config(
        vocab_size=151936, hidden_size=1024, num_attention_heads=16, num_key_value_heads=8, head_dim=128,
        tie_word_embeddings=True, rope_parameters=dict(rope_type="default", rope_theta=1000000.0), **LAYERS),
        tf.Qwen3ForCausalLM),
    "gemma-3-270m": (lambda: tf.Gemma3TextConfig(
        vocab_size=262144, hidden_size=640, num_attention_heads=4, num_key_value_heads=1, head_dim=256,
        sliding_window=32, query_pre_attn_scalar=256, layer_types=["sliding_attention", "full_attention"],
        tie_word_embeddings=True, **LAYERS), tf.Gemma3ForCausalLM),
    "phi-3-mini": (lambda: tf.Phi3Config(
        **dict(LAYERS, max_position_embeddings=1024), vocab_size=32064, hidden_size=3072, num_attention_heads=32,
        num_key_value_heads=32, sliding_window=64, original_max_position_embeddings=100, rope_parameters=dict(
            rope_type="longrope", rope_theta=10000.0, short_factor=[1.0 + 0.01 * i for i in range(48)],
            long_factor=[1.0 + 0.5 * i for i in range(48)])), tf.Phi3ForCausalLM),
    "phi-4-mini": (lambda: tf.Phi3Config(
        **LAYERS, vocab_size=200064, hidden_size=3072, num_attention_heads=24, num_key_value_heads=8,
        tie_word_embeddings=True, rope_parameters=dict(
            rope_type="default", rope_theta=10000.0, partial_rotary_factor=0.75)), tf.Phi3ForCausalLM),
    "llama-3.2-1b": (lambda: tf.LlamaConfig(
        **LAYERS, vocab_size=128256, hidden_size=2048, num_attention_heads=32, num_key_value_heads=8, head_dim=64,
        tie_word_embeddings=True, rope_parameters=dict(
            rope_type="llama3", rope_theta=500000.0, factor=32.0, low_freq_factor=1.0, high_freq_factor=4.0,
            original_max_position_embeddings=64)), tf.LlamaForCausalLM),
    "bert-base": (lambda: tf.BertConfig(num_hidden_layers=2), tf.BertForPreTraining),
    "distilbert-base": (lambda: tf.DistilBertConfig(n_layers=2), tf.DistilBertForMaskedLM),
    "roberta-base": (lambda: tf.RobertaConfig(
        vocab_size=50265, num_hidden_layers=2, max_position_embeddings=514, type_vocab_size=1, layer_norm_eps=1e-5),
        tf.RobertaForMaskedLM),
    "xlm-roberta-base": (lambda: tf.XLMRobertaConfig(
        vocab_size=250002, num_hidden_layers=2, max_position_embeddings=514, type_vocab_size=1, layer_norm_eps=1e-5),
        tf.XLMRobertaForMaskedLM),
    "mpnet-base": (lambda: tf.MPNetConfig(num_hidden_layers=2, max_position_embeddings=514, layer_norm_eps=1e-5),
        tf.MPNetForMaskedLM),
    "minilm-cross-encoder": (lambda: tf.BertConfig(
        num_hidden_layers=2, hidden_size=384, intermediate_size=1536, num_labels=1),
        tf.BertForSequenceClassification),
}
REAL_LENGTHS = (9, 150)
# Saved with the `rope_theta` and `rope_scaling` keys of transformers before 5, as most published models are.
OLD_STYLE = {"llama-linear", "qwen2"}


def rounded(tensor):
    """Nested lists with six significant digits."""
    if tensor.dim() > 1:
        return [rounded(row) for row in tensor]
    return [float(f"{value:.6g}") for value in tensor.tolist()]


def randomize(model, generator):
    """Weights large enough that attention and norms matter; biases and norms away from 0 and 1."""
    with torch.no_grad():
        for name, weight in sorted(model.named_parameters()):
            noise = torch.randn(weight.shape, generator=generator)
            if "relative_attention_bias" in name:
                weight.copy_(noise)
            elif weight.dim() == 1:  # norms and biases
                centre = 0.0 if name.endswith("bias") or model.config.model_type == "gemma3_text" else 1.0
                weight.copy_(centre + 0.25 * noise)
            elif "embed" in name or name.endswith(("wte.weight", "wpe.weight")):
                weight.copy_(0.7 * noise)
            else:
                inputs = weight.shape[0 if model.config.model_type == "gpt2" else 1]
                weight.copy_(noise * 1.3 / inputs ** 0.5)


def attribute(module, path):
    for name in path.split("."):
        module = getattr(module, name, None)
    return module


def run(model, sequences, sample=lambda logits: logits):
    """The reference outputs of every sequence, each run alone; of the logits of tokens what `sample` takes."""
    inner = model.base_model
    layers = next(
        layers for path in ("encoder.layer", "transformer.layer", "layers", "h")
        for layers in [attribute(inner, path)] if layers is not None)
    caught = []
    hooks = [layers[0].register_forward_pre_hook(
        lambda module, args, kwargs: caught.append(args[0] if args else kwargs["hidden_states"]), with_kwargs=True)]
    hooks += [layer.register_forward_hook(
        lambda module, args, out: caught.append(out[0] if isinstance(out, tuple) else out)) for layer in layers]
    results = []
    for sequence in sequences:
        caught.clear()
        inputs = dict(input_ids=torch.tensor([sequence["ids"]]))
        if "type_ids" in sequence:
            inputs["token_type_ids"] = torch.tensor([sequence["type_ids"]])
        with torch.no_grad():
            out = model(**inputs, output_hidden_states=True)
        states = [state.reshape(-1, state.shape[-1]) for state in caught]
        assert len(states) == len(layers) + 1
        final = out.last_hidden_state[0] if hasattr(out, "last_hidden_state") else out.hidden_states[-1][0]
        record = dict(sequence, hidden_states=[rounded(state) for state in states], final=rounded(final))
        logits = getattr(out, "logits", getattr(out, "prediction_logits", None))
        if logits is not None:
            logits = logits[0]
            record["logits"] = rounded(sample(logits) if logits.dim() > 1 else logits[None])
        if hasattr(out, "seq_relationship_logits"):
            record["next_sentence"] = rounded(out.seq_relationship_logits)
        results.append(record)
    for hook in hooks:
        hook.remove()
    return results


def write_reference(path, model, sequences, states=True):
    document = dict(
        made_with=dict(transformers=tf.__version__, torch=torch.__version__.split("+")[0]),
        model_type=model.config.model_type, sequences=run(model, sequences))
    if not states:
        for sequence in document["sequences"]:
            del sequence["hidden_states"]
    with open(path, "w") as file:
        file.write(json.dumps(document, separators=(",", ":")) + "\n")


def rewrite_rope(path):
    """Put config.json's rotary parameters where transformers before 5 had them."""
    with open(path) as file:
        document = json.load(file)
    rope = document.pop("rope_parameters")
    document["rope_theta"] = rope.pop("rope_theta")
    kind = rope.pop("rope_type")
    document["rope_scaling"] = None if kind == "default" else dict(rope, type=kind)
    with open(path, "w") as file:
        file.write(json.dumps(document, indent=2, sort_keys=True) + "\n")


def make(name):
    configure, kind, dtype, shard, variants = MODELS[name]
    configuration = configure()
    configuration._attn_implementation = "eager"
    generator = torch.Generator().manual_seed(20240229 + sorted(MODELS).index(name))
    model = kind(configuration).float().eval()
    randomize(model, generator)
    with torch.no_grad():  # the weights alone: a cast of the model would round its rotary frequencies too
        for weight in model.parameters():
            weight.copy_(weight.to(dtype))
    folder = os.path.join(HERE, name)
    os.makedirs(folder, exist_ok=True)
    copy.deepcopy(model).to(dtype).save_pretrained(folder, **(dict(max_shard_size=shard) if shard else {}))
    generation = os.path.join(folder, "generation_config.json")
    if os.path.exists(generation):
        os.remove(generation)
    if name in OLD_STYLE:
        rewrite_rope(os.path.join(folder, "config.json"))

    sequences = []
    for length in LENGTHS:
        ids = torch.randint(3, configuration.vocab_size, (length,), generator=generator).tolist()
        sequence = dict(ids=ids)
        if getattr(configuration, "type_vocab_size", 1) > 1:
            sequence["type_ids"] = [0] * (length - length // 3) + [1] * (length // 3)
        sequences.append(sequence)
    write_reference(os.path.join(folder, "reference.json"), model, sequences)
    for variant in variants:
        import make_gguf
        path = os.path.join(folder, variant + ".gguf")
        held = make_gguf.write(path, model, variant)
        if variant not in ("f32", {torch.bfloat16: "bf16", torch.float16: "f16"}.get(dtype)):
            original = {key: value.clone() for key, value in model.state_dict().items()}
            model.load_state_dict({key: torch.from_numpy(np.array(value)) for key, value in held.items()}, strict=False)
            write_reference(os.path.join(folder, variant + ".reference.json"), model, sequences, states=False)
            model.load_state_dict(original)
    total = sum(os.path.getsize(os.path.join(folder, file)) for file in os.listdir(folder))
    print(f"{name}: {sum(p.numel() for p in model.parameters())} parameters, {total // 1024} KiB in all")


def make_real(name, directory):
    configure, kind = REAL[name]
    configuration = configure()
    configuration._attn_implementation = "eager"
    generator = torch.Generator().manual_seed(20261130 + sorted(REAL).index(name))
    model = kind(configuration).float().eval()
    randomize(model, generator)
    folder = os.path.join(directory, name)
    os.makedirs(folder, exist_ok=True)
    model.save_pretrained(folder)
    sequences = []
    for length in REAL_LENGTHS:
        sequence = dict(ids=torch.randint(3, configuration.vocab_size, (length,), generator=generator).tolist())
        if getattr(configuration, "type_vocab_size", 1) > 1:
            sequence["type_ids"] = [0] * (length - length // 3) + [1] * (length // 3)
        sequences.append(sequence)
    # Every 4,001st column of the logits of the last four tokens.
    results = run(model, sequences, lambda logits: logits[-4:, ::4001])
    with open(os.path.join(folder, "reference.json"), "w") as file:
        json.dump(dict(model_type=configuration.model_type, sequences=results), file)
    print(f"{name}: {sum(p.numel() for p in model.parameters()) // 1000000} million parameters")


if __name__ == "__main__":
    sys.path.insert(0, HERE)
    if sys.argv[1:2] == ["--real"]:
        for chosen in sys.argv[3:] or REAL:
            make_real(chosen, sys.argv[2])
        sys.exit()
    for chosen in sys.argv[1:] or MODELS:
        make(chosen)
