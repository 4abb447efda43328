#!/usr/bin/env python3
"""Trains small tokenizers on text.txt (our own) and writes them with what the reference libraries make of tricky
texts: NAME.json holds the tokenizer, and `cases` with each text's ids, offsets and decoded texts.

    python make_fixtures.py

Needs: tokenizers==0.23.3 sentencepiece==0.2.3 protobuf
"""
import base64
import io
import json
import os
import random
import tempfile

import sentencepiece
from sentencepiece import sentencepiece_model_pb2 as model_pb2
from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

HERE = os.path.dirname(os.path.abspath(__file__))
LINES = open(os.path.join(HERE, "text.txt"), encoding="utf-8").read().splitlines()

TEXTS = [
    "", " ", "  ", "\n", "\t", "a", " a", "a ", "  a  b   c  ", "Swifts sleep on the wing.",
    "The martlet has no feet,\nso it never lands.\r\n\r\nOr so they say.", "lands\rlands", "x\u00a0y\u2003z\u3000w",
    "HELLO hello HeLLo", "don't I'll we've they're it's", "1234567890 3.14 1,000 1/2 ½ ² ⅷ", "!?.,;:()[]{}<>\"'`~@#$%^&*-_=+|\\/",
    "naïve café résumé", "nai\u0308ve cafe\u0301 re\u0301sume\u0301", "Å Å A\u030a", "Straße STRASSE ẞ", "İstanbul ısı",
    "ﬁne ﬂow ﬃ", "ＦＵＬＬ ｗｉｄｔｈ １２３", "ｶﾞｷﾞﾊﾟ ガギパ", "日本語のテキストです。", "今天天气很好，我们去公园。", "한국어 문장입니다", "\u1112\u1161\u11ab\u1100\u1173\u11af",
    "Ελληνικά κείμενο ΣΊΣΥΦΟΣ", "Русский текст, ёж", "עברית טֶקְסְט", "نص عربي مُشَكَّل", "हिन्दी पाठ क्षत्रिय", "ไทยไม่มีช่องว่าง", "Tiếng Việt có dấu",
    "🙂", "🙂🙃 ok 👍🏽", "👩‍👩‍👧‍👦 family", "🇩🇪🇫🇷", "❤️ ☃ ♥︎", "\U0001f9ff\U0001fae0", "a\u0300\u0301\u0302b", "\u0301leading mark",
    "z\u0335\u0321a\u0336l\u0337g\u0338o", "\u200bzero\u200bwidth\u200d\ufeff", "soft\u00adhyphen", "\u202eright to left\u202c", "control\u0001\u0007\u001f\u007f\u0085chars",
    "nul\u0000byte", "private \ue000\uf8ff use", "unassigned \u0378 \U000e0fff", "noncharacter \ufffe\uffff", "replacement \ufffd\ufffd", "tag \U000e0041\U000e0042",
    "math 𝒜𝔅ℂ ∑∞≠", "ancient 𐎀𐎁 𓀀", "old text 文\ufe00 ﷺ", "▁low▁line▁ ▁▁", "<0x0A> <0xE2> <0xZZ>", "<unk> <s> </s> <pad>", "<s>text</s>", "a<s>b</s> c",
    "[CLS] [SEP] [MASK] [UNK]", "say [MASK]  twice[MASK]", "martlets martlet Martlet MARTLET", "the <tool>call</tool> here", "x<tool> y", "birdbird bird birds bird.",
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "abcabcabcabcabcabcabcabc" * 6, "word" * 40, "  leading and trailing  ", "tab\tseparated\tvalues", "line one\nline two\n\nline four",
    "``quoted'' text", "e-mail@example.org https://example.org/a?b=c", "def f(x):\n    return x ** 2  # note", "日本 and English mixed 日本", "é" * 30, "\u0915\u094d\u0937" * 5, "…—–“”‘’",
    "unknowable ☂☃☄ signs ☂☂", "☂", " ☂ ", "ß☂ß", "the the the the", "low lower lowest", "newer newest wide widest",
    "\u034e\u0334\u0308", "\u0605e\u0301 \u06dd12", "x³ ¹¾ y⑤z",
]


