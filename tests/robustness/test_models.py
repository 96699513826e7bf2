"""Whatever the bytes: exported models answer each text, with text, and as if it were alone."""

import runpy
import unicodedata
from concurrent.futures import ThreadPoolExecutor

import pytest
import tensorflow as tf
from hypothesis import strategies as st

import tf_transformer as tft
from tests.robustness.texts import BYTES, IGNORABLE, TEXT, many
from tf_transformer.export import export_ctranslate2
from tf_transformer.tasks import load_task
from tf_transformer.text import rules


@pytest.fixture(scope="module")
def translator(first_run):
    """The translator that a user's first run exported."""
    return load_task(first_run.model_dir)


@pytest.fixture(scope="module")
def script(first_run, tmp_path_factory):
    """What the same run, exported to CTranslate2, makes of lines: see its `translate.py`."""
    run, directory = tft.Run.open(first_run.run_dir), tmp_path_factory.mktemp("script") / "model"
    export_ctranslate2(run.model(), *run.tokenizers(), directory)
    translator = runpy.run_path(str(directory / "translate.py"))["load"]()
    return lambda lines: list(translator.translate(lines))


@pytest.fixture(scope="module")
def models(translator, exported):
    """From text to text, by name."""
    completer, classifier = (load_task(exported / kind) for kind in ("completer", "classifier"))
    return {
        "translator": translator,
        "beam": lambda texts: translator(texts, beam_size=3),
        "completer": lambda texts: completer(texts, max_tokens=4, temperature=0),
        "classifier": classifier,
    }


NAMES = ("translator", "beam", "completer", "classifier")


@pytest.mark.parametrize("name", NAMES)
def test_each_text_has_an_answer_that_is_text_and_the_one_it_has_alone(name, models, for_all):
    model = models[name]

    def check(texts):
        answers = model(texts)
        assert len(answers) == len(texts)
        "".join(answers).encode()  # there is no half character in it
        assert answers[::9] == [model(text) for text in texts[::9]]

    for_all(many(BYTES), check)


def test_each_signature_has_a_row_of_valid_text_for_each_text(translator, for_all):
    def check(texts):
        for name, signature in translator.saved_model.signatures.items():
            for key, value in signature(text=tf.constant(texts)).items():
                assert len(value) == len(texts), (name, key)
                if value.dtype == tf.string:
                    for text in tf.reshape(value, [-1]).numpy():
                        "tokens" in key or text.decode()

    for_all(many(BYTES, 6), check)


@pytest.mark.parametrize("name", ["translator", "classifier"])
def test_spelling_and_what_is_not_seen_make_no_difference(name, models, for_all):
    model = models[name]

    def check(example):
        texts, marks = example
        answers = model(texts)
        assert model([unicodedata.normalize("NFD", text) for text in texts]) == answers
        assert model([mark.join(text) for text, mark in zip(texts, marks, strict=True)]) == answers

    for_all(st.tuples(many(TEXT), many(st.sampled_from(IGNORABLE))), check)


def test_a_translation_has_its_lines_and_what_is_copied(translator, for_all):
    def check(texts):
        for text, answer in zip(texts, translator(texts), strict=True):
            lines = text.decode(errors="replace").split("\n")
            if not any(map(rules.clean, lines)):
                assert answer == ""
                continue
            for line, translated in zip(lines, answer.split("\n"), strict=True):
                if rules.is_copied(rules.clean(line)):
                    assert rules.clean(translated) == rules.clean(line)

    for_all(many(BYTES), check)


def test_ctranslate2_agrees_line_by_line(translator, script, for_all):
    def check(lines):
        lines = [line.replace(b"\n", b" ") for line in lines]
        ours = translator(lines, details=True)
        theirs = script(lines)
        assert [text for text, *_ in theirs] == [
            row["translation"].replace("\n", " ") for row in ours
        ]
        assert [found.is_cut for found in theirs] == [row["truncated"] for row in ours]

    for_all(many(BYTES), check)


def test_eight_threads_at_once_have_the_answers_of_one(translator):
    texts = [f"o gato {noun} três pães? a menina {n}." for n, noun in enumerate("abcdefgh")]
    expected = [translator(text) for text in texts]
    with ThreadPoolExecutor(max_workers=8) as pool:
        answers = list(pool.map(translator, texts * 4))
    assert answers == expected * 4
    assert len(set(expected)) > 1
