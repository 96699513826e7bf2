"""Recipe compare_runs, on metrics that are made up."""

import json
import re
import shutil

import pytest
from matplotlib.image import imread

import tf_transformer as tft
from tests.first_run import CHECKOUT
from tf_transformer.plots.drawing import MOST_PIXELS

SIGNATURES = {"bleu_signature": "nrefs:1|tok:none", "chrf_signature": "nrefs:1|nc:6"}


def metrics(bleu, dataset="mine.tsv", epochs=4, **fields):
    """Return the metrics of a run of the preset `tiny` with other fields."""
    model, training = tft.preset("tiny", epochs=epochs, **fields)
    curve = [
        {
            "epoch": epoch,
            "minutes": 2.5 * epoch,
            "cpu_minutes": 4.75 * epoch,
            "val_loss": 3 + 1 / epoch,
            "val_bleu": bleu - abs(epoch - 2),  # the second is the best
            "tokens_per_second": 1234.5678901,
        }
        for epoch in range(1, epochs + 1)
    ]
    return {
        "config": {"dataset": dataset, "model": model.to_dict(), "training": training.to_dict()},
        "split": "validation",
        "bleu": bleu,
        "chrf": 50.123456789,
        **SIGNATURES,
        "search": {"beam_size": 4, "alpha": 0.6},
        "parameters": 1_440_000,
        "minutes": 10.0,
        "cpu_minutes": 19.0,
        "tokens_per_second": 1234.5678901,
        "peak_memory_mb": 1700,
        "epochs": curve,
    }


@pytest.fixture
def home(tmp_path, monkeypatch):
    """The current directory, with three runs: one is not finished."""
    monkeypatch.chdir(tmp_path)
    add("runs/base", metrics(30))
    add("runs/wide", metrics(31.5, d_ff=1024, dropout=0.3))
    (tmp_path / "runs" / "stopped").mkdir()
    return tmp_path


def add(run_dir, values):
    path = tft.Run.create(run_dir).metrics_path
    path.write_text(json.dumps(values))


def cells(out):
    """Return the cells of a Markdown table by run and column."""
    rows = [line[2:-2].split(" | ") for line in out.splitlines() if line.startswith("|")]
    header, _, *rows = rows
    return {row[0]: dict(zip(header, row, strict=True)) for row in rows}


def test_a_table_says_what_differs_and_what_it_did(recipe, home):
    finished = recipe("compare", "runs/base", "runs/stopped", "runs/wide", "--markdown")
    assert finished.code == 0
    assert finished.err == "left out: runs/stopped is not finished: it has no metrics.json.\n"
    table = cells(finished.out)
    assert list(table) == ["base", "wide"]
    assert table["wide"]["differs in"] == "d_ff=1024, dropout=0.3"
    assert (table["base"]["BLEU"], table["base"]["Δ BLEU"].strip()) == ("30.00", "")
    assert (table["wide"]["BLEU"], table["wide"]["Δ BLEU"]) == ("31.50", "+1.50")
    common = {"weights": "1.4 M", "epochs": "4", "minutes": "10.0", "CPU minutes": "19.0"}
    common |= {"tokens/s": "1,235", "memory": "1.7 GB", "chrF": "50.12"}
    assert common.items() <= table["wide"].items()
    assert "mine.tsv, validation, BLEU `nrefs:1|tok:none`, chrF `nrefs:1|nc:6`." in finished.out

    text = recipe("compare", "runs/base", "runs/wide").out
    assert len({len(line) for line in text.splitlines()[:3]}) == 1  # columns stand in line
    assert "31.50   +1.50  50.12" in text


def test_scores_of_few_sentences_are_called_so(recipe, home):
    add("runs/few", metrics(100, dataset="few.tsv") | {"sentences": 3})
    add("runs/many", metrics(40, dataset="many.tsv") | {"sentences": 30})
    out = recipe("compare", "runs/few", "runs/many").out
    assert "chrF nrefs:1|nc:6 (3 sentences: so few that BLEU and chrF say little)\n" in out
    assert out.count("so few") == 1


def test_runs_whose_scores_hardly_differ_are_called_equal(recipe, home):
    add("runs/same", metrics(29.998, dropout=0.2))
    add("runs/worse", metrics(29.99, dropout=0.25))
    table = cells(recipe("compare", "runs", "--markdown").out)
    assert (table["same"]["Δ BLEU"], table["worse"]["Δ BLEU"]) == ("≈ 0", "-0.01")


