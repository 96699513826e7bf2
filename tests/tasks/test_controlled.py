"""What a caller asks of a translation holds in its text."""

import re

import numpy as np
import pytest
import tensorflow as tf

from tf_transformer.errors import UserError
from tf_transformer.tasks import load_task
from tf_transformer.tasks.asked import Asked
from tf_transformer.tasks.word_alignment import word_alignment
from tf_transformer.text import END, START

HOUSE = "a casa é azul."  # the house is blue.
NIGHT = "boa noite, Ana."  # good night, Ana.


@pytest.fixture(scope="module")
def translator(trained):
    return trained.translator


@pytest.mark.parametrize("prefix", ["the blue", "the blue ", "the blu", "Mr. X:  the", "«The "])
def test_a_translation_begins_with_its_prefix_as_it_is_written(prefix, translator):
    found = translator(HOUSE, prefix=prefix)
    assert found.startswith(prefix)
    assert len(found) > len(prefix)
    if prefix.endswith(" "):
        assert re.match(r"\w", found.removeprefix(prefix))


@pytest.mark.parametrize("phrases", [["red"], ["cat", "a black dog"], ["Łódź"]])
def test_phrases_that_must_appear_do(phrases, translator):
    found = translator([HOUSE, NIGHT], beam_size=4, must=phrases, details=True)
    for row in found:
        assert all(re.search(rf"(?<!\w){each}(?!\w)", row["translation"]) for each in phrases)
        assert not row["truncated"]


@pytest.mark.parametrize(
    "options", [{}, {"beam_size": 4}, pytest.param({"seed": 1}, marks=pytest.mark.long)]
)
def test_phrases_that_must_not_appear_do_not(options, translator):
    words = {"must_not": ["House", "the house", "BLUE", "blue", "night", "good"]}
    for text in translator([HOUSE, NIGHT], **options, **words):
        assert not re.search(r"\b(House|the house|BLUE|blue|Blue|night|good|Good)\b", text)
        assert text


def test_a_phrase_with_too_little_room_cuts_its_translation(translator):
    found = translator(HOUSE, beam_size=4, must=["dog " * 30], details=True)
    assert found["truncated"]


def test_terms_are_translated_as_they_should_be(translator):
    found = translator([NIGHT, HOUSE], terms={"Ana": r"Zoë \E X.", "An": "Bob", "na": "Bob"})
    assert found[0].count(r"Zoë \E X.") == 1
    assert "Bob" not in found[0]
    assert found[1] == translator(HOUSE, min_length=1)
    assert translator(NIGHT, terms=["Ana"]).count("Ana") == 1


@pytest.mark.parametrize("word", ["3,50", "https://a.org/x?y=1#z", "ana@b.co.uk", "A4-17"])
def test_links_addresses_and_words_with_a_digit_are_copied(word, translator):
    assert translator(f"boa noite, {word}.", copy=True).count(word) == 1


def test_a_minimum_length_is_kept(translator):
    found = translator([HOUSE, NIGHT], min_length=25, per_token=True, details=True)
    assert all(len(row["tokens"]) > 25 for row in found)


@pytest.mark.parametrize("beam_size", [1, 4])
def test_log_probabilities_are_those_of_a_forced_translation(beam_size, trained, translator):
    options = {"beam_size": beam_size, "details": True, "per_token": True, "prefix": "the red"}
    for row, source in zip(translator([HOUSE, NIGHT], **options), [HOUSE, NIGHT], strict=True):
        vocabulary = tf.range(trained.tokenizers[1].vocab_size)
        labels = trained.tokenizers[1].tokens(vocabulary).numpy().tolist()
        ids = [labels.index(token.encode()) for token in row["tokens"]]
        source_ids = [[*trained.tokenizers[0].tokenize([source])[0].numpy(), END]]
        logits = trained.model((np.array(source_ids), np.array([[START, *ids[:-1]]])))
        expected = np.take(tf.nn.log_softmax(logits)[0], ids, axis=-1).diagonal()
        np.testing.assert_allclose(row["log_probabilities"], expected, atol=1e-4)
        penalty = 1 if beam_size == 1 else ((5 + len(ids)) / 6) ** 0.6
        assert sum(row["log_probabilities"]) == pytest.approx(row["score"] * penalty, abs=1e-4)


