#!/usr/bin/env python3
"""Make the losses that training is compared with: training.json.

    HF_HUB_OFFLINE=1 python make_training.py

The tiny models are those of ../../TransformersTests/Fixtures (make_models.py and make_gguf.py there). Each is trained for 50
steps by torch and peft in float32, on the examples and with the settings that training.json states:

    full     every weight trains
    lora     peft's adapters train
    qlora    peft's adapters train on the values that a quantized GGUF file holds, dequantized by the gguf package

A step is what transformers' Trainer does: the mean loss over the tokens that count in all examples of the step, clipping by
`clip_grad_norm_`, AdamW with decay on the parameters that `Trainer.get_decay_parameter_names` lists, a schedule with
warm-up. Dropout of the models is off. The adapters' first values are those of `adapter_values`.

Made with torch 2.15.0, transformers 5.24.0, peft 0.21.2, gguf 0.19.0.
"""
import json
import os
import sys

import gguf
import peft
import torch
import transformers as tf

HERE = os.path.dirname(os.path.abspath(__file__))
MODELS = os.path.join(HERE, "..", "..", "TransformersTests", "Fixtures")
sys.path.append(MODELS)
from make_gguf import gguf_name, unpermuted  # noqa: E402

STEPS = 50
TARGETS = {
    "gpt2": ["c_attn", "c_proj", "c_fc"], "llama-linear": ["q_proj", "k_proj", "v_proj", "o_proj", "down_proj"],
    "qwen2": ["q_proj", "v_proj", "up_proj"], "qwen3": ["q_proj", "v_proj", "gate_proj"],
}
RUNS = [
    dict(model="gpt2", kind="lora", rate=5e-3, schedule="linear", warmup=5, rank=4, alpha=8),
    dict(model="gpt2", kind="full", rate=2e-3, schedule="cosine", warmup=5),
    dict(model="llama-linear", kind="lora", rate=5e-3, schedule="cosine", warmup=0, rank=8, alpha=16),
    dict(model="llama-linear", kind="full", rate=1e-3, schedule="linear", warmup=10),
    dict(model="llama-linear", kind="qlora", file="q4_0.gguf", rate=5e-3, schedule="linear", warmup=5, rank=4, alpha=8),
    dict(model="llama-linear", kind="qlora", file="q8_0.gguf", rate=5e-3, schedule="constant", warmup=5, rank=4, alpha=8),
    dict(model="qwen2", kind="lora", rate=5e-3, schedule="constant", warmup=3, rank=4, alpha=8, rslora=True),
    dict(model="qwen2", kind="full", rate=1e-3, schedule="cosine", warmup=5, optimizer="sgd", momentum=0.9),
    dict(model="qwen3", kind="lora", rate=5e-3, schedule="linear", warmup=5, rank=4, alpha=8, save=["lm_head"]),
    dict(model="qwen3", kind="full", rate=1e-3, schedule="linear", warmup=5),
]
COMMON = dict(batch_size=3, weight_decay=0.1, max_grad_norm=0.7)


def examples():
    """Ten texts of 6 to 15 tokens with a rule in them: after a prompt of three, each token is the one before plus 7."""
    result = []
    for i in range(10):
        start, length = (i * 31) % 90 + 3, 6 + (i * 5) % 10
        tokens = [1, start, (i * 11) % 90 + 3]
        while len(tokens) < length - 1:
            tokens.append((tokens[-1] + 7) % 90 + 3)
        result.append({"tokens": tokens + [2], "first": 0 if i % 4 == 0 else 3})
    return result


def adapter_values(rows, columns):
    return torch.tensor([((i * 37) % 19 - 9) / 50 for i in range(rows * columns)]).reshape(rows, columns)


def dequantize(model, path):
    """Puts the values of a GGUF file of the same model, as float32, in the place of the model's."""
    tensors = {t.name: gguf.quants.dequantize(t.data, t.tensor_type) for t in gguf.GGUFReader(path).tensors}
    heads = {"q_proj": model.config.num_attention_heads, "k_proj": model.config.num_key_value_heads}
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            values = tensors.pop(gguf_name(name))
            for part, count in heads.items():
                if f".{part}." in name:
                    values = unpermuted(values, count)
            parameter.copy_(torch.from_numpy(values.copy()).reshape(parameter.shape))
    assert not tensors, tensors.keys()


def make(run):
    folder = os.path.join(MODELS, run["model"])
    model = tf.AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32, attn_implementation="eager")
    if "file" in run:
        dequantize(model, os.path.join(folder, run["file"]))
    if run["kind"] != "full":
        model = peft.get_peft_model(model, peft.LoraConfig(
            r=run["rank"], lora_alpha=run["alpha"], target_modules=TARGETS[run["model"]],
            fan_in_fan_out=run["model"] == "gpt2", use_rslora=run.get("rslora", False),
            modules_to_save=run.get("save")))
        with torch.no_grad():
            for name, parameter in model.named_parameters():
                if "lora_" in name:
                    parameter.copy_(adapter_values(*parameter.shape))
    return model.eval()


def loss(model, batch):
    total, count = 0, 0
    for example in batch:
        ids, first = example["tokens"], max(1, example["first"])
        logits = model(torch.tensor([ids])).logits[0].float()[first - 1:-1]
        total = total + torch.nn.functional.cross_entropy(logits, torch.tensor(ids[first:]), reduction="sum")
        count += len(ids) - first
    return total / count


def train(run, data):
    model = make(run)
    decayed = set(tf.Trainer.get_decay_parameter_names(None, model))
    trained = [(n, p) for n, p in model.named_parameters() if p.requires_grad]
    groups = [
        {"params": [p for n, p in trained if n in decayed], "weight_decay": COMMON["weight_decay"]},
        {"params": [p for n, p in trained if n not in decayed], "weight_decay": 0.0},
    ]
    if run.get("optimizer") == "sgd":
        optimizer = torch.optim.SGD(groups, lr=run["rate"], momentum=run["momentum"])
    else:
        optimizer = torch.optim.AdamW(groups, lr=run["rate"])
    name = "constant_with_warmup" if run["schedule"] == "constant" else run["schedule"]
    scheduler = tf.get_scheduler(name, optimizer, num_warmup_steps=run["warmup"], num_training_steps=STEPS)
    per_epoch = -(-len(data) // COMMON["batch_size"])
    losses, norms, rates = [], [], []
    for step in range(STEPS):
        first = step % per_epoch * COMMON["batch_size"]
        optimizer.zero_grad()
        value = loss(model, data[first:first + COMMON["batch_size"]])
        value.backward()
        norm = torch.nn.utils.clip_grad_norm_([p for _, p in trained], COMMON["max_grad_norm"])
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step()
        losses.append(value.item())
        norms.append(norm.item())
    last = loss(model, data).item()
    print(run["model"], run["kind"], losses[0], losses[-1], "all", last)
    return {**run, "trainable": sum(p.numel() for _, p in trained),
            "total": sum(p.numel() for p in model.parameters()), "targets": TARGETS[run["model"]],
            "losses": [float("%.7g" % v) for v in losses], "norms": [float("%.6g" % v) for v in norms],
            "rates": [float("%.9g" % v) for v in rates], "after": float("%.7g" % last)}


if __name__ == "__main__":
    torch.manual_seed(0)
    torch.set_num_threads(1)
    data = examples()
    result = {**COMMON, "steps": STEPS, "examples": data, "runs": [train(run, data) for run in RUNS]}
    with open(os.path.join(HERE, "training.json"), "w") as file:
        file.write(json.dumps(result).replace('{"model"', '\n{"model"') + "\n")
