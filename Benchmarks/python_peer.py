#!/usr/bin/env python3
"""A Python peer that stays loaded: reads one JSON request a line, answers with one JSON line.

    python python_peer.py KIND ...

    st MODEL               sentence-transformers, float32
    onnx MODEL ONNX_FILE   onnxruntime with the model's own tokenizer, batches of 32 sorted by length
    lm_eval FOLDER FILE    lm-eval with transformers, float32, batches of 8: FILE is a GGUF in FOLDER
    llguidance FILE, xgrammar FILE
                           forms of a tokenizer's texts, one thread: FILE as for tokenizers
    tokenizers FILE        Hugging Face tokenizers, one thread: a tokenizer.json, or the byte-level BPE of a GGUF

Requests: {"do": "encode", "texts": FILE, "limit": N, "save": FILE.npy} -> seconds, count
          {"do": "tokenize", "texts": FILE} -> seconds of the faster of its two calls, bytes, tokens
          {"do": "evaluate", "questions": FILE} -> seconds, choices: HellaSwag's task over ctx, endings and label
          {"do": "masks", "cases": FILE} -> mask_us, one for each token of each case's text; compile_us
          {"do": "compare", "ours": FILE.npy, "reference": FILE.npy} -> lowest and mean cosine
          {"do": "lengths", "texts": FILE, "limit": N, "maximum": 256} -> tokens of each text
"""
import json
import os
import sys
import time

THREADS = int(os.environ.get("PEER_THREADS", "2"))
os.environ.update(HF_HUB_OFFLINE="1", OMP_NUM_THREADS=str(THREADS), OPENBLAS_NUM_THREADS=str(THREADS),
                  TOKENIZERS_PARALLELISM="true" if THREADS > 1 else "false", RAYON_NUM_THREADS=str(THREADS))
BATCH = 32


def read(path, limit=None):
    with open(path, encoding="utf-8") as file:
        return file.read().splitlines()[:limit]


def sentence_transformers(model):
    import torch
    from sentence_transformers import SentenceTransformer
    torch.set_num_threads(THREADS)
    encoder = SentenceTransformer(model, device="cpu")
    return lambda texts: encoder.encode(texts, batch_size=BATCH, normalize_embeddings=True, show_progress_bar=False)


def onnx(model, path):
    import numpy as np
    import onnxruntime
    from tokenizers import Tokenizer
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = THREADS
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    names = [value.name for value in session.get_inputs()]
    tokenizer = Tokenizer.from_file(os.path.join(model, "tokenizer.json"))
    tokenizer.enable_truncation(256)
    tokenizer.enable_padding()

    def encode(texts):
        order = sorted(range(len(texts)), key=lambda i: -len(texts[i]))
        vectors = np.empty((len(texts), 384), np.float32)
        for start in range(0, len(texts), BATCH):
            chosen = order[start:start + BATCH]
            encodings = tokenizer.encode_batch([texts[i] for i in chosen])
            ids = np.array([e.ids for e in encodings], np.int64)
            mask = np.array([e.attention_mask for e in encodings], np.int64)
            hidden = session.run(None, dict(zip(names, (ids, mask))))[0]
            weights = mask[..., None].astype(np.float32)
            pooled = (hidden * weights).sum(1) / weights.sum(1)
            vectors[chosen] = pooled / np.linalg.norm(pooled, axis=1, keepdims=True)
        return vectors
    return encode


def tokenizer_of(path):
    from tokenizers import Tokenizer, models, pre_tokenizers
    if not path.endswith(".gguf"):
        tokenizer = Tokenizer.from_file(path)
        tokenizer.no_truncation(), tokenizer.no_padding()
        return tokenizer
    from gguf import GGUFReader
    fields = GGUFReader(path).fields
    tokens, merges = (fields[f"tokenizer.ggml.{name}"].contents() for name in ("tokens", "merges"))
    tokenizer = Tokenizer(models.BPE({token: i for i, token in enumerate(tokens)},
                                     [tuple(merge.split(" ")) for merge in merges]))
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Digits(True), pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True)])
    return tokenizer


def tokenize(tokenizer, request):
    lines = read(request["texts"], request.get("limit"))
    start = time.perf_counter()
    one_by_one = sum(len(tokenizer.encode(line, add_special_tokens=False)) for line in lines)
    middle = time.perf_counter()
    tokenizer.encode_batch_fast(lines, add_special_tokens=False)
    end = time.perf_counter()
    return dict(seconds=min(middle - start, end - middle), tokens=one_by_one,
                bytes=sum(len(line.encode()) + 1 for line in lines))


def encode(encoder, request):
    import numpy as np
    texts = read(request["texts"], request.get("limit"))
    start = time.perf_counter()
    vectors = encoder(texts)
    seconds = time.perf_counter() - start
    if request.get("save"):
        np.save(request["save"], np.asarray(vectors, np.float32))
    return dict(seconds=seconds, count=len(texts))


def lm_eval(folder, file):
    import torch
    from lm_eval.models.huggingface import HFLM
    torch.set_num_threads(THREADS)
    return HFLM(pretrained=folder, gguf_file=file, dtype="float32", device="cpu", batch_size=8)


