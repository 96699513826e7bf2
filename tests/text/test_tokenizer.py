"""What holds for every tokenizer: its interface, its special ids, its files, its graph."""

import json
import os
import random
import subprocess
import sys

import numpy as np
import pytest
import tensorflow as tf

from tf_transformer.errors import UserError
from tf_transformer.text import END, PAD, START, UNKNOWN, Tokenizer
from tf_transformer.text.tokenizer import tokenizer_class

SAMPLES = ["the old door.", "", "não é?", "❤ ▁ \0", "  a  b ", "UNSEEN Words"]


def test_special_ids_are_the_first_four(tokenizer):
    assert (PAD, UNKNOWN, START, END) == (0, 1, 2, 3)
    labels = tokenizer.tokens(tf.constant([PAD, UNKNOWN, START, END])).numpy()
    assert labels.tolist() == [b"[PAD]", b"[UNK]", b"[START]", b"[END]"]


def test_ids_are_ragged_int32_below_the_vocabulary_size(tokenizer):
    ids = tokenizer.tokenize(SAMPLES)
    assert isinstance(ids, tf.RaggedTensor)
    assert ids.dtype == tf.int32
    assert ids.shape.as_list() == [len(SAMPLES), None]
    assert tf.reduce_max(ids) < tokenizer.vocab_size


def test_rows_do_not_depend_on_each_other(tokenizer):
    together = tokenizer.tokenize(SAMPLES).to_list()
    assert together == [tokenizer.tokenize([text]).to_list()[0] for text in SAMPLES]


def test_an_empty_batch_gives_no_rows(tokenizer):
    ids = tokenizer.tokenize(tf.zeros([0], tf.string))
    assert ids.nrows() == 0
    assert tokenizer.detokenize(ids).shape == [0]
    assert tokenizer.detokenize(tf.zeros([0, 0], tf.int32)).shape == [0]
    assert tokenizer.tokens(tf.zeros([0, 5], tf.int32)).shape == [0, 5]


def test_rows_without_ids_are_empty_texts(tokenizer):
    assert tokenizer.detokenize(tf.zeros([2, 0], tf.int32)).numpy().tolist() == [b"", b""]


def test_special_ids_add_nothing_to_the_text(tokenizer):
    ids = tokenizer.tokenize(["the old door."])[0]
    mixed = tf.concat([[START, PAD], ids[:2], [PAD, START], ids[2:], [PAD, PAD]], 0)
    assert tokenizer.detokenize(mixed[None]).numpy().tolist() == [b"the old door."]


def test_unknown_shows_in_the_text(tokenizer):
    door, end = tokenizer.tokenize(["door", "."]).to_list()
    text = tokenizer.detokenize(tf.constant([[UNKNOWN, *door, UNKNOWN, END, *end]])).numpy()[0]
    words = text.decode().replace("door", " door ").split()
    assert words == ["\ufffd", "door", "\ufffd"]


def test_text_stops_at_the_first_end(tokenizer):
    ids = tokenizer.tokenize(["the old door."])[0]
    rows = tf.stack(
        [tf.concat([ids, [END], ids, [END]], 0), tf.concat([[END], ids, ids, [END]], 0)]
    )
    assert tokenizer.detokenize(rows).numpy().tolist() == [b"the old door.", b""]


def test_a_continuation_is_what_it_adds_to_the_text(tokenizer):
    whole = tokenizer.tokenize(["the old door.", "our neighbour"]).to_tensor()
    for width in range(whole.shape[1] + 1):
        before = tokenizer.detokenize(whole[:, :width]).numpy()
        added = tokenizer.detokenize_continuation(whole[:, width:], whole[:, :width]).numpy()
        assert [a + b for a, b in zip(before, added, strict=True)] == [
            b"the old door.",
            b"our neighbour",
        ]


def test_dense_ragged_and_int64_ids_give_the_same_text(tokenizer):
    ids = tokenizer.tokenize(SAMPLES)
    expected = tokenizer.detokenize(ids).numpy().tolist()
    assert tokenizer.detokenize(ids.to_tensor()).numpy().tolist() == expected
    assert tokenizer.detokenize(tf.cast(ids.to_tensor(), tf.int64)).numpy().tolist() == expected


def test_labels_have_the_shape_of_the_ids(tokenizer):
    ids = np.arange(24).reshape(2, 3, 4)
    assert tokenizer.tokens(ids).shape == [2, 3, 4]
    ragged = tokenizer.tokenize(SAMPLES)
    labels = tokenizer.tokens(ragged)
    assert labels.row_splits.numpy().tolist() == ragged.row_splits.numpy().tolist()


