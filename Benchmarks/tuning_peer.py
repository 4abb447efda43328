#!/usr/bin/env python3
"""Fine-tuning with torch and peft: each call is a process of its own, whose peak of memory is its own.

    python tuning_peer.py make FOLDER CORPUS    GPT-2-small's shape with random weights and a tokenizer, and 32 texts of
                                                more than 256 tokens in FOLDER/texts.jsonl
    python tuning_peer.py step FOLDER KIND STEPS [bfloat16]
                                                KIND is lora or full: batches of 4 x 256 tokens, AdamW; prints JSON with
                                                the seconds of each step after the first, losses and peak_bytes
"""
import json
import os
import resource
import sys
import time

THREADS = int(os.environ.get("PEER_THREADS", "2"))
os.environ.update(HF_HUB_OFFLINE="1", OMP_NUM_THREADS=str(THREADS))
LENGTH, BATCH, RANK = 256, 4, 8


def make(folder, corpus):
    import torch
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import GPT2Config, GPT2LMHeadModel, PreTrainedTokenizerFast
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.train([corpus], trainers.BpeTrainer(
        vocab_size=8192, special_tokens=["<|endoftext|>"], initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False))
    torch.manual_seed(0)
    config = GPT2Config(bos_token_id=0, eos_token_id=0, resid_pdrop=0, embd_pdrop=0, attn_pdrop=0)
    GPT2LMHeadModel(config).save_pretrained(folder)
    PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, bos_token="<|endoftext|>", eos_token="<|endoftext|>").save_pretrained(folder)
    with open(corpus, encoding="utf-8") as file:
        ids = tokenizer.encode(file.read(4 << 20)).ids
    with open(os.path.join(folder, "texts.jsonl"), "w", encoding="utf-8") as file:
        for index in range(32):
            text = tokenizer.decode(ids[index * 400:(index + 1) * 400])
            file.write(json.dumps(dict(text=text)) + "\n")


def step(folder, kind, steps, *precision):
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer
    torch.set_num_threads(THREADS)
    model = AutoModelForCausalLM.from_pretrained(folder)
    model.config.use_cache = False
    if kind == "lora":
        from peft import LoraConfig, get_peft_model
        model = get_peft_model(model, LoraConfig(
            r=RANK, lora_alpha=16, target_modules=["c_attn"], fan_in_fan_out=True, task_type="CAUSAL_LM"))
    model.train()
    optimizer = torch.optim.AdamW([p for p in model.parameters() if p.requires_grad], lr=2e-4)
    tokenizer = AutoTokenizer.from_pretrained(folder)
    with open(os.path.join(folder, "texts.jsonl"), encoding="utf-8") as file:
        rows = [tokenizer(json.loads(line)["text"])["input_ids"][:LENGTH] for line in file]
    seconds, losses = [], []
    for number in range(int(steps)):
        first = number * BATCH % len(rows)
        ids = torch.tensor(rows[first:first + BATCH])
        start = time.perf_counter()
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=bool(precision)):
            loss = model(input_ids=ids, labels=ids).loss
        loss.backward()
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        seconds.append(time.perf_counter() - start)
        losses.append(loss.item())
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    import peft
    print(json.dumps(dict(seconds=seconds[1:], losses=losses, peak_bytes=peak,
                          version=f"peft {peft.__version__}, torch {torch.__version__}")))


if __name__ == "__main__":
    dict(make=make, step=step)[sys.argv[1]](*sys.argv[2:])
