"""The scripts of exports: what they contain, and what they do around an engine."""

import ast
import importlib
import json
import sys
import types

import numpy as np
import pytest
import tensorflow as tf

from tf_transformer.export.id_engine import IdEngine, written
from tf_transformer.export.line_translator import Found, LineTranslator, Row, load_tokenizer
from tf_transformer.export.script import script_of
from tf_transformer.text import END, Characters, save_tokenizers, train_tokenizers
from tf_transformer.text.rules import PLACEHOLDERS
from tf_transformer.text.tags import TAGS

LETTERS = "".join(map(chr, range(0x20, 0x7F))) + "áéíóúãõçê"
TO_PT = TAGS[0]


@pytest.mark.parametrize("engine", ["ctranslate2", "litert", "onnx", "openvino"])
def test_a_script_contains_what_it_would_import_from_this_package(engine):
    tree = ast.parse(script_of(f"tf_transformer.export.{engine}_script"))
    imported = [
        name
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in (getattr(node, "module", None), *(each.name for each in node.names))
    ]
    assert not [name for name in imported if name and name.startswith(("tf_", "tensorflow"))]
    defined = [node.name for node in tree.body if hasattr(node, "name")]
    assert {"split_line", "LineTranslator", "load", "main"} <= set(defined)
    assert len(defined) == len(set(defined))  # each module once, and no name twice


class Echo:
    """An engine whose translation is the source, and whose score is the number of its batch."""

    def __init__(self, directory, threads, source, target):
        self.batches = None

    def search(self, batches, beam_size, length_penalty):
        self.batches = batches
        for number, batch in enumerate(batches):
            yield [Found(row.tokens, number) for row in batch]


@pytest.fixture
def echo(tmp_path):
    """Makes a translator that repeats: `echo(tokenizer, **config)` gives it and its engine."""

    def make(tokenizer, **config):
        save_tokenizers(tmp_path / "tokenizer", tokenizer, tokenizer)
        values = {"max_length": 60} | config
        (tmp_path / "config.json").write_text(json.dumps(values), encoding="utf-8")
        translator = LineTranslator(Echo, tmp_path)
        return translator, translator._engine

    return make


@pytest.fixture
def letters(echo):
    return echo(Characters(LETTERS))


def test_texts_are_cleaned_and_their_line_breaks_stay(letters):
    translate, _ = letters
    assert translate("  o  gato\u00a0dorme. \n\n A casa. ") == "o gato dorme. \n\n A casa."
    assert translate(["", " \n ", "a", "\na"]) == ["", "", "a", "\na"]
    assert translate([]) == []


def test_batches_are_of_similar_length_and_answers_in_order(letters):
    translate, engine = letters
    texts = ["a" * length for length in (3, 9, 1, 7, 5)]
    assert [found.text for found in translate.translate(texts, batch_size=2)] == texts
    lengths = [[len(row.tokens) for row in batch] for batch in engine.batches]
    assert lengths == [[9, 7], [5, 3], [1]]
    assert [row.limit for batch in engine.batches for row in batch] == [28, 24, 20, 16, 12]


def test_sentences_go_one_by_one_and_their_scores_are_added_up(letters):
    translate, engine = letters
    (found,) = translate.translate(["o gato dorme. A casa azul. 😀"], batch_size=1)
    assert [len(batch) for batch in engine.batches] == [1, 1]
    assert (found.text, found.score) == ("o gato dorme. A casa azul. 😀", 1)


def test_a_limit_is_never_above_the_model_s_and_a_cut_is_reported(letters):
    translate, engine = letters
    short, long = translate.translate(["a" * 20, "a" * 70])
    assert not short.is_cut
    assert long.is_cut
    assert len(long.text) == engine.batches[0][0].limit == 60


def test_what_is_longer_than_in_training_is_split_or_reported(echo):
    translate, engine = echo(Characters(LETTERS), longest_source=9)
    split, whole = translate.translate(["o gato; a casa", "abcdefghijkl"])
    assert (split.text, split.is_long) == ("o gato; a casa", False)
    assert whole.is_long
    assert sorted(len(row.tokens) for row in engine.batches[0]) == [6, 7, 12]


@pytest.fixture(scope="module")
def pieces():
    texts = ["O gato vê a casa azul.", "The cat sees the blue house."] * 3
    return train_tokenizers(texts, texts, vocab_size=330, symbols=PLACEHOLDERS + TAGS)[0]


def test_a_tag_comes_first_and_a_typed_one_does_not_count(echo, pieces):
    translate, engine = echo(pieces, tags={"en": "", "pt": TO_PT})
    list(translate.translate(["a casa", f"{TO_PT} casa"], to="pt"))
    rows = [row.tokens for batch in engine.batches for row in batch]
    assert [tokens[0] for tokens in rows] == [TO_PT] * 2
    assert not [token for tokens in rows for token in tokens[1:] if token in TAGS]
    list(translate.translate(["a casa"], to="en"))
    assert engine.batches[0][0].tokens == pieces_of(pieces, "a casa")