def test_every_word_of_a_translation_is_aligned_to_one_of_the_source(trained, translator):
    found = translator(trained.pairs.sources, details=True, per_token=True)
    for source, row in zip(trained.pairs.sources, found, strict=True):
        pairs = [tuple(map(int, pair.split("-"))) for pair in row["alignment"].split()]
        assert [target for _, target in pairs] == [*range(len(row["translation"].split()))]
        assert {number for number, _ in pairs} <= {*range(len(source.split()))}


def test_the_alignment_is_where_the_weights_of_all_pieces_are():
    attention = tf.constant([[[0.5, 0.1, 0.2, 0.2], [0.2, 0.3, 0.3, 0.2], [0.0, 0.9, 0.1, 0.0]]])
    words = tf.constant([[0, 1, 1, -1]]), tf.constant([[0, 0, 1]])
    assert word_alignment(attention, *words, hardly=1e6).numpy().tolist() == [b"1-0 1-1"]


def test_a_word_that_all_look_at_belongs_to_those_that_look_most():
    attention = tf.constant([[[0.35, 0.0, 0.65], [0.0, 0.4, 0.6], [0.1, 0.0, 0.9]]])
    words = tf.constant([[0, 1, 2]]), tf.constant([[0, 1, 2]])
    assert word_alignment(attention, *words).numpy().tolist() == [b"0-0 1-1 2-2"]
    assert word_alignment(attention, *words, hardly=1e6).numpy().tolist() == [b"2-0 2-1 2-2"]


def test_a_translation_of_one_word_is_aligned_to_the_word_that_it_looks_at():
    attention = tf.constant([[[0.2, 0.5, 0.3], [0.9, 0.1, 0.0]]])  # the second row is END's
    words = tf.constant([[0, 1, 2]]), tf.constant([[0, -1]])
    assert word_alignment(attention, *words).numpy().tolist() == [b"1-0"]


def n_best(translator, sources, **options):
    """Return the details of translations by a beam of four, without and with diversity."""
    options = {"beam_size": 4, "details": True, "min_length": 1} | options
    return [translator(sources, diversity=x, **options) for x in (0.0, 0.1, 1.0, 3.0)]


def test_diverse_translations_have_more_words_and_are_as_many(trained, translator):
    def words(rows):
        return sum(len({w for text in row["translations"] for w in text.split()}) for row in rows)

    plain, *diverse = n_best(translator, trained.pairs.sources[::4])
    for rows in diverse:
        assert words(rows) >= words(plain)
        for row, usual in zip(rows, plain, strict=True):
            assert len(set(row["translations"])) == len(row["translations"])
            assert len(row["translations"]) >= len(usual["translations"])
            assert row["scores"] == sorted(row["scores"], reverse=True)
            assert row["score"] == row["scores"][0] >= usual["score"] - 1e-4
    assert words(diverse[-1]) > words(plain)


def test_diverse_translations_hold_what_is_asked_for(translator):
    for rows in n_best(translator, [HOUSE, NIGHT], must=["red"], must_not=["the"]):
        for row in rows:
            assert len(row["translations"]) > 1
            assert all(re.search(r"\bred\b", text) for text in row["translations"])
            assert not any(re.search(r"\b[Tt]he\b", text) for text in row["translations"])


