"""Writes examples/: two small tokenizers, chat templates, and the tokens and masks that transformers makes with them.

    python make_examples.py SMOLLM2_FOLDER

SMOLLM2_FOLDER is what `martlet convert smollm2-135m-instruct FOLDER` writes. The masks are those of
`apply_chat_template(return_assistant_tokens_mask=True)` where a template can say which of its parts the assistant
writes ({% generation %}), and else of rendering what stands before and what ends with each answer.
"""

import json
import pathlib
import sys

import tokenizers
import transformers
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers
from transformers import AutoTokenizer, PreTrainedTokenizerFast

HERE = pathlib.Path(__file__).parent / "examples"
SPECIAL = ["<|endoftext|>", "<|im_start|>", "<|im_end|>", "<s>", "</s>", "<start_of_turn>", "<end_of_turn>", "<unk>",
           "<|fim_prefix|>", "<|fim_suffix|>", "<|fim_middle|>"]
TEXT = ["The swift is a small bird that lives in the air. It builds its nest under roofs.",
        "Which bird is that? It is a martlet, a bird without feet, as heralds draw it.",
        "user assistant system model think write the answer in one line\n\n", "2 + 2 = 4, and 10 * 10 = 100."] * 4

# What a template writes around an answer; {G} and {/G} stand around what the assistant writes.
CHATML = (
    "{% for message in messages %}{% if loop.first and message['role'] != 'system' %}"
    "<|im_start|>system\nYou are a bird.<|im_end|>\n{% endif %}"
    "{{ '<|im_start|>' + message['role'] + '\n' }}"
    "{% if message['role'] == 'assistant' %}{G}{{ message['content'] + '<|im_end|>' }}{/G}{{ '\n' }}"
    "{% else %}{{ message['content'] + '<|im_end|>' + '\n' }}{% endif %}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}")
GEMMA = (
    "{{ bos_token }}{% for message in messages %}"
    "{% if message['role'] == 'assistant' %}{{ '<start_of_turn>model\n' }}{G}{{ message['content'] | trim }}"
    "{{ '<end_of_turn>' }}{/G}{{ '\n' }}{% else %}{{ '<start_of_turn>' + message['role'] + '\n' }}"
    "{{ message['content'] | trim }}{{ '<end_of_turn>\n' }}{% endif %}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<start_of_turn>model\n' }}{% endif %}")
MISTRAL = (
    "{{ bos_token }}{% for message in messages %}{% if message['role'] == 'assistant' %}"
    "{G}{{ ' ' + message['content'] + eos_token }}{/G}"
    "{% else %}{{ '[INST] ' + message['content'] + ' [/INST]' }}{% endif %}{% endfor %}")
# Writes an empty thought before the last answer and none before earlier ones, as Qwen3 does.
THINKING = (
    "{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\n' }}"
    "{% if message['role'] == 'assistant' and loop.last %}{{ '<think>\n\n</think>\n\n' }}{% endif %}"
    "{{ message['content'] + '<|im_end|>\n' }}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}")
# Asks for a thought that it leaves out of answers, as DeepSeek-R1 does.
FORGETFUL = (
    "{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>' }}"
    "{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\n<think>\n' }}{% endif %}")
# Has no end token.
ENDLESS = (
    "{% for message in messages %}{{ message['role'] + ': ' + message['content'] + '\n' }}{% endfor %}"
    "{% if add_generation_prompt %}{{ 'assistant: ' }}{% endif %}")

CONVERSATIONS = [
    [("user", "Which bird is that?"), ("assistant", "A swift.")],
    [("system", "Answer in one line."), ("user", "Which bird is that?"), ("assistant", "It is a martlet."),
     ("user", "And that one?"), ("assistant", "A swift, under the roof.")],
    [("user", "2 + 2?"), ("assistant", "4"), ("user", "10 * 10?"), ("assistant", "100"), ("user", "Thanks.")],
    [("user", "Ünïcode 🐦?"), ("assistant", "Jä: 🐦🐦\n\n  done")],
    [("user", "Write two lines."), ("assistant", "The swift\nis a small bird.\n")],
]
PAIRS = [
    ("Which bird is that?", " A swift."), ("Which bird is that?\n", "A swift."), ("", "The swift"),
    ("2 + 2 =", " 4\n"), ("The answer: ", "100"), ("Ünï", "cöde 🐦"), ("line\n\n", "\nline"),
]


def byte_level():
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.train_from_iterator(TEXT, trainers.BpeTrainer(
        vocab_size=420, special_tokens=SPECIAL, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False))
    return tokenizer