def random_texts(count, seed=7):
    rnd = random.Random(seed)
    pools = ["abcdefghij     ", "THE swift bird   ", "éèàüöß ", "日本語 ", "🙂👍❤ ", "\n\t ", ".,!?'\"", "▁ ", "0123456789", "\u0300\u0301\u0327a", "кирилл "]
    return ["".join(rnd.choice(rnd.choice(pools)) for _ in range(rnd.randint(1, 40))) for _ in range(count)]


TEXTS += random_texts(16)
RULES = {"\uff21": "A", "\uff26": "F", "\uff34": "T", "\uff55": "u", "\uff49": "i", "\uff11": "1", "\ufb01": "fi", "\ufb02": "fl", "\u00bd": "1\u20442",
         "e\u0301": "\u00e9", "i\u0308": "\u00ef", "\u212b": "\u00c5", "A\u030a": "\u00c5", "\uff76": "\u30ab", "\uff76\uff9e": "\u30ac", "\uff77\uff9e": "\u30ae",
         "\u3000": " ", "\u00a0": " ", "\u2003": " ", "\t": " ", "\n": " ", "\r": " ", "\u200b": " ", "\u0001": "", "\u0007": "", "\u007f": "", "\u00ad": "", "\u2026": "...",
         "\u1112\u1161\u11ab": "\ud55c"}


def spm(kind, size, **options):
    """A sentencepiece model with normalization rules of our own (its own tables are too large for a fixture)."""
    with tempfile.TemporaryDirectory() as folder:
        rules = os.path.join(folder, "rules.tsv")
        with open(rules, "w", encoding="utf-8") as out:
            for key, value in RULES.items():
                out.write(" ".join("%X" % ord(c) for c in key) + "\t" + " ".join("%X" % ord(c) for c in value) + "\n")
        options = dict(dict(normalization_rule_tsv=rules), **options)
        if "normalization_rule_name" in options: del options["normalization_rule_tsv"]
        writer = io.BytesIO()
        sentencepiece.SentencePieceTrainer.train(
            sentence_iterator=iter(LINES), model_writer=writer, model_type=kind, vocab_size=size,
            character_coverage=0.995, minloglevel=2, num_threads=1, **options)
    proto = model_pb2.ModelProto()
    proto.ParseFromString(writer.getvalue())
    return proto


def cases_of(tokenizer, with_offsets, texts):
    """`decoded` where it is not the text, `skipped` (special tokens left out) where it is not `decoded`."""
    cases = []
    for text in texts:
        encoding = tokenizer.encode(text, add_special_tokens=False)
        case = dict(text=text, ids=encoding.ids)
        if with_offsets: case["offsets"] = [x for pair in encoding.offsets for x in pair]
        decoded = tokenizer.decode(encoding.ids, skip_special_tokens=False)
        skipped = tokenizer.decode(encoding.ids)
        if decoded != text: case["decoded"] = decoded
        if skipped != decoded: case["skipped"] = skipped
        cases.append(case)
    return cases


def write(name, **content):
    path = os.path.join(HERE, name + ".json")
    with open(path, "w", encoding="utf-8") as out:
        cases = content.pop("cases")
        out.write("{" + ", ".join(f"{json.dumps(k)}: {json.dumps(v, ensure_ascii=False, separators=(',', ':'))}" for k, v in content.items()))
        out.write(',\n"cases": [\n' + ",\n".join(json.dumps(c, ensure_ascii=False, separators=(",", ":")) for c in cases) + "\n]}\n")
    print(name, os.path.getsize(path))


def save(name, tokenizer, raw=None, texts=TEXTS, **more):
    """`raw`: the file's own spelling, where `tokenizer` would be written otherwise."""
    if raw is not None: tokenizer = Tokenizer.from_str(json.dumps(raw))
    specials = tokenizer.encode("low lower", "newest")
    alone = tokenizer.encode("low lower")
    write(name, tokenizer=raw or json.loads(tokenizer.to_str()), special=alone.ids, pair=dict(ids=specials.ids, types=specials.type_ids),
          cases=cases_of(tokenizer, name in ("unigram-precompiled", "bpe-bytes", "wordpiece-added"), texts), **more)


