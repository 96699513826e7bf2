"""Text that is unlike the training's: in capitals, or of a word alone."""

import pytest


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


def test_attention_is_shown_of_the_usual_spelling(translate):
    loud, usual = (
        translate.attention("ONDE FICA A PRAIA?"),
        translate.attention("onde fica a praia?"),
    )
    assert loud["translation"] == usual["translation"].upper()
    assert loud["source_tokens"] == usual["source_tokens"]
