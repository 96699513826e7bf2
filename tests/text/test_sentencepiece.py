"""SentencePiece loses nothing: no character, no case, no space."""

import random

import pytest
import sentencepiece as library
import tensorflow as tf

from tf_transformer.errors import UserError
from tf_transformer.text import UNKNOWN, SentencePiece

TEXTS = {
    "plain": "o velho pescador abre a porta azul.",
    "empty": "",
    "one space": " ",
    "only spaces": "     ",
    "spaces at the ends": "  the door   ",
    "runs of spaces": "the  old   door",
    "tabs": "\tthe\t\tdoor\t",
    "newlines": "\nthe\r\ndoor\n\n",
    "no-break and wide spaces": "3\u00a0euros\u2009or\u3000more\u2028end\u2029",
    "capitals": "THE OLD Fisherman; ÀS TRÊS",
    "accents": "não, irmã, canção, à, é, ü, ő, ñ, ç",
    "combining marks": "e\u0301 a\u0303o Z\u0351\u036b\u0343\u036a",
    "quotes": "“curly” ‘single’ «guillemets» \"straight\" 'single' „low“",
    "digits": "3.50 1,000,000 ½ ² ٣ 四",
    "emoji": "I ❤️ 🍕🎉",
    "joined emoji": "👩‍👩‍👧‍👦 🏳️‍🌈 👋🏽 🇵🇹",
    "right to left": "שלום עולם مرحبا بالعالم",
    "directional marks": "\u200fabc\u202edef\u202c\u2066x\u2069",
    "Han and kana": "漢字かなカナ混じり文。",
    "Korean": "안녕하세요 세계",
    "Devanagari": "नमस्ते दुनिया",
    "Thai": "สวัสดีชาวโลก",
    "beyond the basic plane": "𝒜𝓁𝓅𝒽𝒶 𐍈 \U0010ffff",
    "NUL": "\0a\0\0b\0",
    "control characters": "\x01\x02\x07\x08\x0b\x0c\x1a\x1b\x1f\x7f\x80\x9f",
    "byte order mark": "\ufeffthe door\ufeff",
    "noncharacters": "\ufffe\uffff\ufdd0",
    "replacement character": "\ufffd",
    "the space mark": "▁ ▁▁the▁door▁ ▁",
    "escapes": "\x1b \x1b\x1b0 \x1b1 \x1b[0m ▁\x1b▁1\x1b▁0",
    "special labels": "[PAD] [UNK] [START] [END] <pad> <unk> <s> </s> <0x41>",
    "a long word": "ab" * 5000,
    "many words": "the old door " * 10_000,
}


def round_trip(tokenizer, texts):
    return [text.decode() for text in tokenizer.detokenize(tokenizer.tokenize(texts)).numpy()]


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS.keys())
def test_text_comes_back_exactly(sentencepiece, text):
    assert round_trip(sentencepiece, [text]) == [text]


def test_texts_come_back_whatever_their_neighbours_in_the_batch(sentencepiece):
    texts = list(TEXTS.values())
    assert round_trip(sentencepiece, texts) == texts


def test_every_code_point_comes_back(sentencepiece):
    # Beyond plane 2 hardly anything is assigned: every 16th will do.
    points = [*range(0xD800), *range(0xE000, 0x30000), *range(0x30000, 0x110000, 16)]
    texts = ["".join(map(chr, points[i : i + 64])) for i in range(0, len(points), 64)]
    assert round_trip(sentencepiece, texts) == texts


def test_random_strings_come_back(sentencepiece):
    rng = random.Random(0)
    alphabets = [" ▁\x1b01", "ab \t\n\0", "".join(TEXTS.values())[:1000]]
    texts = ["".join(rng.choices(rng.choice(alphabets), k=rng.randrange(30))) for _ in range(3000)]
    assert round_trip(sentencepiece, texts) == texts


def test_no_text_becomes_unknown(sentencepiece):
    ids = sentencepiece.tokenize(list(TEXTS.values())).flat_values.numpy()
    assert UNKNOWN not in ids


