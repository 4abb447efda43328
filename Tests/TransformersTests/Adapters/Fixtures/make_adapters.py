#!/usr/bin/env python3
"""Make the adapters that reading is compared with: saved by peft on the tiny models beside the tests.

    HF_HUB_OFFLINE=1 python make_adapters.py [NAME ...]

Each adapter has random matrices (B too, so that it changes something), is saved by `save_pretrained`, loaded again by
`PeftModel.from_pretrained` onto a fresh base, and run in float32. A folder of its own holds peft's two files;
`reference.json` holds for each adapter:

    base              the folder of the base in ../../Fixtures
    trainable, total  what peft's get_nb_trainable_parameters says while it trains
    tensors           the names in the file
    logits            [tokens][vocabulary] for the last two of the ids (of an encoder the hidden states), rounded to seven significant digits; what
                      merge_and_unload gives is checked to be the same

and under "several" what two adapters give that are active at once.

Made with peft 0.21.2, transformers 5.23.0, torch 2.15.0.
"""
import json
import os
import shutil
import sys
import warnings

import torch
import transformers
from peft import LoraConfig, PeftModel, get_peft_model

warnings.filterwarnings("ignore")
torch.set_num_threads(2)
HERE = os.path.dirname(os.path.abspath(__file__))
MODELS = os.path.join(HERE, "..", "..", "Fixtures")
IDS = [1, 17, 5, 33, 60, 2, 41, 8, 77, 9]

# name: (base, settings)
ADAPTERS = {
    "default-llama": ("llama-linear", dict()),
    "default-gpt2": ("gpt2", dict(r=4, lora_alpha=16)),
    "fan-in-fan-out": ("gpt2", dict(r=3, lora_alpha=5, target_modules=["c_attn", "c_proj", "c_fc"],
                                    fan_in_fan_out=True)),
    "suffixes": ("qwen3", dict(r=4, lora_alpha=8, target_modules=["self_attn.k_proj", "mlp.up_proj", "o_proj"])),
    "pattern": ("qwen3", dict(r=2, lora_alpha=6, target_modules=r"model\.layers\.\d+\.(self_attn\.[qkv]|mlp\.down)_proj")),
    "all-linear": ("qwen3", dict(r=2, lora_alpha=4, target_modules="all-linear")),
    "all-linear-gpt2": ("gpt2", dict(r=2, lora_alpha=4, target_modules="all-linear")),
    "rank-pattern": ("llama-linear", dict(r=4, lora_alpha=8, target_modules=["q_proj", "v_proj", "up_proj"],
                                          rank_pattern={"layers.0.self_attn.q_proj": 2, r".*\.1\..*up_proj": 6},
                                          alpha_pattern={"v_proj": 20, "up_proj": 1.5})),
    "rslora": ("qwen3", dict(r=9, lora_alpha=4, use_rslora=True, target_modules=["q_proj", "down_proj"],
                             rank_pattern={"down_proj": 4})),
    "saved-head": ("llama-linear", dict(r=2, modules_to_save=["lm_head"])),
    "saved-embedding": ("llama-linear", dict(r=2, modules_to_save=["embed_tokens"])),
    "saved-both-tied": ("llama-linear", dict(r=2, modules_to_save=["embed_tokens"], ensure_weight_tying=True)),
    "saved-norms": ("gemma3", dict(r=2, target_modules=["q_proj"], modules_to_save=["model.norm"])),
    "saved-layer": ("gpt2", dict(r=2, target_modules=["c_attn"], modules_to_save=["0.mlp.c_fc", "ln_f"])),
    "excluded": ("qwen3", dict(r=2, target_modules=["q_proj", "v_proj", "gate_proj"],
                               exclude_modules=["layers.0.self_attn.v_proj", "gate_proj"])),
    "excluded-pattern": ("mistral", dict(r=2, target_modules="all-linear", exclude_modules=r".*layers\.1\..*")),
    "blocks": ("gpt2", dict(r=2, target_modules=["c_attn", "c_proj"], layers_to_transform=[1])),
    "blocks-pattern": ("llama-linear", dict(r=2, target_modules=["q_proj", "o_proj"], layers_to_transform=1,
                                            layers_pattern="layers")),
    "head": ("llama-linear", dict(r=2, target_modules=["lm_head", "q_proj"])),
    "embedding": ("llama-linear", dict(r=2, lora_alpha=6, target_modules=["embed_tokens", "q_proj"])),
    "bias": ("gpt2", dict(r=2, target_modules=["c_attn"], bias="lora_only")),
    "bias-all": ("qwen2", dict(r=2, target_modules=["q_proj"], bias="all")),
    "encoder": ("bert", dict(r=2)),
    "bfloat16": ("llama-linear", dict(r=4, target_modules=["q_proj", "k_proj"])),
    "float16": ("qwen3", dict(r=4, target_modules=["k_proj"])),
}
# Two at once: their updates add up.
SEVERAL = [("rank-pattern", 1.0), ("default-llama", 0.5)]


