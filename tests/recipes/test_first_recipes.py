"""Recipes 00, 01, 02, 04 and 11: they check what they claim, and draw it."""

import json
import random
import re

import numpy as np
import pytest

from tf_transformer.phrasebook.generate import generate_splits


@pytest.fixture(scope="module")
def text(tmp_path_factory):
    """Two text files of 2,000 sentences, by language."""
    pairs = generate_splits(sizes={"train": 2000, "validation": 5, "test": 5})["train"]
    folder = tmp_path_factory.mktemp("text")
    for language, lines in zip(("pt", "en"), zip(*pairs, strict=True), strict=True):
        (folder / f"text.{language}").write_text("\n".join(lines) + "\n")
    return {language: f"--text_file={folder}/text.{language}" for language in ("pt", "en")}


@pytest.fixture
def page(recipe, tmp_path, monkeypatch):
    """Runs a page in an empty folder; returns what it printed and the names of its pictures."""
    monkeypatch.chdir(tmp_path)

    def run(number, *arguments):
        finished = recipe(number, *arguments)
        assert (finished.code, finished.err) == (0, ""), finished
        pictures = list(tmp_path.rglob("*.png"))
        assert all(f"wrote {path.relative_to(tmp_path)}\n" in finished.out for path in pictures)
        return finished.out, {path.stem for path in pictures}

    return run


def test_the_transformer_agrees_with_the_package(page):
    out, pictures = page("00", "--n=640", "--epochs=1")
    assert out.count("✓ ") >= 10  # but for what it has learned to copy
    assert pictures == {"positions", "words", "masks", "noam", "copying", "heads"}


@pytest.mark.long
def test_the_transformer_learns_to_copy(page):
    out, _ = page("00")
    assert out.count("✓ ") == 12


@pytest.mark.long
def test_each_mistake_on_purpose_is_found(page):
    out, pictures = page("why")
    assert out.count("✓ ") == 16
    assert pictures == {"losses"}


@pytest.mark.long
def test_tokenize(page):
    out, pictures = page("01", "--sentence=Isto é meu 😀 猫")
    assert pictures == {"tokens", "vocabulary"}
    assert out.count("\n✓ ") == 13
    assert "Isto é meu 😀 猫" in out
    assert re.search(r"^  SentencePiece .* 0\.00% +100%$", out, flags=re.MULTILINE)


@pytest.mark.parametrize(
    "letters", ["abcdefghijklmnopqrstuvwxyzäöüß ", "".join(map(chr, range(0x4E00, 0x4E80)))]
)
def test_tokenize_claims_of_another_text_only_what_holds_of_it(page, tmp_path, letters):
    chosen = random.Random(1)
    lines = ["".join(chosen.choices(letters, k=20)) + "." for _ in range(300)]
    (tmp_path / "own.txt").write_text("\n".join(lines), encoding="utf-8")
    out, pictures = page("01", "--text_file=own.txt", "--vocab_size=600")
    assert "✓ SentencePiece brings every sentence back" in out
    assert "✓ but not to WordPiece" not in out
    assert len(pictures) == 2


def test_word2vec(page, text, tmp_path):
    earlier = tmp_path / "runs" / "word2vec" / "vectors.txt"
    earlier.parent.mkdir(parents=True)
    earlier.write_text("mine")
    small = ("--epochs=2", "--width=16", "--min_count=2", "--words=dog,Bread")
    out, pictures = page("02", text["en"], *small)
    assert pictures == {"loss", "classes", "map", "cosines"}
    assert "nothing below is claimed" in out
    assert out.count("✓ ") == 2  # the pairs and the loss: they hold of every text
    assert re.search(r"^  dog .*\n  bread ", out, flags=re.MULTILINE)
    assert earlier.read_text() == "mine"
    folder = tmp_path / "runs" / "word2vec-2"
    first, *lines = (folder / "vectors.txt").read_text().splitlines()
    assert first == f"{len(lines)} 16"
    vectors = np.array([line.split()[1:] for line in lines], "float32")
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-3)
    assert (folder / "logs" / "words" / "projector_config.pbtxt").exists()
    figures = json.loads((folder / "metrics.json").read_text())["figures"]
    assert -1 <= figures["this"]["ρ"] <= 1
    assert all(0 <= share <= 1 for name, share in figures["this"].items() if name != "ρ")


@pytest.mark.long
def test_word2vec_knows_classes_and_forms(page):
    out, _ = page("02")
    assert out.count("✓ ") >= 5
    assert "✓ the form is right far more often than by chance" in out


def test_word2vec_beside_gensims(page, text, tmp_path):
    pytest.importorskip("gensim")
    page("02", text["en"], "--epochs=1", "--width=8")
    metrics = json.loads((tmp_path / "runs" / "word2vec" / "metrics.json").read_text())
    assert len(metrics["figures"]) == 3
    assert all(0 <= share <= 1 for share in metrics["common"].values())
    assert len(metrics["common"]) == 2


@pytest.mark.long
def test_inside_attention(page):
    out, pictures = page("04", "--steps=3", "--layers=2")
    by_hand = {"vectors", "by_hand", "output"}
    assert pictures == by_hand | {
        "clocks",
        "products",
        "rotary",
        "scale",
        "found",
        "heads",
        "depth",
    }
    assert out.count("✓ ") == 14  # nothing is claimed of what was hardly trained
    assert "0·0 + 4·1 + 0·0 + 0·0 = 4" in out


@pytest.mark.long
def test_since_2017(page, tmp_path):
    for name, bleu in (("plain", 24.0), ("rms_norm", 24.5), ("modern", 23.9)):
        (tmp_path / f"{name}.json").write_text(json.dumps({"bleu": bleu}))
    out, pictures = page("11", f"--results={tmp_path}")
    names = {"norms", "activations", "gate", "query_key_norm", "shared_heads", "zero_init"}
    assert pictures == names | {"logit_cap", "depths", "muon"}
    assert out.count("✓ ") == 14
    assert re.search(r"^  modern +23.90 +-0.10$", out, flags=re.MULTILINE)
    assert re.search(r"^  rms_norm +24.50 +\+0.50$", out, flags=re.MULTILINE)


@pytest.mark.parametrize(
    ("number", "argument", "says"),
    [
        ("01", "--text_file=nowhere.txt", "nowhere.txt: cannot be read"),
        ("02", "--dataset=nothing_like_it", 'has no "nothing_like_it"'),
        ("04", "more", "'more' is not a flag"),
    ],
)
def test_mistakes(number, argument, says, refused, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "short.txt").write_text("one\ntwo\n")
    assert says in refused(number, argument)


def test_settings_that_cannot_be_are_named_before_the_work_begins(
    refused, text, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    assert "'zyzzyva' occurs less than" in refused("02", text["en"], "--words=the,zyzzyva")
    assert "width=0: the value must be at least 1" in refused("02", text["en"], "--width=0")
    assert not list(tmp_path.iterdir())
