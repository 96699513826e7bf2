"""The translator in the box translates ordinary sentences, is small, and is what its page says."""

import json
import re
from pathlib import Path

import pytest

import tf_transformer as tft
from tests.first_run import CHECKOUT
from tests.pages import text_of
from tf_transformer import pretrained

BOX = Path(pretrained.HOME) / "pt_en"


@pytest.fixture(scope="module")
def translator():
    return tft.from_pretrained("pt_en")


def test_it_translates_what_the_first_page_says(translator):
    command, said = re.search(
        r'^tft translate "(.+)" +# (.+)$', text_of(CHECKOUT / "README.md"), re.MULTILINE
    ).groups()
    assert translator(command, beam_size=4) == said


def test_forty_sentences_are_translated_as_its_page_says(translator):
    """Rows of the table are `| source | translation | … |`."""
    rows = re.findall(
        r"^\| (.+?[.?!]) \| (.+?[.?!]) \|", text_of(CHECKOUT / "docs/pretrained.md"), re.M
    )
    sources, translations = zip(*rows, strict=True)
    assert len(rows) == 40
    assert translator(list(sources), beam_size=4) == list(translations)


def test_it_is_small_and_needs_no_pickle():
    files = [path for path in BOX.rglob("*") if path.is_file()]
    assert sum(path.stat().st_size for path in files) <= 20e6
    assert not [path for path in files if path.suffix in (".pkl", ".pickle", ".h5", ".keras")]


def test_its_card_names_its_texts_their_licences_and_authors():
    card = (BOX / "README.md").read_text(encoding="utf-8")
    for words in ("`everyday`", "Apache-2.0", "CC BY 2.0 FR", "tatoeba.org"):
        assert words in card
    for words in ("TED", "non-commercial", "unknown"):
        assert words not in card


def test_its_scores_are_those_of_the_tracked_run():
    kept = json.loads((CHECKOUT / "recipes/results/everyday/everyday_free.json").read_text())
    metrics = json.loads((BOX / "metrics.json").read_text())
    for name in ("bleu", "chrf"):
        assert round(metrics[name], 2) == round(kept[name], 2)
