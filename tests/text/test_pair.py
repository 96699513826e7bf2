"""Tokenizers of a source and a target language."""

import os
import subprocess
import sys

import pytest
import tensorflow as tf

from tf_transformer.errors import UserError
from tf_transformer.text import (
    SentencePiece,
    WordPiece,
    load_tokenizers,
    save_tokenizers,
    train_tokenizers,
)

KINDS = {"sentencepiece": SentencePiece, "wordpiece": WordPiece}


def vocabulary(tokenizer):
    return tokenizer.tokens(tf.range(tokenizer.vocab_size)).numpy().tolist()


@pytest.mark.parametrize("kind", KINDS)
def test_joint_tokenizers_are_one_object_that_knows_both_languages(kind, portuguese, english):
    source, target = train_tokenizers(portuguese, english, kind, vocab_size=500)
    assert source is target
    assert type(source) is KINDS[kind]
    for word in ("porta", "door"):
        assert len(source.tokenize([word])[0]) < len(word)


@pytest.mark.parametrize("kind", KINDS)
def test_separate_tokenizers_each_know_their_language(kind, portuguese, english):
    source, target = train_tokenizers(portuguese, english, kind, vocab_size=400, joint=False)
    assert vocabulary(source) == vocabulary(KINDS[kind].train(portuguese, 400))
    assert vocabulary(target) == vocabulary(KINDS[kind].train(english, 400))


def test_sentencepiece_is_the_default(portuguese, english):
    source, _ = train_tokenizers(portuguese, english, vocab_size=400)
    assert source.kind == "sentencepiece"


def test_joint_tokenizers_are_stored_once_and_come_back_as_one(tokenizer, tmp_path):
    save_tokenizers(tmp_path / "tokenizer", tokenizer, tokenizer)
    assert not (tmp_path / "tokenizer" / "source").exists()
    source, target = load_tokenizers(tmp_path / "tokenizer")
    assert source is target
    assert vocabulary(source) == vocabulary(tokenizer)


def test_separate_tokenizers_come_back_in_their_roles(sentencepiece, wordpiece, tmp_path):
    save_tokenizers(tmp_path / "tokenizer", sentencepiece, wordpiece)
    assert sorted(os.listdir(tmp_path / "tokenizer")) == ["source", "target"]
    source, target = load_tokenizers(tmp_path / "tokenizer")
    assert vocabulary(source) == vocabulary(sentencepiece)
    assert vocabulary(target) == vocabulary(wordpiece)


def test_a_failed_save_leaves_nothing(sentencepiece, wordpiece, tmp_path, monkeypatch):
    def disk_full(*_):
        raise OSError("No space left on device")

    monkeypatch.setattr(WordPiece, "_write_files", disk_full)
    with pytest.raises(OSError, match="No space left"):
        save_tokenizers(tmp_path / "tokenizer", sentencepiece, wordpiece)
    assert os.listdir(tmp_path) == []


def test_saving_never_overwrites(sentencepiece, wordpiece, tmp_path):
    for target in (sentencepiece, wordpiece):
        with pytest.raises(UserError, match="exists already"):
            save_tokenizers(tmp_path, sentencepiece, target)


def test_a_directory_without_tokenizers_is_refused(tmp_path):
    with pytest.raises(UserError, match="holds no tokenizer"):
        load_tokenizers(tmp_path)


def test_an_unknown_kind_is_refused_before_the_corpus_is_read():
    def corpus():
        raise AssertionError("read")
        yield

    with pytest.raises(UserError, match=r"'bpe'.*sentencepiece, wordpiece"):
        train_tokenizers(corpus(), corpus(), kind="bpe")


TRAIN = """
import sys
from tf_transformer.text import save_tokenizers, train_tokenizers
lines = open(sys.argv[1], encoding="utf-8").read().split("\\n")
for kind in ("sentencepiece", "wordpiece"):
    save_tokenizers(f"{sys.argv[2]}/{kind}", *train_tokenizers(lines, lines, kind, vocab_size=400))
"""


@pytest.mark.long
def test_training_in_another_process_gives_the_same_vocabulary(corpus, tmp_path):
    (tmp_path / "corpus.txt").write_text("\n".join(corpus), encoding="utf-8")
    command = [sys.executable, "-c", TRAIN, str(tmp_path / "corpus.txt"), str(tmp_path)]
    environment = {**os.environ, "PYTHONHASHSEED": "7", "PYTHONPATH": os.pathsep.join(sys.path)}
    subprocess.run(command, env=environment, check=True, capture_output=True, timeout=120)
    for kind in KINDS:
        here, _ = train_tokenizers(corpus, corpus, kind, vocab_size=400)
        there, _ = load_tokenizers(tmp_path / kind)
        assert vocabulary(here) == vocabulary(there)
        texts = corpus[::10]
        assert here.tokenize(texts).to_list() == there.tokenize(texts).to_list()