def pieces_of(tokenizer, text):
    return [token.decode() for token in tokenizer.tokens(tokenizer.tokenize([text])).numpy()[0]]


def test_words_that_the_vocabulary_cannot_spell_are_hidden_from_the_model(echo, pieces):
    translate, engine = echo(pieces, known_characters=pieces.known_characters())
    assert translate("A casa Łużyc.") == "A casa Łużyc."
    (tokens,) = (row.tokens for batch in engine.batches for row in batch)
    assert PLACEHOLDERS[0] in tokens
    assert "Ł" not in "".join(tokens)


def test_what_a_model_cannot_do_is_one_clear_line(letters):
    translate, _ = letters
    for options, says in [
        ({"to": "pt"}, "to=pt: the model translates into only one language: leave it out"),
        ({"beam_size": 0}, "beam_size=0: it must be at least 1"),
        ({"batch_size": 0}, "batch_size=0: it must be at least 1"),
        ({"prefix": "a"}, "this engine's search knows neither"),
        ({"min_length": 3}, "this engine's search knows neither"),
    ]:
        with pytest.raises(ValueError, match=says):
            translate("a", **options)
    with pytest.raises(ValueError, match="threads=0"):
        LineTranslator(Echo, threads=0)


def test_the_tokenizer_of_characters_is_the_same(tmp_path):
    ours = Characters("abc xyzã")
    save_tokenizers(tmp_path / "tokenizer", ours, ours)
    theirs = load_tokenizer("source", tmp_path)
    texts = ["a cab", " x ", "caã\n?", "<s>", ""]
    for text, ids in zip(texts, ours.tokenize(texts).to_list(), strict=True):
        tokens = theirs.tokenize(text)
        assert tokens == [theirs.names[token] for token in ids]
        text = ours.detokenize(tf.constant([ids], tf.int32))[0].numpy().decode()
        assert theirs.detokenize(tokens) == text


# Around LiteRT


@pytest.fixture
def litert(monkeypatch):
    """The module of the engine, with a LiteRT that returns each source backwards."""
    calls = []

    class Interpreter:
        def __init__(self, path, num_threads):
            self.threads = num_threads

        def get_signature_runner(self, name):
            def run(source_ids, limits, beam_size=None, alpha=None):
                calls.append((name, source_ids, limits, beam_size, alpha))
                ids, scores = source_ids[:, ::-1], -limits.astype("f4")
                if name == "greedy":
                    return {"ids": ids, "scores": scores}
                return {"ids": ids[:, None], "scores": scores[:, None]}

            return run

    module = types.SimpleNamespace(Interpreter=Interpreter)
    monkeypatch.setitem(sys.modules, "ai_edge_litert", types.ModuleType("ai_edge_litert"))
    monkeypatch.setitem(sys.modules, "ai_edge_litert.interpreter", module)
    monkeypatch.delitem(sys.modules, "tf_transformer.export.litert_script", raising=False)
    yield importlib.import_module("tf_transformer.export.litert_script"), calls
    sys.modules.pop("tf_transformer.export.litert_script")


@pytest.fixture
def engine(litert, echo, tmp_path):
    """The engine of a model of at most four tokens, and the calls of LiteRT after loading."""
    module, calls = litert
    echo(Characters("abcd"), max_length=4)
    tokenizers = [load_tokenizer(side, tmp_path) for side in ("source", "target")]
    engine = IdEngine(module.find_with, tmp_path, 2, *tokenizers)
    calls.clear()
    return engine, calls


def test_sources_end_with_the_end_token_and_are_cut_to_the_model_s_length(engine):
    run, calls = engine
    list(run.search([[Row([*"abcdabcd"], 9), Row(["b"], 7)]], beam_size=1, length_penalty=0.6))
    ((name, source_ids, limits, *_),) = calls
    assert name == "greedy"
    np.testing.assert_array_equal(source_ids, [[4, 5, 6, END], [5, END, 0, 0]])
    np.testing.assert_array_equal(limits, [9, 7])
    assert source_ids.dtype == limits.dtype == np.int32


@pytest.mark.parametrize("beam_size", [1, 3])
def test_translations_end_before_the_end_token(beam_size, engine):
    run, calls = engine
    batches = [[Row([*"abc"], 5)], [Row(["c"], 4), Row([], 3)]]
    found = list(run.search(batches, beam_size, 0.6))
    assert [[each.score for each in batch] for batch in found] == [[-5], [-4, -3]]
    assert [[each.tokens for each in batch] for batch in found] == [[[]], [[], ["<pad>"]]]
    assert {name for name, *_ in calls} == {"greedy" if beam_size == 1 else "beam"}
    if beam_size > 1:
        assert calls[0][-2:] == (3, np.float32(0.6))


def test_what_was_cut_ends_before_the_zeros():
    for ids, expected in [
        ([5, 6, 3, 0], [5, 6]),
        ([5, 0, 6, 0, 0], [5, 0, 6]),
        ([3], []),
        ([0, 0], []),
        ([5, 6], [5, 6]),
    ]:
        assert written(np.array(ids)).tolist() == expected
