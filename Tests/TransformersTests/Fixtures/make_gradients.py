#!/usr/bin/env python3
"""Make the losses and gradients that training is compared with: gradients.json.

    HF_HUB_OFFLINE=1 python make_gradients.py

For each of the tiny models beside this file (see make_models.py) three things are computed by torch in float32:

    full   every weight trains: the loss, and the gradients by all weights
    lora   peft's adapters train, and nothing else: the loss, and the gradients by all A and B
    steps  the losses before each of 20 steps of torch.optim.AdamW over all weights ("full") and over adapters ("lora")

The sequences and which of their tokens count are those of SEQUENCES; the loss is the mean over all that count. The values
of A and B are those of `adapter_values`, so that they need not be kept. Of a gradient its size (the root of the sum of
squares), the sum of its values, and up to 32 of them, evenly spread, are kept, rounded to seven significant digits.

Made with torch 2.13.0+cpu, transformers 5.24.0, peft 0.21.2.
"""
import json
import os

import peft
import torch
import transformers as tf

HERE = os.path.dirname(os.path.abspath(__file__))
# Tokens, and the number of the first that counts as a target.
SEQUENCES = [([1, 17, 43, 5, 90, 8, 61, 2], 3), ([3, 71, 22], 1), ([9, 12, 55, 31, 14, 77, 6, 40, 28, 19, 2], 5)]
# model: the layers that get adapters
MODELS = {
    "gpt2": ["c_attn", "c_proj", "c_fc"],
    "llama-linear": ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"],
    "llama-llama3": ["q_proj", "v_proj"],
    "qwen2": ["q_proj", "v_proj", "down_proj"],
    "qwen3": ["q_proj", "k_proj", "v_proj", "up_proj"],
    "mistral": ["q_proj", "v_proj", "gate_proj"],
    "gemma3": ["q_proj", "k_proj", "o_proj", "gate_proj"],
    "phi3": ["qkv_proj", "gate_up_proj"],
}
RANK, ALPHA, RATE, DECAY, STEPS = 3, 6, 1e-2, 0.1, 20


def adapter_values(rows, columns):
    return torch.tensor([((i * 37) % 19 - 9) / 50 for i in range(rows * columns)]).reshape(rows, columns)


def loss(model):
    total, count = 0, 0
    for ids, first in SEQUENCES:
        logits = model(torch.tensor([ids])).logits[0].float()
        logits, targets = logits[first - 1:-1], torch.tensor(ids[first:])
        total = total + torch.nn.functional.cross_entropy(logits, targets, reduction="sum")
        count += len(targets)
    return total / count


def rounded(values):
    return [float("%.7g" % v) for v in values]


def summary(gradient):
    flat = gradient.flatten().double()
    step = max(1, -(-len(flat) // 32))
    return {"shape": list(gradient.shape), "size": float("%.7g" % flat.norm()), "sum": float("%.7g" % flat.sum()),
            "every": step, "values": rounded(flat[::step].tolist())}


def trained(model):
    return {name: p for name, p in model.named_parameters() if p.requires_grad}


def gradients(model):
    value = loss(model)
    value.backward()
    return {"loss": float("%.8g" % value.item()), "gradients": {n: summary(p.grad) for n, p in trained(model).items()}}


def steps(model):
    optimizer = torch.optim.AdamW(trained(model).values(), lr=RATE, weight_decay=DECAY)
    losses = []
    for _ in range(STEPS):
        optimizer.zero_grad()
        value = loss(model)
        value.backward()
        optimizer.step()
        losses.append(value.item())
    return rounded(losses)


def full(name):
    return tf.AutoModelForCausalLM.from_pretrained(os.path.join(HERE, name), dtype=torch.float32).eval()


def lora(name):
    config = peft.LoraConfig(r=RANK, lora_alpha=ALPHA, target_modules=MODELS[name], lora_dropout=0.0,
                             fan_in_fan_out=name == "gpt2")
    model = peft.get_peft_model(full(name), config).eval()
    for parameter in trained(model).values():
        parameter.data = adapter_values(*parameter.shape)
    return model


out = {"sequences": [{"tokens": ids, "first": first} for ids, first in SEQUENCES], "rank": RANK, "alpha": ALPHA,
       "rate": RATE, "decay": DECAY, "models": {}}
for name in MODELS:
    torch.manual_seed(0)
    out["models"][name] = {"full": gradients(full(name)), "lora": gradients(lora(name))}
    if name in ("gpt2", "qwen3"):
        out["models"][name]["steps"] = {"full": steps(full(name)), "lora": steps(lora(name))}
with open(os.path.join(HERE, "gradients.json"), "w") as file:
    json.dump(out, file, separators=(",", ":"))