def base(name):
    kind = transformers.AutoModel if name == "bert" else transformers.AutoModelForCausalLM
    return kind.from_pretrained(os.path.join(MODELS, name), dtype=torch.float32).eval()


def rounded(matrix):
    return [[float(f"{value:.7g}") for value in row] for row in matrix.tolist()]


def logits(model):
    with torch.no_grad():
        result = model(torch.tensor([IDS]))
        return (result.logits if hasattr(result, "logits") else result.last_hidden_state)[0, -2:].float()


def make(name):
    torch.manual_seed(sum(map(ord, name)))
    base_name, settings = ADAPTERS[name]
    model = get_peft_model(base(base_name), LoraConfig(
        task_type="FEATURE_EXTRACTION" if base_name == "bert" else "CAUSAL_LM", **settings))
    trainable, total = model.get_nb_trainable_parameters()
    with torch.no_grad():
        for key, parameter in model.named_parameters():
            if "lora_" in key:
                parameter.normal_(0, 0.2)
            elif parameter.requires_grad:
                parameter.add_(torch.randn_like(parameter) * 0.1)
    folder = os.path.join(HERE, name)
    shutil.rmtree(folder, ignore_errors=True)
    if name in ("bfloat16", "float16"):
        model = model.to(getattr(torch, name))
    model.peft_config["default"].base_model_name_or_path = base_name
    model.save_pretrained(folder)
    os.remove(os.path.join(folder, "README.md"))
    loaded = PeftModel.from_pretrained(base(base_name), folder).eval()
    found = logits(loaded)
    assert (found - logits(base(base_name))).abs().max() > 1e-2, name
    if name not in ("embedding", "head"):  # merging changes the tied matrix for both
        assert (logits(loaded.merge_and_unload()) - found).abs().max() < 1e-4, name
    from safetensors import safe_open
    with safe_open(os.path.join(folder, "adapter_model.safetensors"), "pt") as file:
        names = sorted(file.keys())
    return dict(base=base_name, trainable=trainable, total=total, tensors=names, logits=rounded(found))


def several():
    name, scale = SEVERAL[0]
    model = PeftModel.from_pretrained(base("llama-linear"), os.path.join(HERE, name), adapter_name="a")
    model.load_adapter(os.path.join(HERE, SEVERAL[1][0]), adapter_name="b")
    model.base_model.set_adapter(["a", "b"])
    for module in model.modules():
        if isinstance(getattr(module, "scaling", None), dict) and "b" in module.scaling:
            module.scaling["b"] *= SEVERAL[1][1]
    return dict(adapters=[dict(name=n, scale=s) for n, s in SEVERAL], logits=rounded(logits(model.eval())))


def main():
    path = os.path.join(HERE, "reference.json")
    reference = dict(ids=IDS, adapters={})
    if os.path.exists(path):
        reference = json.load(open(path))
    for name in sys.argv[1:] or ADAPTERS:
        reference["adapters"][name] = make(name)
        print(name, reference["adapters"][name]["trainable"])
    reference["several"] = several()
    json.dump(reference, open(path, "w"), separators=(",", ":"))


if __name__ == "__main__":
    main()
