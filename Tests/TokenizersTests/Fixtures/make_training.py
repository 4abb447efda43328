"""Makes training.json: vocabularies that Hugging Face `tokenizers` learns, to compare BytePairTrainer's with.

python3 make_training.py [BOOK] > training.json

BOOK is pride-and-prejudice.txt of the shared data; of it the hashes of the merges alone are kept. Made with
tokenizers 0.23.3.
"""

import hashlib
import json
import random
import sys
import tempfile

from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers


def train(source, size, minimum=0, special=("<|endoftext|>",)):
    """Trains on a file's path, or on texts that are each taken whole."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=size, min_frequency=minimum, special_tokens=list(special), show_progress=False,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet())
    if isinstance(source, str):
        tokenizer.train([source], trainer)
    else:
        tokenizer.train_from_iterator(source, trainer)
    model = json.loads(tokenizer.to_str())["model"]
    vocabulary = sorted(model["vocab"], key=model["vocab"].get)
    merges = [" ".join(merge) if isinstance(merge, list) else merge for merge in model["merges"]]
    return vocabulary, merges


def digest(lines):
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def random_text(generator, alphabet, words, length):
    """Words of few letters, so that their parts repeat and counts tie."""
    kinds = ["".join(generator.choice(alphabet) for _ in range(generator.randint(1, length))) for _ in range(words // 4)]
    return "".join(generator.choice(kinds) + generator.choice([" ", " ", " ", "\n", "  ", ", ", "\n\n  "]) for _ in range(words))


generator = random.Random(29)
alphabets = {
    "two letters": "ab", "letters": "abcdefgh", "accents": "aeéèüñß'", "scripts": "αβгдשع字漢かカ한",
    "signs": "({[<>]})=+-*/.:;_\"'0123456789", "emoji": "😀👍🏽é\u0301\u200d\u00a0x",
}
cases = []
for name, alphabet in alphabets.items():
    for size, minimum in [(300, 0), (400, 2), (700, 0)]:
        text = random_text(generator, alphabet, 220, 9)
        vocabulary, merges = train([text], size, minimum)
        cases.append({
            "name": f"{name}, {size}", "texts": [text], "by_line": False, "vocabulary_size": size,
            "minimum_frequency": minimum, "special": ["<|endoftext|>"],
            "tokens": len(vocabulary), "tokens_sha256": digest(vocabulary), "merges": merges})

code = "func f(a: Int) -> Int {\n    return a + 1\n}\n\n\nfunc g(b: Int) -> Int {\n    return f(a: b) + 2\n}\n" * 3
with tempfile.NamedTemporaryFile("w", suffix=".txt") as file:
    file.write(code)
    file.flush()
    for special in [["<|endoftext|>"], ["<|endoftext|>", "<|pad|>"], ["a", "return", "<s>"], []]:
        vocabulary, merges = train(file.name, 300, 0, special)
        cases.append({
            "name": "a file with " + ", ".join(special), "texts": [code], "by_line": True,
            "vocabulary_size": 300, "minimum_frequency": 0, "special": special, "tokens": len(vocabulary),
            "tokens_sha256": digest(vocabulary), "merges": merges})

books = []
if len(sys.argv) > 1:
    for size in [512, 2000, 8000]:
        vocabulary, merges = train(sys.argv[1], size)
        books.append({
            "vocabulary_size": size, "tokens": len(vocabulary), "tokens_sha256": digest(vocabulary),
            "merges_sha256": digest(merges)})

json.dump({"cases": cases, "pride-and-prejudice.txt": books}, sys.stdout, ensure_ascii=False, indent=0)
print()
