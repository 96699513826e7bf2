"""Which sentences the benchmarks read."""

import pytest
from absl import flags

from benchmarks import corpus


@pytest.fixture
def choose(tmp_path, monkeypatch):
    """Chooses a corpus with the flags that are given, where there is no data but in `tmp_path`."""
    monkeypatch.setattr(corpus, "_DATA_DIRS", (str(tmp_path / "one"), str(tmp_path / "two")))

    def choose(*arguments):
        values = flags.FlagValues()
        for name in ("dataset", "data_dir"):
            flags.DEFINE_string(name, None, "", flag_values=values)
        values(["benchmark", *arguments])
        monkeypatch.setattr(corpus, "FLAGS", values)
        return corpus.choose_corpus()

    return choose


def test_ted_is_read_where_it_is(choose, tmp_path):
    (tmp_path / "two" / "ted_hrlr_translate" / "pt_to_en").mkdir(parents=True)
    assert choose() == ("ted_hrlr_translate/pt_to_en", str(tmp_path / "two"))
    assert choose(f"--data_dir={tmp_path / 'two'}")[0] == "ted_hrlr_translate/pt_to_en"


def test_the_phrasebook_is_read_where_ted_is_not(choose, tmp_path):
    assert choose() == ("phrasebook", str(tmp_path / "one"))
    assert choose(f"--data_dir={tmp_path}") == ("phrasebook", str(tmp_path))


def test_a_data_set_that_is_named_is_read(choose, tmp_path):
    assert choose("--dataset=mine.tsv") == ("mine.tsv", str(tmp_path / "one"))
