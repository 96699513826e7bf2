"""Text that is unlike the training's: in capitals, or of a word alone."""

import runpy

import numpy as np
import pytest

from tf_transformer.export import export_ctranslate2
from tf_transformer.text import END
from tf_transformer.text.rules import PLACEHOLDERS


@pytest.fixture(scope="module")
def translate(trained):
    return trained.translator


def test_capitals_are_answered_in_capitals(translate):
    loud, title, usual = translate(
        ["ONDE FICA A PRAIA?", "Onde Fica a Praia?", "onde fica a praia?"]
    )
    assert loud == usual.upper()
    assert title == usual.title()
    assert translate("A CASA É AZUL. BOM DIA.") == "THE HOUSE IS BLUE. GOOD MORNING."


def test_each_hypothesis_of_capitals_is_in_capitals(translate):
    beam = translate("ONDE FICA A PRAIA?", beam_size=4, details=True)["translations"]
    assert beam == [text.upper() for text in beam]


@pytest.mark.parametrize("options", [{}, {"beam_size": 4}, {"seed": 1}], ids=str)
def test_no_text_is_translated_by_nothing(options, translate):
    texts = ["azul", "não", "x", "Ł", "漢", "zzz zzz", "7", "praia praia praia", "é"]
    assert all(text.strip() for text in translate(texts, **options))


@pytest.fixture
def silent(trained):
    """The translator, while its model finds END the most probable token everywhere."""
    norm = trained.model.decoder.final_norm
    weights = norm.get_weights()
    norm.set_weights([np.zeros(32), 20 * np.array(trained.model.target_embedding.table)[END]])
    yield trained.translator
    norm.set_weights(weights)


SHORT = ["azul", "não", "bom dia. azul", "-", "7"]


@pytest.mark.parametrize("options", [{}, {"beam_size": 4}, {"seed": 1}], ids=str)
def test_a_model_that_would_end_at_once_answers_too(options, silent):
    for found in silent(SHORT, **options, details=True):
        assert all(text.strip() for text in found.get("translations", [found["translation"]]))
    assert silent(["", " \u200b"], **options) == ["", ""]


def test_it_does_where_ctranslate2_runs_it(silent, trained, tmp_path):
    pytest.importorskip("ctranslate2")
    directory = export_ctranslate2(trained.model, *trained.tokenizers, tmp_path / "model")
    script = runpy.run_path(str(directory / "translate.py"))["load"]()
    assert all(text.strip() for text in script(SHORT, beam_size=4))


def test_attention_is_shown_of_the_usual_spelling(translate):
    loud, usual = (
        translate.attention("ONDE FICA A PRAIA?"),
        translate.attention("onde fica a praia?"),
    )
    assert loud["translation"] == usual["translation"].upper()
    assert loud["source_tokens"] == usual["source_tokens"]


@pytest.mark.parametrize(
    ("source", "target"),
    [
        ("★ onde fica a praia?", "★ where is the beach?"),
        ("onde fica a praia Łużyc", None),
        ("漢字。", "漢字。"),
        ("Привет, как дела?", "Привет, как дела?"),
    ],
)
@pytest.mark.parametrize("options", [{}, {"beam_size": 2}], ids=["greedy", "beam"])
def test_what_a_vocabulary_cannot_spell_is_copied(source, target, options, translate):
    found = translate(source, **options)
    if target:
        assert found == target
    assert all(character in found for character in source if ord(character) > 0x100)
    assert not any(placeholder in found for placeholder in PLACEHOLDERS)


def test_hidden_words_are_among_the_tokens_that_attention_is_shown_of(translate):
    found = translate.attention("★ onde fica a praia?")
    assert "★" in found["source_tokens"]
    assert "★" in found["target_tokens"]
    assert found["translation"] == translate("★ onde fica a praia?")