def write_spm(name, proto):
    """What a GGUF file would hold of a sentencepiece model, and what sentencepiece makes of the texts."""
    processor = sentencepiece.SentencePieceProcessor(model_proto=proto.SerializeToString())
    cases = [dict(text=t, ids=processor.encode(t)) for t in TEXTS if "▁" not in t and not any(s in t for s in ("<s>", "</s>", "<unk>", "\0"))]
    write(name, pieces=[p.piece for p in proto.pieces], scores=[p.score for p in proto.pieces], types=[p.type for p in proto.pieces],
          charsmap=base64.b64encode(proto.normalizer_spec.precompiled_charsmap).decode(), cases=cases)


def unigram_of(proto, **options):
    unk = next(i for i, p in enumerate(proto.pieces) if p.type == 2)
    return Tokenizer(models.Unigram([(p.piece, p.score) for p in proto.pieces], unk_id=unk, **options))


# The steps of published files that cut the text of byte-level vocabularies; "r" and "n" stand for themselves in some.
LETTERS = (
    "A-Za-zµÀ-ÖØ-öø-ƺƼ-ƿǄ-ʓʕ-ʯͰ-ͳͶͷͻ-ͽͿΆΈ-ΊΌΎ-ΡΣ-ϵϷ-ҁҊ-ԯԱ-ՖႠ-ჅᎠ-Ᏽᏸ-ᏽᲐ-ᲺᲽ-Ჿᴀ-ᴫᵫ-ᵷᵹ-ᶚḀ-"
    "ἕἘ-Ἕἠ-ὅὈ-Ὅὐ-ὗὙὛὝὟ-ώᾀ-ᾴᾶ-ᾼιῂ-ῄῆ-ῌῐ-ΐῖ-Ίῠ-Ῥῲ-ῴῶ-ῼℂℇℊ-ℓℕℙ-ℝℤΩℨK-ℭℯ-ℴℹℼ-ℿⅅ-ⅉⅎↃↄⰀ-ⱻⱾ-"
    "ⳤⳫ-ⳮⳲⳳꙀ-ꙭꚀ-ꚛꜢ-ꝯꝱ-ꞇꞋ-ꞎꭰ-ꮿﬀ-ﬆﬓ-ﬗＡ-Ｚａ-ｚ𐐀-𐑏𐒰-𐓓𐓘-𐓻𐲀-𐲲𐳀-𐳲𑢠-𑣟𞤀-𞥃")
PUNCTUATION = "\\s?[!-/:-~！-／：-～‘-‟\u3000-。]+"
IDEOGRAPHS = "[一-龥ࠀ-一가-\ud7ff]+"
STEPS = {
    "deepseek-llm": ["[\r\n]", "\\s?[" + LETTERS + "]+", PUNCTUATION, "\\s+$", IDEOGRAPHS, "Digits"],
    "deepseek-coder": ["[\r\n]", "\\s?\\p{L}+", "\\s?\\p{P}+", IDEOGRAPHS, "Digits"],
    # Versions 3 and 4.
    "deepseek-v3": [
        "\\p{N}{1,3}", "[一-龥\u3040-ゟ゠-ヿ]+",
        "[!\"#$%&'()*+,\\-./:;<=>?@\\[\\\\\\]^_`{|}~][A-Za-z]+|[^\r\n\\p{L}\\p{P}\\p{S}]?[\\p{L}\\p{M}]+| ?[\\p{P}\\p{S}]+[\r\n]*|\\s*[\r\n]+|\\s+(?!\\S)|\\s+"],
}
CLIP = r"'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+"
MORE = [
    "12 123 1234 12345678", "12½3456 ½6789 x² 12³45", "м and мир 999 ١٢٣٤٥", "Don't stop at 3.14159265!!", "a  1   b\t2 \n 3  ", "\u3000全角　空白 。、！？", "中文mixed英文123和かなカナ漢字한국어",
    "x\u200by \u200bz", "e\u0301 \u0301a 1\u0301", "…word …  “quoted” ‘it’ —dash", "$100 +5 <tag> ^_^ `code` a|b ~x", "PascalCase and SHOUTING", "  \r\n\r\n  x\r y", "\ue000a\ue001 \U000f0000", "<|startoftext|>in<|endoftext|>",
]