def evaluate(model, request):
    import lm_eval
    from lm_eval.tasks import TaskManager
    manager = TaskManager()
    changes = dict(task="hellaswag", dataset_path="json", dataset_name=None, process_docs=None, training_split=None,
                   dataset_kwargs=dict(data_files=dict(validation=request["questions"])), doc_to_text="{{ctx}}",
                   doc_to_choice="{{endings}}", doc_to_target="{{label}}")
    # A registered task whose settings are changed: the manager's own way to it.
    task = manager._factory.build(manager._entry("hellaswag"), overrides=changes, registry=manager.task_index)
    start = time.perf_counter()
    result = lm_eval.simple_evaluate(model=model, tasks=[task], task_manager=manager, log_samples=True, bootstrap_iters=0)
    seconds = time.perf_counter() - start
    scores = [[float(reply[0]) for reply in sample["filtered_resps"]] for sample in result["samples"]["hellaswag"]]
    return dict(seconds=seconds, choices=[max(range(len(row)), key=row.__getitem__) for row in scores])


def fast_tokenizer(path):
    from tokenizers import decoders
    from transformers import PreTrainedTokenizerFast
    tokenizer = tokenizer_of(path)
    tokenizer.decoder = decoders.ByteLevel()
    end = next(token for token in ("<|im_end|>", "</s>", "<eos>") if tokenizer.token_to_id(token) is not None)
    return PreTrainedTokenizerFast(tokenizer_object=tokenizer, eos_token=end)


def llguidance(path):
    import llguidance
    from llguidance import hf, numpy
    tokenizer = fast_tokenizer(path)
    known = hf.from_tokenizer(tokenizer, n_vocab=len(tokenizer))
    bitmask = numpy.allocate_token_bitmask(1, len(tokenizer))

    def begin(schema):
        matcher = llguidance.LLMatcher(known, llguidance.LLMatcher.grammar_from_json_schema(json.dumps(schema)))
        if matcher.is_error():
            raise ValueError(matcher.get_error())
        return matcher
    return (begin, lambda matcher: numpy.fill_next_token_bitmask(matcher, bitmask),
            lambda matcher, token: matcher.consume_token(token), tokenizer)


def xgrammar(path):
    import xgrammar
    tokenizer = fast_tokenizer(path)
    info = xgrammar.TokenizerInfo.from_huggingface(tokenizer, vocab_size=len(tokenizer))
    compiler = xgrammar.GrammarCompiler(info, max_threads=1, cache_enabled=False)
    bitmask = xgrammar.allocate_token_bitmask(1, len(tokenizer))
    return (lambda schema: xgrammar.GrammarMatcher(compiler.compile_json_schema(json.dumps(schema))),
            lambda matcher: matcher.fill_next_token_bitmask(bitmask),
            lambda matcher, token: matcher.accept_token(token), tokenizer)


def masks(tool, request):
    begin, fill, accept, tokenizer = tool
    compile_us, mask_us, refused = [], [], 0
    with open(request["cases"], encoding="utf-8") as file:
        cases = [json.loads(line) for line in file]
    for case in cases:
        start = time.perf_counter()
        matcher = begin(case["schema"])
        compile_us.append((time.perf_counter() - start) * 1e6)
        for token in tokenizer.encode(case["text"], add_special_tokens=False):
            start = time.perf_counter()
            fill(matcher)
            mask_us.append((time.perf_counter() - start) * 1e6)
            if not accept(matcher, token):
                refused += 1
                break
    return dict(compile_us=compile_us, mask_us=mask_us, refused=refused)


def compare(request):
    import numpy as np
    ours, reference = np.load(request["ours"]), np.load(request["reference"])
    if ours.shape != reference.shape:
        return dict(error=f"{ours.shape} vectors against {reference.shape}")
    cosines = (ours * reference).sum(1) / np.linalg.norm(ours, axis=1) / np.linalg.norm(reference, axis=1)
    return dict(lowest=float(cosines.min()), mean=float(cosines.mean()))


def main():
    kind, arguments = sys.argv[1], sys.argv[2:]
    import importlib.metadata
    package = dict(st="sentence-transformers", onnx="onnxruntime", lm_eval="lm_eval", tokenizers="tokenizers",
                   llguidance="llguidance", xgrammar="xgrammar")[kind]
    tool = dict(st=sentence_transformers, onnx=onnx, lm_eval=lm_eval, tokenizers=tokenizer_of,
                llguidance=llguidance, xgrammar=xgrammar)[kind](*arguments)
    if kind in ("st", "onnx"):
        tool(["warm up", "and once more, with a few more words than before"])
    print(json.dumps(dict(name=package, version=importlib.metadata.version(package))), flush=True)
    for line in sys.stdin:
        request = json.loads(line)
        if request["do"] == "encode":
            answer = encode(tool, request)
        elif request["do"] == "tokenize":
            answer = tokenize(tool, request)
        elif request["do"] == "evaluate":
            answer = evaluate(tool, request)
        elif request["do"] == "masks":
            answer = masks(tool, request)
        elif request["do"] == "lengths":
            answer = dict(lengths=[min(len(tool.encode(text).ids), request["maximum"])
                                   for text in read(request["texts"], request.get("limit"))])
        else:
            answer = compare(request)
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
