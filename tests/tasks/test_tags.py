"""Tags ask for a language; none changes nothing, and none that is typed counts."""

import runpy

import numpy as np
import pytest
import tensorflow as tf

from tests import own_files
from tf_transformer import Transformer, TransformerConfig, Translator
from tf_transformer.config import CorpusFacts
from tf_transformer.errors import UserError
from tf_transformer.export import ModelCard, export_ctranslate2
from tf_transformer.tasks import load_task
from tf_transformer.text import train_tokenizers
from tf_transformer.text.rules import PLACEHOLDERS
from tf_transformer.text.tags import TAGS, tag_id
from tf_transformer.text.tokenizer import PAD

TEXTS = ["o gato vê a casa.", "", "a Ana compra um livro. o velho pinta o navio!", "—"]
TO_PT = TAGS[0]
PT_EN, EN_PT = CorpusFacts("x", "", "pt", "en"), CorpusFacts("x", "", "en", "pt", tag=TO_PT)


@pytest.fixture(scope="module")
def translator():
    """An untrained one, which knows a tag."""
    sides = [own_files.sentences(language, 200) for language in ("pt", "en")]
    tokenizers = train_tokenizers(*sides, vocab_size=400, symbols=PLACEHOLDERS + TAGS)
    size = tokenizers[0].vocab_size
    shape = {"num_layers": 1, "d_model": 16, "num_heads": 2, "d_ff": 16, "max_length": 24}
    model = Transformer(TransformerConfig(size, size, dropout=0.0, **shape))
    return Translator(model, *tokenizers, tags={"en": "", "pt": TO_PT})


@pytest.fixture(scope="module")
def loaded(translator, tmp_path_factory):
    path = tmp_path_factory.mktemp("two_ways") / "model"
    translator.export(path)
    return load_task(path)


def test_a_tag_comes_before_the_tokens_of_a_text_that_is_not_blank(translator):
    tokens = translator._tokens(tf.constant(["gato", ""]))
    tag = tag_id(translator.source_tokenizer, TO_PT)
    tagged = translator._tokens(tf.constant(["gato", ""]), tf.constant([tag, tag]))
    assert tagged.to_list() == [[tag, *tokens.to_list()[0]], []]
    untagged = translator._tokens(tf.constant(["gato", ""]), tf.constant([PAD, PAD]))
    assert untagged.to_list() == tokens.to_list()


def test_the_first_language_is_translated_as_without_tags(translator):
    plain = Translator(translator._model(), *2 * [translator.source_tokenizer])
    assert translator.languages == ("en", "pt")
    assert translator._other_language("en") == translator._other_language(None) == ""
    found, expected = (each.translate(tf.constant(TEXTS)) for each in (translator, plain))
    for name in expected:
        assert np.array_equal(found[name].numpy(), expected[name].numpy())


def test_another_language_is_asked_for_by_its_tag(translator):
    seen = {}
    tag = tag_id(translator.source_tokenizer, TO_PT)
    for to in ("en", "pt"):
        found = translator.translate_to(tf.constant(TEXTS), tf.fill([4], to), 2, 0.6)
        seen[to] = found["scores"].numpy()
    assert not np.allclose(seen["en"][[0, 2]], seen["pt"][[0, 2]])
    assert np.array_equal(seen["en"][[1, 3]], seen["pt"][[1, 3]])  # nothing, and a copy
    ids = translator._tags().ids_of_pieces(tf.constant(TO_PT), tf.ragged.constant([["a", "b"]]))
    assert ids.numpy().tolist() == [tag, tag]


def test_each_text_has_its_own_language(translator):
    mixed = translator.translate_to(tf.constant(TEXTS[:3]), tf.constant(["pt", "en", "en"]), 2, 0.6)
    for row, to in enumerate(["pt", "en", "en"]):
        alone = translator.translate_to(
            tf.constant(TEXTS[row : row + 1]), tf.constant([to]), 2, 0.6
        )
        assert mixed["translations"][row, 0] == alone["translations"][0, 0]
        np.testing.assert_allclose(mixed["scores"][row], alone["scores"][0], atol=1e-4)