def byte_level(steps, vocab_size=300, **options):
    """A byte-level vocabulary behind the steps of a published file."""
    tokenizer = Tokenizer(models.BPE(**options))
    parts = [pre_tokenizers.Digits(individual_digits=True) if s == "Digits" else pre_tokenizers.Split(Regex(s), "isolated") for s in steps]
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(parts + [pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)])
    return train(tokenizer, vocab_size)


def train(tokenizer, vocab_size, **options):
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.post_processor = processors.ByteLevel(trim_offsets=False)
    specials = ["<|startoftext|>", "<|endoftext|>"]
    tokenizer.train_from_iterator(LINES, trainers.BpeTrainer(vocab_size=vocab_size + len(specials), special_tokens=specials, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False, **options))
    return tokenizer


def falcon():
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([
        pre_tokenizers.Punctuation("contiguous"), pre_tokenizers.ByteLevel(add_prefix_space=False), pre_tokenizers.Digits(individual_digits=False),
        pre_tokenizers.Split(Regex("[0-9][0-9][0-9]"), "isolated")])
    return train(tokenizer, 300)


def clip():
    tokenizer = Tokenizer(models.BPE(unk_token="<|endoftext|>", continuing_subword_prefix="", end_of_word_suffix="</w>"))
    tokenizer.normalizer = normalizers.Sequence([normalizers.NFC(), normalizers.Replace(Regex(r"\s+"), " "), normalizers.Lowercase()])
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.Split(Regex(CLIP), "removed", invert=True), pre_tokenizers.ByteLevel(add_prefix_space=False)])
    # Signs that no word of the text ends in have no token at its end: "<|endoftext|>" stands for them.
    tokenizer = train(tokenizer, 420, end_of_word_suffix="</w>")
    tokenizer.post_processor = processors.RobertaProcessing(("<|endoftext|>", 1), ("<|startoftext|>", 0), trim_offsets=False, add_prefix_space=False)
    return tokenizer


def untyped(tokenizer):
    """As the first files of T5 were written: the model's type is left out, and Metaspace has `add_prefix_space`."""
    raw = json.loads(tokenizer.to_str())
    del raw["model"]["type"], raw["model"]["byte_fallback"]
    for part in (raw["pre_tokenizer"]["pretokenizers"][1], raw["decoder"]):
        assert part.pop("prepend_scheme") == "always"
        part.pop("split")
        part["add_prefix_space"] = True
    return raw


def add_specials(tokenizer):
    tokenizer.add_special_tokens([AddedToken(t, normalized=False, special=True) for t in ("<unk>", "<s>", "</s>")])


