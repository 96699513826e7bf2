"""What is asked of a translation holds on the phrasebook, by the translator in the box."""

import re

import pytest

import tf_transformer as tft

pytestmark = pytest.mark.long

NAME = "João"


@pytest.fixture(scope="module")
def translator():
    return tft.from_pretrained("pt_en")


@pytest.fixture(scope="module")
def phrasebook():
    """All Portuguese sentences that are held out."""
    return tft.load_corpus("phrasebook").pairs("test").sources


@pytest.fixture(scope="module")
def sources(phrasebook):
    """Twenty of them, spread over all."""
    return phrasebook[:: len(phrasebook) // 20][:20]


@pytest.fixture(scope="module")
def of_a_name(phrasebook):
    """Those with a name, in the middle or at the end."""
    return [text for text in phrasebook if re.search(rf"\w {NAME}\b", text)]


def has(phrase, text):
    return re.search(rf"(?<!\w){re.escape(phrase)}(?!\w)", text) is not None


@pytest.mark.parametrize("beam_size", [1, 4])
@pytest.mark.parametrize("prefix", ["My old", "Perhaps "])
def test_translations_begin_with_their_prefix(prefix, beam_size, translator, sources):
    found = translator(sources, prefix=prefix, beam_size=beam_size)
    assert all(text.startswith(prefix) and len(text) > len(prefix) for text in found)
    assert len(set(found)) > len(found) / 2


@pytest.mark.parametrize("phrases", [["again"], ["my uncle", "never"]])
def test_translations_hold_what_they_must(phrases, translator, sources):
    for row in translator(sources, must=phrases, beam_size=4, details=True):
        assert all(has(phrase, row["translation"]) for phrase in phrases)
        assert not row["truncated"]


@pytest.mark.parametrize("beam_size", [1, 4])
def test_translations_have_nothing_that_they_must_not(beam_size, translator, sources):
    words = ["the", "is", "was", "did"]
    forms = [form for word in words for form in (word, word.capitalize(), word.upper())]
    usual = translator(sources)
    assert sum(any(has(form, text) for form in forms) for text in usual) > len(usual) / 2
    for text in translator(sources, must_not=words, beam_size=beam_size):
        assert text
        assert not any(has(form, text) for form in forms)


def test_terms_are_translated_as_they_should_be(translator, of_a_name):
    assert len(of_a_name) > 3
    for source, text in zip(of_a_name, translator(of_a_name, terms={NAME: "Zoë X."}), strict=True):
        assert text.count("Zoë X.") == source.count(NAME), (source, text)
        assert NAME not in text


@pytest.mark.parametrize("word", ["3,50", "https://a.org/x?y=1", "ana@b.co.uk", "A4-17"])
def test_links_addresses_and_words_with_a_digit_are_copied(word, translator, of_a_name):
    texts = [source.replace(NAME, word, 1) for source in of_a_name]
    assert [text.count(word) for text in translator(texts, copy=True)] == [1] * len(texts)


@pytest.mark.parametrize("beam_size", [1, 4])
def test_log_probabilities_add_up_to_the_score(beam_size, translator, sources):
    for row in translator(sources, beam_size=beam_size, details=True, per_token=True):
        assert all(value <= 0 for value in row["log_probabilities"])
        penalty = 1 if beam_size == 1 else ((5 + len(row["tokens"])) / 6) ** 0.6
        assert sum(row["log_probabilities"]) == pytest.approx(row["score"] * penalty, abs=1e-3)


def test_every_word_of_a_translation_is_aligned_to_one_of_the_source(translator, sources):
    found = translator(sources, details=True, per_token=True)
    for source, row in zip(sources, found, strict=True):
        pairs = [tuple(map(int, pair.split("-"))) for pair in row["alignment"].split()]
        assert [target for _, target in pairs] == [*range(len(row["translation"].split()))]
        assert {number for number, _ in pairs} <= {*range(len(source.split()))}


def test_diverse_translations_all_differ(translator, sources):
    options = {"beam_size": 4, "min_length": 1, "details": True}
    plain, *diverse = (translator(sources[:5], diversity=x, **options) for x in (0.0, 1.0, 3.0))
    for rows in diverse:
        for row, usual in zip(rows, plain, strict=True):
            assert len(set(row["translations"])) == len(row["translations"]) > 1
            assert len(row["translations"]) >= len(usual["translations"])


@pytest.mark.parametrize("beam_size", [1, 4])
def test_a_minimum_length_is_kept(beam_size, translator, sources):
    options = {"beam_size": beam_size, "per_token": True, "details": True}
    rows = translator(sources, min_length=25, **options)
    assert all(len(row["tokens"]) > 25 for row in rows)