def test_a_beam_of_one_is_greedy_search(translator):
    found = translator.translate_to(tf.constant(TEXTS), tf.fill([4], "en"), 1, 0.0)
    greedy = translator.translate(tf.constant(TEXTS))
    assert found["translations"][:, 0].numpy().tolist() == greedy["translation"].numpy().tolist()


@pytest.mark.parametrize(
    "typed", [TO_PT + " o gato", "o gato" + TO_PT, " ".join(6 * ["日" + TO_PT])]
)
def test_a_tag_that_is_typed_is_none(translator, typed):
    tokens = translator._tokens(translator._usual(tf.constant([typed]))[0]).to_list()[0]
    assert tag_id(translator.source_tokenizer, TO_PT) not in tokens


def test_an_unknown_language_is_one_line(translator):
    with pytest.raises(UserError, match="to='de': the model does not translate into that; did"):
        translator("gato", to="de")
    with pytest.raises(UserError, match="only one direction; leave to out"):
        Translator(translator._model(), *2 * [translator.source_tokenizer])("gato", to="en")
    with pytest.raises(UserError, match="only translations into en are drawn at random"):
        translator("gato", to="pt", temperature=0.5)
    with pytest.raises(tf.errors.InvalidArgumentError, match="translates into"):
        translator.translate_to(tf.constant(["gato"]), tf.constant(["de"]))


@pytest.mark.long
def test_an_export_translates_into_both(translator, loaded):
    assert loaded.languages == ("en", "pt")
    for to in (None, "en", "pt"):
        assert loaded(TEXTS, to=to) == translator(TEXTS, to=to)
    assert loaded(TEXTS[2], to="pt", beam_size=3) == translator(TEXTS[2], to="pt", beam_size=3)
    details = loaded(TEXTS[0], to="pt", details=True)
    assert set(details) == {"translation", "score", "truncated"}
    assert len(loaded(TEXTS[0], to="pt", details=True, beam_size=2)["translations"]) == 2


@pytest.mark.long
def test_the_signature_takes_a_language_for_each_text(translator, loaded):
    signature = loaded.saved_model.signatures["translate_to"]
    found = signature(text=tf.constant(TEXTS[::2]), to=tf.constant(["pt", "en"]))
    assert set(found) == {"translation", "score", "truncated"}
    expected = [translator(TEXTS[0], to="pt", beam_size=4), translator(TEXTS[2], beam_size=4)]
    assert [text.decode() for text in found["translation"].numpy()] == expected
    nothing = signature(text=tf.constant([], tf.string), to=tf.constant([], tf.string))
    assert nothing["translation"].shape == (0,)


def test_ctranslate2_asks_for_a_language_by_the_same_tag(translator, tmp_path):
    pytest.importorskip("ctranslate2")
    tokenizers = (translator.source_tokenizer, translator.target_tokenizer)
    facts = CorpusFacts("x", "", "pt", "en", parts=(PT_EN, EN_PT))
    card = ModelCard.of(translator._model(), corpus=facts)
    directory = export_ctranslate2(translator._model(), *tokenizers, tmp_path / "model", card)
    script = runpy.run_path(str(directory / "translate.py"))["load"]()
    texts = [*TEXTS, f"o gato{TO_PT} vê a casa."]
    for to in ("en", "pt"):
        ours = translator.translate_to(tf.constant(texts), tf.fill([len(texts)], to), 1, 0.0)
        expected = [text.decode() for text in ours["translations"][:, 0].numpy()]
        assert script(texts, to=to, batch_size=4) == expected
    with pytest.raises(ValueError, match="to=de: the model translates into en, pt"):
        script(texts, to="de")


def test_a_model_of_one_language_has_no_such_signature(translator):
    for tags in ({}, {"en": ""}):
        plain = Translator(translator._model(), *2 * [translator.source_tokenizer], tags=tags)
        assert "translate_to" not in plain.served()[1]