@pytest.mark.parametrize("options", [{"diversity": 2.0}, {"diversity": 2.0, "groups": 2}])
def test_a_row_of_diverse_translations_does_not_see_the_others(options, translator):
    options = {"beam_size": 4, "details": True} | options
    together = translator([HOUSE, NIGHT], **options)
    for text, row in zip([HOUSE, NIGHT], together, strict=True):
        alone = translator(text, **options)
        assert row["translations"] == alone["translations"]
        np.testing.assert_allclose(row["scores"], alone["scores"], atol=1e-4)


def test_rows_that_ask_for_different_things_do_not_see_one_another(translator):
    alone = [
        translator(HOUSE, beam_size=4, must=["red"]),
        translator(NIGHT, beam_size=4, prefix="a "),
    ]
    columns = [[HOUSE, NIGHT], ["", "a "], ["red", ""], ["", ""], ["", ""], [False] * 2, [0, 0]]
    found = translator.graph("translate_controlled")(*map(tf.constant, columns), 4, 0.6, 1, 0.0)
    assert [text.decode() for text in found["translations"][:, 0].numpy()] == alone


@pytest.mark.long
def test_an_export_answers_as_the_live_translator(translator, tmp_path):
    translator.export(tmp_path / "model", card="Knows 32 sentences.", control=True)
    loaded = load_task(tmp_path / "model")
    options = {"beam_size": 4, "details": True, "must": ["red"], "terms": ["Ana"], "diversity": 1.0}
    ours, theirs = (
        task([HOUSE, NIGHT], per_token=True, **options) for task in (translator, loaded)
    )
    assert [row.pop("alignment") for row in ours] == [row.pop("alignment") for row in theirs]
    for a, b in zip(ours, theirs, strict=True):
        assert a["translations"] == b["translations"]
        np.testing.assert_allclose(a["log_probabilities"], b["log_probabilities"], atol=1e-4)
    signature = loaded.saved_model.signatures["translate_controlled"]
    asked = {
        name: tf.constant([value] * 2)
        for name, value in {
            "prefix": "the ",
            "must": "",
            "must_not": "blue",
            "terms": "",
            "copy": False,
            "min_length": 0,
        }.items()
    }
    found = signature(text=tf.constant([HOUSE, NIGHT]), **asked)
    assert all(text.startswith(b"the ") for text in found["translation"].numpy())
    assert set(found) == {
        *("translation", "score", "truncated", "tokens", "log_probabilities", "alignment")
    }
    with pytest.raises(UserError, match="an exported model draws at random without control"):
        loaded(HOUSE, seed=1, prefix="a")


def test_blank_and_copied_texts_stay_as_they_are(translator):
    assert translator(["", " ", "★ —"], must_not=["a"]) == ["", "", "★ —"]
    assert translator([], prefix="a") == []


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"must": "red"}, "must='red': give a list"),
        ({"must": ["red"]}, "set beam_size=4"),
        ({"must_not": ["a\nb"]}, "has a line break or a tab"),
        ({"terms": {"a": 3}}, "terms: each must be a str, but one is 3"),
        ({"must_not": [" "]}, "' ' is blank"),
        ({"prefix": 3}, "prefix=3: give the beginning"),
        ({"min_length": -1}, "min_length=-1: the value must be at least 0"),
        ({"diversity": 1.0}, "needs beam_size above 1"),
        ({"beam_size": 4, "groups": 3}, "groups=3: a beam of 4 cannot be divided"),
        ({"beam_size": 4, "groups": 1, "diversity": 1.0}, "needs groups above 1"),
        ({"seed": 1, "diversity": 1.0}, "diversity: only a beam can do this"),
        ({"per_token": True}, "set details=True"),
    ],
)
def test_what_cannot_be_asked_for_is_said(options, message, translator):
    with pytest.raises(UserError, match=re.escape(message)):
        translator(HOUSE, **options)


def test_asking_for_nothing_is_the_usual_search():
    assert not Asked(must=[], terms={}, copy=False, min_length=0)
    assert all(map(bool, [Asked(prefix="a"), Asked(must=["a"]), Asked(copy=True)]))