def test_every_id_has_its_own_label(tokenizer):
    labels = tokenizer.tokens(tf.range(tokenizer.vocab_size)).numpy().tolist()
    assert len(set(labels)) == tokenizer.vocab_size


LITERALS = "[PAD] [UNK] [START] [END] <pad> <unk> <s> </s> <0x03> \0 \x01 \x02 \x03 ##[END] a[END]b"


@pytest.mark.parametrize("text", [*LITERALS.split(" "), LITERALS, "[END] the door", " ", "▁[END]"])
def test_no_text_becomes_a_special_id(tokenizer, text):
    ids = set(tokenizer.tokenize([text]).to_list()[0])
    assert ids.isdisjoint({PAD, START, END})
    assert UNKNOWN not in ids or tokenizer.kind != "sentencepiece"


def test_any_bytes_are_tokenized_to_valid_text(tokenizer):
    rng = random.Random(0)
    texts = [b"\xff\xfe", b"a\xc3", b"\xed\xa0\x80", b"\xf5\x80\x80\x80", b"\xc0\x80"]
    texts += [rng.randbytes(rng.randrange(40)) for _ in range(1000)]
    for text in tokenizer.detokenize(tokenizer.tokenize(texts)).numpy():
        text.decode("utf-8")


def test_any_ids_give_valid_text(tokenizer):
    ids = np.random.default_rng(0).integers(0, tokenizer.vocab_size, size=(1000, 30))
    for text in tokenizer.detokenize(ids).numpy():
        text.decode("utf-8")


def test_invalid_bytes_count_as_the_replacement_character(tokenizer):
    ids = tokenizer.tokenize([b"the \xff door", "the \ufffd door"]).to_list()
    assert ids[0] == ids[1]


def test_save_and_load_keep_ids_and_text(tokenizer, tmp_path):
    tokenizer.save(tmp_path / "new" / "tokenizer")
    loaded = Tokenizer.load(tmp_path / "new" / "tokenizer")
    assert type(loaded) is type(tokenizer)
    assert loaded.vocab_size == tokenizer.vocab_size
    assert loaded.tokenize(SAMPLES).to_list() == tokenizer.tokenize(SAMPLES).to_list()
    every_id = tf.range(tokenizer.vocab_size)
    assert loaded.tokens(every_id).numpy().tolist() == tokenizer.tokens(every_id).numpy().tolist()


def test_saving_leaves_no_temporary_files(tokenizer, tmp_path):
    tokenizer.save(tmp_path / "tokenizer")
    assert os.listdir(tmp_path) == ["tokenizer"]


def test_a_failed_save_leaves_nothing(tokenizer, tmp_path, monkeypatch):
    def disk_full(*_):
        raise OSError("No space left on device")

    monkeypatch.setattr(type(tokenizer), "_write_files", disk_full)
    with pytest.raises(OSError, match="No space left"):
        tokenizer.save(tmp_path / "tokenizer")
    assert os.listdir(tmp_path) == []


def test_saving_never_overwrites(tokenizer, tmp_path):
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(UserError, match="exists already"):
        tokenizer.save(tmp_path)
    assert (tmp_path / "mine.txt").read_text() == "mine"


@pytest.mark.parametrize("manifest", [None, "", "not json", "[]", "{}", '{"kind": "wordpiece"}'])
def test_a_directory_without_a_tokenizer_is_refused(tmp_path, manifest):
    if manifest is not None:
        (tmp_path / "tokenizer.json").write_text(manifest)
    with pytest.raises(UserError, match="holds no tokenizer"):
        Tokenizer.load(tmp_path)


def test_a_missing_directory_is_refused(tmp_path):
    with pytest.raises(UserError, match="holds no tokenizer"):
        Tokenizer.load(tmp_path / "missing")


def test_a_later_format_is_refused(tokenizer, tmp_path):
    tokenizer.save(tmp_path / "tokenizer")
    manifest = tmp_path / "tokenizer" / "tokenizer.json"
    manifest.write_text(manifest.read_text().replace('"version": 1', '"version": 2'))
    with pytest.raises(UserError, match="format 2"):
        Tokenizer.load(tmp_path / "tokenizer")