def test_runs_are_compared_only_with_those_of_the_same_sentences_and_signature(recipe, home):
    add("runs/other", metrics(70, dataset="other.tsv"))
    add("runs/split", metrics(70) | {"split": "test"})
    add("runs/cased", metrics(70) | {"bleu_signature": "tok:13a"})
    runs = [f"runs/{name}" for name in ("base", "other", "split", "cased", "wide")]
    out = recipe("compare", *runs, "--markdown").out
    table = cells(out)
    for name in ("base", "other", "split", "cased"):
        assert (table[name]["Δ BLEU"], table[name]["differs in"]) == ("", ""), name
    assert table["wide"]["Δ BLEU"] == "+1.50"
    assert "base, wide: mine.tsv, validation" in out
    assert "split: mine.tsv, test" in out


def test_text_is_scored_in_a_column_of_its_own_where_it_has_been(recipe, home):
    assert "BLEU, text" not in recipe("compare", "runs/base").out
    detokenized = {"bleu": 28.5, "chrf": 49, "bleu_signature": "tok:13a", "chrf_signature": "nc:6"}
    add("runs/words", metrics(30) | {"detokenized": detokenized})
    out = recipe("compare", "runs/words", "runs/base", "--markdown").out
    assert cells(out)["words"]["BLEU, text"] == "28.50"
    assert "; text BLEU `tok:13a`" in out


def test_a_run_of_several_corpora_shows_the_score_of_each(recipe, home):
    parts = {name: {"bleu": bleu} for name, bleu in [("talks", 33.25), ("day.tsv", 44.5)]}
    add("runs/both", metrics(40, dataset="talks + day.tsv") | {"by_corpus": parts})
    table = cells(recipe("compare", "runs/base", "runs/both", "--markdown").out)
    assert [table["both"][f"BLEU, {name}"] for name in parts] == ["33.25", "44.50"]
    assert [table["base"][f"BLEU, {name}"].strip() for name in parts] == ["", ""]


def test_an_older_run_is_as_the_defaults_are(recipe, home):
    old = metrics(29)
    del old["config"]["training"]["text_form"], old["config"]["training"]["precision"]
    for name in ("search", "parameters", "cpu_minutes", "tokens_per_second"):
        del old[name]
    add("runs/old", old)
    table = cells(recipe("compare", "runs/old", "runs/base", "--markdown").out)
    assert "differs in" not in table["old"]  # nothing does
    assert table["old"]["weights"] == ""
    assert table["base"]["Δ BLEU"] == "+1.00"


def test_a_peer_says_itself_what_it_is(recipe, home):
    peer = metrics(25)
    peer["config"] |= {"peer": "somebody else's", "model": {}, "training": {}}
    add("runs/peer", peer)
    table = cells(recipe("compare", "runs/base", "runs/peer", "--markdown").out)
    assert table["peer"]["differs in"] == "somebody else's"


@pytest.mark.parametrize("against", ["minutes", "cpu_minutes", "epoch"])
def test_curves_are_drawn(against, recipe, home):
    arguments = ["runs/base", "runs/wide", "--plot=figures/curves.png", f"--against={against}"]
    assert recipe("compare", *arguments).code == 0
    assert (home / "figures" / "curves.png").read_bytes().startswith(b"\x89PNG")


def test_many_runs_of_long_names_are_told_apart_on_a_picture_of_moderate_size(recipe, home):
    names = [f"runs/number_{i:02}_{'long_' * i}" for i in range(30)]
    for name in names:
        add(name, metrics(30))
    assert recipe("compare", *names, "--plot=curves.png").code == 0
    height, width = imread(home / "curves.png").shape[:2]
    assert height <= MOST_PIXELS
    assert width <= MOST_PIXELS


# Results that are kept


def test_metrics_are_kept_small_and_never_replaced_unasked(recipe, refused, home):
    add("runs/long", metrics(30, epochs=399))
    assert recipe("compare", "runs/long", "runs/base", "--keep=kept").code == 0
    assert sorted(path.name for path in (home / "kept").iterdir()) == ["base.json", "long.json"]
    kept = json.loads((home / "kept" / "long.json").read_text())
    assert 20 <= len(kept["epochs"]) <= 41
    assert {2, 399} <= {logs["epoch"] for logs in kept["epochs"]}
    assert (kept["chrf"], kept["tokens_per_second"]) == (50.1235, 1234.57)
    assert len(json.loads((home / "kept" / "base.json").read_text())["epochs"]) == 4

    from_runs = recipe("compare", "runs/base", "runs/long").out
    assert recipe("compare", "kept/base.json", "kept/long.json").out == from_runs

    add("others/base", metrics(1))
    before = (home / "kept" / "base.json").read_bytes()
    message = refused("compare", "others/base", "--keep=kept")
    assert "kept/base.json: exists already" in message
    assert (home / "kept" / "base.json").read_bytes() == before
    assert recipe("compare", "others/base", "--keep=kept", "--overwrite").code == 0
    assert json.loads((home / "kept" / "base.json").read_text())["bleu"] == 1


