"""Recipe 07: what it says to those who call it wrongly, and its line of JSON."""

import json

import pytest
import tensorflow as tf

import tf_transformer as tft
from tests.first_run import PAIRS
from tf_transformer.evaluation import Scores


@pytest.fixture
def evaluate(recipe, first_run, load_once, monkeypatch):
    """Runs recipe 07 where the first run was."""
    monkeypatch.chdir(first_run.home)

    def run(*arguments):
        return recipe("07", "--model_dir=saved_models/mine", *arguments)

    return run


@pytest.fixture
def mistaken(refused, first_run, load_once, monkeypatch):
    """Runs recipe 07 where the first run was; it must be refused."""
    monkeypatch.chdir(first_run.home)

    def run(*arguments, model_dir="saved_models/mine"):
        return refused("07", f"--model_dir={model_dir}", *arguments)

    return run


def test_own_files_can_be_scored_whole(evaluate):
    finished = evaluate("--dataset=mine.tsv", "--split=all", "--beam_size=2", "--alpha=0")
    assert (finished.code, finished.err) == (0, "")
    result = json.loads(finished.out.splitlines()[-1])
    assert (result["dataset"], result["split"]) == ("mine.tsv", "all")
    assert (result["beam_size"], result["alpha"]) == (2, 0.0)
    assert result["sentences"] == len(PAIRS)
    assert result["chrf"] > 25  # nearly all of them are what it was trained on
    assert f"BLEU {result['bleu']:.2f}  {result['bleu_signature']}" in finished.out
    assert f"chrF {result['chrf']:.2f}  {result['chrf_signature']}" in finished.out


def test_text_of_another_form_is_scored_both_ways(evaluate):
    finished = evaluate("--dataset=mine.tsv", "--split=all", "--text_form=treebank")
    result = json.loads(finished.out.splitlines()[-1])
    assert "tok:none" in result["bleu_signature"]
    assert "case:lc|eff:no|tok:13a" in result["detokenized"]["bleu_signature"]
    for scores in (result, result["detokenized"]):
        assert f"BLEU {scores['bleu']:.2f}  {scores['bleu_signature']}" in finished.out
    assert json.loads(evaluate("--dataset=mine.tsv").out.splitlines()[-1])["detokenized"] is None


def test_sentences_that_are_too_long_are_counted(evaluate, tmp_path):
    path = tmp_path / "long.tsv"
    path.write_text("um livro.\ta book.\n" + "gato " * 500 + "\tcat\n\tnothing\n")
    finished = evaluate(f"--dataset={path}", "--split=all")
    assert "1 of them, or of their translations, were too long and were cut" in finished.out
    result = json.loads(finished.out.splitlines()[-1])
    assert (result["sentences"], result["truncated"]) == (2, 1)
    assert "long.tsv, all: 1 pair with a blank side left out of the score." in finished.err


def test_tuning_names_the_best_of_several_searches_on_validation_sentences(evaluate):
    options = ["--dataset=mine.tsv", "--beam_sizes=1,2", "--alphas=0,5"]
    finished = evaluate("--tune", *options)
    assert (finished.code, finished.err) == (0, "")
    result = json.loads(finished.out.splitlines()[-1])
    assert result["split"] == "validation"
    settings = [(search["beam_size"], search["alpha"]) for search in result["searches"]]
    assert settings == [(1, 0), (2, 0), (2, 5)]  # a beam of one has no use for a penalty
    assert result["best"]["bleu"] == max(search["bleu"] for search in result["searches"])
    _, plain, favoured = (search["length_ratio"] for search in result["searches"])
    assert 0 < plain <= favoured
    best = [f"--{name}={result['best'][name]:g}" for name in ("beam_size", "alpha")]
    assert f"The best: {' '.join(best)}\n" in finished.out

    again = json.loads(
        evaluate("--dataset=mine.tsv", "--split=validation", *best).out.splitlines()[-1]
    )
    for name in ("bleu", "length_ratio"):
        assert again[name] == result["best"][name]
    assert again["bleu_signature"] == result["bleu_signature"]


def test_searches_whose_scores_hardly_differ_are_called_equal(evaluate, monkeypatch):
    scores = iter([20.0, 20.004, 20.0055, 20.0034])

    def score(translate, pairs, tokenize):
        return Scores(next(scores), 0.0, "", "", length_ratio=1.0), {}

    monkeypatch.setattr(tft, "evaluate", score)
    finished = evaluate("--tune", "--dataset=mine.tsv", "--beam_sizes=1,4", "--alphas=0,0.6,1")
    assert "The best: --beam_size=4 --alpha=0.6\n" in finished.out
    assert "As good (within 0.002 BLEU): --beam_size=4 --alpha=0\n" in finished.out
    as_good = json.loads(finished.out.splitlines()[-1])["as_good"]
    assert [(each["beam_size"], each["alpha"]) for each in as_good] == [(4, 0)]