@pytest.mark.parametrize("damage", ["missing", "empty", "cut", "overwritten"])
def test_a_damaged_vocabulary_is_refused(tokenizer, tmp_path, damage):
    tokenizer.save(tmp_path / "tokenizer")
    names = {"sentencepiece": "tokenizer.model", "wordpiece": "vocab.txt"}
    name = names.get(tokenizer.kind, "characters.txt")
    file = tmp_path / "tokenizer" / name
    content = file.read_bytes()
    if damage == "missing":
        file.unlink()
    else:
        half = content[: len(content) // 2]
        file.write_bytes({"empty": b"", "cut": half, "overwritten": half + b"\xff" * 99}[damage])
    with pytest.raises(UserError, match="is damaged"):
        Tokenizer.load(tmp_path / "tokenizer")


def test_blank_text_cannot_be_trained_on(tokenizer):
    for blank in ([], [""], [" ", "\t\n"]):
        with pytest.raises(UserError, match="no text"):
            type(tokenizer).train(blank, vocab_size=300)


def test_any_iterable_can_be_trained_on(tokenizer, english):
    from_list = type(tokenizer).train(english, vocab_size=400)
    from_generator = type(tokenizer).train((text for text in english), vocab_size=400)
    every_id = tf.range(from_list.vocab_size)
    expected = from_list.tokens(every_id).numpy().tolist()
    assert from_generator.tokens(every_id).numpy().tolist() == expected


class Endpoints(tf.Module):
    def __init__(self, tokenizer):
        super().__init__()
        self.tokenizer = tokenizer

    @tf.function(input_signature=[tf.TensorSpec([None], tf.string)])
    def tokenize(self, text):
        ids = self.tokenizer.tokenize(text)
        return {"ids": ids.to_tensor(PAD), "tokens": self.tokenizer.tokens(ids.to_tensor(PAD))}

    @tf.function(input_signature=[tf.TensorSpec([None, None], tf.int32)])
    def detokenize(self, ids):
        return self.tokenizer.detokenize(ids)


def test_it_works_inside_a_dataset(tokenizer):
    dataset = tf.data.Dataset.from_tensor_slices(SAMPLES).batch(4).map(tokenizer.tokenize)
    ids = [row for batch in dataset for row in batch.to_list()]
    assert ids == tokenizer.tokenize(SAMPLES).to_list()


def test_a_saved_model_gives_the_same_ids_and_text(tokenizer, tmp_path):
    tf.saved_model.save(Endpoints(tokenizer), tmp_path / "model")
    loaded = tf.saved_model.load(tmp_path / "model")
    ids = tokenizer.tokenize(SAMPLES)
    outputs = loaded.tokenize(tf.constant(SAMPLES))
    assert outputs["ids"].numpy().tolist() == ids.to_tensor().numpy().tolist()
    assert outputs["tokens"].numpy().tolist() == tokenizer.tokens(ids.to_tensor()).numpy().tolist()
    assert loaded.detokenize(outputs["ids"]).numpy().tolist() == (
        tokenizer.detokenize(ids).numpy().tolist()
    )
    assert loaded.tokenize(tf.zeros([0], tf.string))["ids"].shape[0] == 0


FRESH_PROCESS = """
import json, sys
import tensorflow as tf, tensorflow_text
for path in sys.argv[2:]:
    model = tf.saved_model.load(path)
    ids = model.tokenize(tf.constant(json.loads(sys.argv[1])))["ids"]
    print(json.dumps([ids.numpy().tolist(), [t.decode() for t in model.detokenize(ids).numpy()]]))
assert not [name for name in sys.modules if name.startswith(("tf_transformer", "sentencepiece"))]
"""


@pytest.mark.long
def test_a_saved_model_needs_only_tensorflow_and_tensorflow_text(
    characters, sentencepiece, wordpiece, tmp_path
):
    tokenizers = {
        "characters": characters,
        "sentencepiece": sentencepiece,
        "wordpiece": wordpiece,
    }
    paths = []
    for kind, tokenizer in tokenizers.items():
        paths.append(str(tmp_path / kind))
        tf.saved_model.save(Endpoints(tokenizer), paths[-1])
    command = [sys.executable, "-c", FRESH_PROCESS, json.dumps(SAMPLES), *paths]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    for line, tokenizer in zip(done.stdout.splitlines(), tokenizers.values(), strict=True):
        ids, texts = json.loads(line)
        expected = tokenizer.tokenize(SAMPLES)
        assert ids == expected.to_tensor().numpy().tolist()
        assert texts == [text.decode() for text in tokenizer.detokenize(expected).numpy()]


def test_an_unknown_kind_is_refused_with_the_choices():
    with pytest.raises(UserError, match=r"'bpe'.*sentencepiece, wordpiece"):
        tokenizer_class("bpe")