def sentence_pieces():
    """Llama 2's kind: a space is put before each text."""
    tokenizer = Tokenizer(models.BPE(unk_token="<unk>", byte_fallback=True, fuse_unk=True))
    tokenizer.normalizer = normalizers.Sequence([normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")])
    tokenizer.decoder = decoders.Sequence([
        decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse(), decoders.Strip(" ", 1, 0)])
    tokenizer.train_from_iterator(TEXT, trainers.BpeTrainer(
        vocab_size=640, special_tokens=SPECIAL[:-3] + [f"<0x{byte:02X}>" for byte in range(256)], show_progress=False))
    # The bytes are tokens of the vocabulary, not added ones.
    file = json.loads(tokenizer.to_str())
    file["added_tokens"] = [token for token in file["added_tokens"] if not token["content"].startswith("<0x")]
    return Tokenizer.from_str(json.dumps(file))


def messages(conversation):
    return [{"role": role, "content": content} for role, content in conversation]


def by_prefixes(tokenizer, conversation):
    """Tokens and mask of one rendered conversation, each part tokenized with what stands before it."""
    whole = tokenizer.apply_chat_template(conversation, tokenize=False)
    ids = tokenizer(whole, add_special_tokens=False)["input_ids"]
    mask = [0] * len(ids)
    for index, message in enumerate(conversation):
        if message["role"] != "assistant":
            continue
        prompt = tokenizer.apply_chat_template(conversation[:index], tokenize=False, add_generation_prompt=True)
        said = tokenizer.apply_chat_template(conversation[:index + 1], tokenize=False)
        assert whole.startswith(prompt) and whole.startswith(said)
        start = len(tokenizer(prompt, add_special_tokens=False)["input_ids"])
        end = len(tokenizer(said, add_special_tokens=False)["input_ids"])
        while ids[end - 1] not in tokenizer.ends:
            end -= 1
        mask[start:end] = [1] * (end - start)
    return ids, mask


def chats(tokenizer, template):
    examples = []
    marked = template.replace("{G}", "{% generation %}").replace("{/G}", "{% endgeneration %}")
    plain = template.replace("{G}", "").replace("{/G}", "")
    for conversation in map(messages, CONVERSATIONS):
        tokenizer.chat_template = plain
        ids, mask = by_prefixes(tokenizer, conversation)
        if marked != plain:
            tokenizer.chat_template = marked
            made = tokenizer.apply_chat_template(
                conversation, tokenize=True, return_dict=True, return_assistant_tokens_mask=True)
            assert made["input_ids"] == ids, (made["input_ids"], ids)
            assert made["assistant_masks"] == mask, (conversation, made["assistant_masks"], mask)
        examples.append({"messages": conversation, "ids": ids, "mask": mask})
    return plain, examples


def pairs(tokenizer, bos):
    """Prompts and completions as TRL's SFTTrainer tokenizes them, where the prompt's tokens begin the whole."""
    examples = []
    for prompt, completion in PAIRS:
        begin = [bos] if bos is not None else []
        first = begin + tokenizer(prompt, add_special_tokens=False)["input_ids"]
        whole = begin + tokenizer(prompt + completion + tokenizer.eos_token, add_special_tokens=False)["input_ids"]
        if whole[:len(first)] != first:
            examples.append({"prompt": prompt, "completion": completion, "prompt_ids": first, "ids": None})
            continue
        mask = [0] * len(first) + [1] * (len(whole) - len(first))
        mask[0] = 0
        examples.append({"prompt": prompt, "completion": completion, "prompt_ids": first, "ids": whole, "mask": mask})
    return examples


def main():
    HERE.mkdir(exist_ok=True)
    made = {"made_with": f"transformers {transformers.__version__}, tokenizers {tokenizers.__version__}", "models": []}
    settings = [("chatml", CHATML, "bytes", None, "<|im_end|>"), ("gemma", GEMMA, "bytes", "<s>", "<end_of_turn>"),
                ("mistral", MISTRAL, "pieces", "<s>", "</s>"), ("endless", None, "bytes", None, "<|endoftext|>")]
    backends = {"bytes": byte_level(), "pieces": sentence_pieces()}
    for name, backend in backends.items():
        (HERE / f"{name}.json").write_text(backend.to_str(), encoding="utf-8")
    for name, template, kind, bos, eos in settings:
        tokenizer = PreTrainedTokenizerFast(tokenizer_object=Tokenizer.from_str(backends[kind].to_str()), bos_token=bos,
                                            eos_token=eos)
        tokenizer.ends = {tokenizer.convert_tokens_to_ids(eos)}
        plain, examples = chats(tokenizer, template) if template else (ENDLESS, [])
        begins = tokenizer.convert_tokens_to_ids(bos) if bos else None
        made["models"].append({
            "name": name, "tokenizer": kind, "template": plain, "bos": bos, "eos": eos, "chats": examples,
            "pairs": pairs(tokenizer, begins)})
    made["templates"] = {"thinking": THINKING, "forgetful": FORGETFUL}
    smol = AutoTokenizer.from_pretrained(sys.argv[1])
    smol.ends = {smol.convert_tokens_to_ids("<|im_end|>")}
    made["smollm2"] = []
    for conversation in map(messages, CONVERSATIONS):
        ids, mask = by_prefixes(smol, conversation)
        made["smollm2"].append({"messages": conversation, "ids": ids, "mask": mask})
    made["smollm2_pairs"] = pairs(smol, None)
    (HERE / "expected.json").write_text(json.dumps(made, ensure_ascii=False, indent=None), encoding="utf-8")


main()