def test_searches_are_compared_on_pairs_without_a_blank_side(evaluate, tmp_path, monkeypatch):
    def score(translate, pairs, tokenize):
        scored.extend(pairs)
        return Scores(20.0, 0.0, "", "", length_ratio=1.0), {}

    scored = []
    monkeypatch.setattr(tft, "evaluate", score)
    path = tmp_path / "half.tsv"
    path.write_text("".join(f"frase {n}\t{f'sentence {n}' * (n % 2)}\n" for n in range(400)))
    finished = evaluate("--tune", f"--dataset={path}", "--beam_sizes=1")
    assert all(target for _, target in scored)
    assert 0 < len(scored) < 8  # of those held out
    assert "half.tsv, validation: " in finished.err
    assert " with a blank side left out of the score." in finished.err


def test_the_search_is_named_where_its_scores_are(evaluate):
    for options, search in (
        (["--beam_size=1"], "greedy search"),
        (["--beam_size=2", "--alpha=0"], "beam search (beam 2, without a length penalty)"),
        (["--beam_size=2"], "beam search (beam 2, length penalty of 0.6)"),
    ):
        assert f" by {search}:\n" in evaluate("--dataset=mine.tsv", *options).out


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--dataset=missing.tsv"], "missing.tsv: cannot be read"),
        (["--dataset=mine.tsv", "--split=tset"], 'mine.tsv has no split "tset"; it has: train'),
        (["--dataset=wmt99_translate/xx-yy"], "wmt99_translate/xx-yy"),
        (["--dataset=mine.tsv", "--beam_size=0"], "--beam_size=0"),
        (["--dataset=mine.tsv", "--alpha=x"], "--alpha=x"),
        (["--tune", "--split=test"], "--split=test: --tune chooses only on the split validation"),
        (["--tune", "--split=all"], "--split=all: --tune chooses only on the split validation"),
        (["--tune", "--beam_sizes=4,0"], "--beam_sizes=4,0: give numbers from 1"),
        (["--tune", "--beam_sizes="], "--beam_sizes=: give numbers from 1"),
        (["--tune", "--alphas=0,x"], "--alphas=0,x: give numbers from 0"),
        (["--dataset=mine.tsv", "--text_form=moses"], "'moses'; choose one of plain"),
        (["--datset=mine.tsv"], "datset"),
        (["mine.tsv"], "mine.tsv"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_mistakes(arguments, says, mistaken):
    assert says in mistaken(*arguments)


def test_files_that_cannot_be_read(mistaken, tmp_path):
    (tmp_path / "bad.tsv").write_text("bom dia\tgood morning\nsó uma coluna\n")
    assert "bad.tsv, line 2" in mistaken(f"--dataset={tmp_path / 'bad.tsv'}")
    (tmp_path / "latin.tsv").write_bytes("não\tno\n".encode("latin-1"))
    assert "latin.tsv, line 1: not UTF-8" in mistaken(f"--dataset={tmp_path / 'latin.tsv'}")
    (tmp_path / "a.pt").write_text("um\ndois\n")
    (tmp_path / "a.en").write_text("one\n")
    aligned = f"{tmp_path / 'a.pt'},{tmp_path / 'a.en'}"
    assert "a.pt has 2 lines" in mistaken(f"--dataset={aligned}")


@pytest.mark.parametrize("model_dir", ["nowhere", "mine.tsv", "runs/first"])
def test_a_model_dir_of_something_else(model_dir, mistaken):
    message = mistaken("--dataset=mine.tsv", model_dir=model_dir)
    assert f"model_dir={model_dir}" in message


def test_a_program_lists_its_flags(recipe):
    finished = recipe("07", "--help")
    assert (finished.code, finished.err) == (0, "")
    assert "\nUsage: python recipes/07_evaluate.py [--NAME=VALUE …]\n" in finished.out
    assert "\n  --alpha          Length penalty of beam search; 0 for none. Default: 0.6.\n" in (
        finished.out
    )


def test_translations_back_are_scored_on_the_sources(recipe, tmp_path, monkeypatch):
    class Model:
        def languages(self):
            return tf.constant(["en", "pt"])

        def search_to(self, text, to, beam_size, alpha):
            right = (text == "the cat is here") & (to == "pt")
            found = tf.where(right, "o gato está aqui", "?")[:, None]
            return {"translations": found, "truncated": tf.fill(found.shape, False)}

    monkeypatch.setattr(tft, "load_saved_model", lambda directory, **_: Model())
    (tmp_path / "one.tsv").write_text("o gato está aqui\tthe cat is here\n", encoding="utf-8")
    where = ["--model_dir=.", f"--dataset={tmp_path}/one.tsv", "--split=all", "--to=pt"]
    result = json.loads(recipe("07", *where).out.splitlines()[-1])
    assert (result["to"], round(result["bleu"])) == ("pt", 100)