def test_text_like_the_corpus_takes_fewer_ids_than_characters(sentencepiece):
    text = "o velho pescador abre a porta azul."
    assert len(sentencepiece.tokenize([text])[0]) < 0.6 * len(text)


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS.keys())
def test_the_model_file_is_lossless_in_the_sentencepiece_library_too(sentencepiece, tmp_path, text):
    sentencepiece.save(tmp_path / "tokenizer")
    model = (tmp_path / "tokenizer" / "tokenizer.model").read_bytes()
    processor = library.SentencePieceProcessor(model_proto=model)
    assert processor.encode(text) == sentencepiece.tokenize([text]).to_list()[0]
    assert processor.decode(processor.encode(text)) == text


def test_the_vocabulary_file_names_each_id_in_its_line(sentencepiece, tmp_path):
    sentencepiece.save(tmp_path / "tokenizer")
    lines = (tmp_path / "tokenizer" / "tokenizer.vocab").read_bytes().splitlines()
    assert lines == sentencepiece.tokens(tf.range(sentencepiece.vocab_size)).numpy().tolist()
    assert [line.decode() for line in lines[:5]] == ["[PAD]", "[UNK]", "[START]", "[END]", "<0x00>"]


def test_the_model_file_keeps_no_path_of_this_machine(sentencepiece, tmp_path):
    sentencepiece.save(tmp_path / "tokenizer")
    assert b".tsv" not in (tmp_path / "tokenizer" / "tokenizer.model").read_bytes()


def test_each_digit_is_a_piece_of_its_own():
    """A number that training never showed is then copied digit by digit."""
    tokenizer = SentencePiece.train(["o ano de 1987 tem 365 dias."] * 9, vocab_size=400)
    labels = tokenizer.tokens(tokenizer.tokenize(["1987", "365 dias"])).to_list()
    assert [label.strip("▁".encode()) for label in labels[0]] == [b"", b"1", b"9", b"8", b"7"]
    assert [label for label in labels[1] if b"3" in label or b"6" in label] == [b"3", b"6"]


def test_a_small_corpus_gets_a_smaller_vocabulary():
    tokenizer = SentencePiece.train(["a small corpus"], vocab_size=8000)
    assert 260 < tokenizer.vocab_size < 300


def test_a_very_long_line_is_learned_from():
    tokenizer = SentencePiece.train(["abracadabra " * 1000], vocab_size=270)
    assert len(tokenizer.tokenize(["abracadabra"])[0]) < len("abracadabra")


@pytest.mark.parametrize("vocab_size", [-1, 0, 100, 265])
def test_a_vocabulary_too_small_for_the_text_is_refused(english, vocab_size):
    with pytest.raises(UserError, match=f"vocabulary of {vocab_size} ids is too small"):
        SentencePiece.train(english, vocab_size)


def test_training_and_loading_say_nothing(english, capfd):
    SentencePiece.train(english, vocab_size=400).tokenize(["the door"])
    output = capfd.readouterr()
    assert "sentencepiece" not in output.err.lower()
    assert "LOG(" not in output.err
    assert output.out == ""


def test_a_tokenizer_survives_seeding(sentencepiece, tmp_path):
    """`set_seed` clears TensorFlow's kernels, and what only a kernel holds."""
    spec = tf.TensorSpec([None], tf.string)
    traced = tf.function(sentencepiece.tokenize, input_signature=[spec])
    module = tf.Module()
    module.tokenizer, module.tokenize = sentencepiece, traced
    tf.saved_model.save(module, str(tmp_path))
    loaded = tf.saved_model.load(str(tmp_path)).tokenize
    texts = ["o velho pescador", "a porta azul"]
    before = [tokenize(tf.constant(texts)) for tokenize in (traced, loaded)]
    tf.random.set_seed(1)
    for tokenize in (sentencepiece.tokenize, traced, loaded):
        assert tokenize(tf.constant(texts)).to_list() == before[0].to_list() == before[1].to_list()