README = """# Ours
<!-- runs: kept/wide.json kept/*.json -->
what was there
<!-- end of runs -->
between
<!-- runs: kept/base.json -->
<!-- end of runs -->
the end
"""


def update(recipe):
    """Rewrite the tables in README.md; return what is said."""
    return recipe("compare", "--update_readme=README.md").out


def test_tables_in_a_readme_are_what_the_files_say(recipe, home):
    recipe("compare", "runs/base", "runs/wide", "--keep=kept")
    path = home / "README.md"
    path.write_text(README)
    assert (
        recipe("compare", "--update_readme=README.md").out
        == "README.md now says what the files say\n"
    )
    text = path.read_text()
    start, first, between, second, end = re.split(r"<!--.*-->\n", text)
    assert (start, between, end) == ("# Ours\n", "between\n", "the end\n")
    assert list(cells(first)) == ["wide", "base"]
    assert cells(first)["base"]["Δ BLEU"] == "-1.50"
    assert list(cells(second)) == ["base"]
    assert "what was there" not in text

    assert update(recipe) == "README.md says what the files say\n"
    assert path.read_text() == text


def test_the_tables_on_our_page_are_what_the_tracked_files_say(recipe, tmp_path):
    shutil.copytree(CHECKOUT / "recipes" / "results", tmp_path / "recipes" / "results")
    path = shutil.copy(CHECKOUT / "docs" / "results.md", tmp_path)
    assert "results.md says what" in recipe("compare", f"--update_readme={path}").out


# Mistakes


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--update_readme=missing.md"], "missing.md"),
        (["--update_readme=plain.md"], "plain.md needs <!-- runs: FILES --> and <!-- end"),
        (["--update_readme=wrong.md"], "wrong.md: there is no file kept/*.json"),
        (["runs/base", "--against=hours"], "--against=hours"),
        (["runs/base", "--keep=plain.md"], "plain.md"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_mistakes(arguments, says, refused, home):
    (home / "plain.md").write_text("nothing")
    (home / "wrong.md").write_text("<!-- runs: kept/*.json -->\n<!-- end of runs -->\n")
    assert says in refused("compare", *arguments)


def test_a_directory_of_runs_stands_for_those_that_are_finished(recipe, home):
    all_of_them = recipe("compare", "runs/base", "runs/wide")
    assert recipe("compare", "runs").out == all_of_them.out
    assert recipe("compare", "runs/base", "runs").out == all_of_them.out


def test_without_arguments_and_without_runs_there_is_nothing_to_compare(
    refused, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    assert refused("compare") == (
        "error: there is no finished run to compare: name some, such as runs/*.\n"
    )


def test_without_arguments_all_runs_are_compared_and_those_without_a_score_named(recipe, home):
    add("runs/tokenize", {"costs": {}})
    (home / "runs" / "pictures").mkdir()
    (home / "runs" / "pictures" / "words.png").touch()  # of a page, not of a run
    named = recipe("compare", "runs/base", "runs/wide")
    finished = recipe("compare")
    assert (finished.code, finished.out) == (0, named.out)
    assert "left out: runs/tokenize has no BLEU" in finished.err
    assert "left out: runs/stopped is not finished" in finished.err
    assert "pictures" not in finished.err


def test_a_run_without_bleu_is_not_of_a_translator(recipe, home):
    add("runs/words", {"config": {}, "loss": 1.5})
    finished = recipe("compare", "runs/words", "runs/base")
    assert "left out: runs/words has no BLEU: it is not of a translator." in finished.err


_NO_EPOCHS = json.dumps(metrics(30) | {"epochs": []})


@pytest.mark.parametrize("text", ["", "{", "[]", "3", '{"bleu": 30}', _NO_EPOCHS])
def test_files_that_hold_no_metrics_are_left_out(text, recipe, home):
    (home / "bad.json").write_text(text)
    finished = recipe("compare", "bad.json", "gone.json", "runs/base")
    assert finished.code == 0
    assert "left out: bad.json holds no metrics of a run" in finished.err
    assert "left out: gone.json is not there" in finished.err
    assert "30.00" in finished.out