def main():
    t5 = spm("unigram", 300, bos_id=1, eos_id=2, unk_id=0)
    write_spm("sentencepiece-unigram", t5)
    tokenizer = unigram_of(t5)
    tokenizer.normalizer = normalizers.Sequence([normalizers.Precompiled(t5.normalizer_spec.precompiled_charsmap), normalizers.Replace(Regex(" {2,}"), " ")])
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="always")
    tokenizer.decoder = decoders.Metaspace(replacement="▁", prepend_scheme="always")
    add_specials(tokenizer)
    tokenizer.post_processor = processors.TemplateProcessing(single="<s> $A </s>", pair="<s> $A </s> </s> $B </s>", special_tokens=[("<s>", 1), ("</s>", 2)])
    save("unigram-precompiled", tokenizer)

    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="always")])
    tokenizer.post_processor = processors.TemplateProcessing(single="$A </s>", pair="$A </s> $B </s>", special_tokens=[("</s>", 2)])
    save("unigram-untyped", tokenizer, raw=untyped(tokenizer))

    for name, steps in STEPS.items(): save(name, byte_level(steps), texts=MORE + TEXTS)
    save("falcon", falcon(), texts=MORE + TEXTS)
    save("clip", clip(), texts=MORE + TEXTS)

    bytes_unigram = spm("unigram", 560, byte_fallback=True)
    tokenizer = unigram_of(bytes_unigram, byte_fallback=True)
    tokenizer.normalizer = normalizers.Sequence([normalizers.Nmt(), normalizers.NFKC(), normalizers.Strip(left=False, right=True)])
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="first")])
    tokenizer.decoder = decoders.Sequence([decoders.ByteFallback(), decoders.Metaspace(replacement="▁", prepend_scheme="first")])
    add_specials(tokenizer)
    save("unigram-bytes", tokenizer)

    write_spm("sentencepiece-bpe", spm("bpe", 520, byte_fallback=True, remove_extra_whitespaces=False, normalization_rule_name="identity"))

    # As Llama 2 and Gemma are written: no pre-tokenizer, bytes for what is unknown.
    tokenizer = Tokenizer(models.BPE(unk_token="<unk>", fuse_unk=True, byte_fallback=True))
    tokenizer.normalizer = normalizers.Sequence([normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")])
    specials = ["<unk>", "<s>", "</s>"] + ["<0x%02X>" % b for b in range(256)]
    tokenizer.train_from_iterator(LINES, trainers.BpeTrainer(vocab_size=520, special_tokens=specials, limit_alphabet=60, show_progress=False))
    raw = json.loads(tokenizer.to_str())
    raw["added_tokens"] = [t for t in raw["added_tokens"] if t["content"] in specials[:3]]
    tokenizer = Tokenizer.from_str(json.dumps(raw))
    tokenizer.decoder = decoders.Sequence([decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse(), decoders.Strip(" ", 1, 0)])
    tokenizer.post_processor = processors.TemplateProcessing(single="<s> $A", pair="<s> $A <s>:1 $B:1", special_tokens=[("<s>", 1)])
    save("bpe-bytes", tokenizer)

    for fuses in (True, False):
        tokenizer = Tokenizer(models.BPE(unk_token="<unk>", fuse_unk=fuses))
        tokenizer.normalizer = normalizers.Sequence([normalizers.NFD(), normalizers.StripAccents(), normalizers.Lowercase()]) if fuses else None
        tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
            [pre_tokenizers.Punctuation("merged_with_previous" if fuses else "contiguous"),
             pre_tokenizers.Digits(individual_digits=fuses), pre_tokenizers.Metaspace(prepend_scheme="first" if fuses else "never", split=fuses)])
        tokenizer.decoder = decoders.Metaspace(prepend_scheme="first" if fuses else "never")
        tokenizer.train_from_iterator(LINES, trainers.BpeTrainer(vocab_size=200, special_tokens=["<unk>", "<s>", "</s>"], limit_alphabet=50, show_progress=False))
        save("bpe-fused" if fuses else "bpe-unknown", tokenizer)

    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=True)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.train_from_iterator(LINES, trainers.BpeTrainer(vocab_size=400, special_tokens=["<s>", "</s>", "<pad>"], initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False))
    tokenizer.post_processor = processors.RobertaProcessing(("</s>", 1), ("<s>", 0), trim_offsets=False)
    save("bpe-prefix-space", tokenizer)

    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]", max_input_chars_per_word=20))
    tokenizer.normalizer = normalizers.BertNormalizer()
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.decoder = decoders.WordPiece()
    tokenizer.train_from_iterator(LINES, trainers.WordPieceTrainer(vocab_size=260, special_tokens=["[UNK]", "[CLS]", "[SEP]"], limit_alphabet=60, show_progress=False))
    tokenizer.add_special_tokens([AddedToken("[MASK]", lstrip=True, normalized=False, special=True)])
    tokenizer.add_tokens([AddedToken("bird", single_word=True), AddedToken("martlet", normalized=True), AddedToken("MARTLETS", normalized=False),
                          AddedToken("<tool>", lstrip=True, rstrip=True), AddedToken("</tool>", rstrip=True, normalized=False)])
    tokenizer.post_processor = processors.BertProcessing(("[SEP]", 2), ("[CLS]", 1))
    save("wordpiece-added", tokenizer)

    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.CharDelimiterSplit("-"), pre_tokenizers.Split("'", "merged_with_next"), pre_tokenizers.BertPreTokenizer()])
    tokenizer.train_from_iterator(LINES, trainers.WordPieceTrainer(vocab_size=200, special_tokens=["[UNK]"], limit_alphabet=60, show_progress=False))
    save("wordpiece-no-decoder", tokenizer)


if __name__ == "__main__":
    main()
