"""Tasks are called with Python strings or tensors, and exported models are called like tasks."""

import inspect

import numpy as np
import pytest
import tensorflow as tf

from tests.pages import python_of
from tests.tasks.conftest import KINDS, SOURCES, TARGETS
from tf_transformer import api
from tf_transformer.errors import UserError
from tf_transformer.tasks import load_task
from tf_transformer.tasks.loaded import LoadedClassifier
from tf_transformer.tasks.translating import Translating

TEXTS = [*SOURCES, "", TARGETS[0], " \t "]
# Options by which a text's answer does not depend on its number.
PLAIN = {"translator": {}, "completer": {"max_tokens": 5, "temperature": 0}, "classifier": {}}
OUTPUT = {"translator": "translation", "completer": "completion", "classifier": "label"}


@pytest.fixture(params=KINDS)
def kind(request):
    return request.param


@pytest.fixture
def call(tasks, kind):
    """One of the tasks, with its plain options."""
    return lambda text, **options: tasks[kind](text, **PLAIN[kind], **options)


# What a text is


def test_a_str_gives_a_str_a_list_a_list_and_a_tensor_a_tensor(call):
    answers = call(TEXTS)
    assert [type(answer) for answer in answers] == [str] * len(TEXTS)
    assert call(TEXTS[0]) == answers[0]
    tensor = call(tf.constant(TEXTS))
    assert [text.decode() for text in tensor.numpy()] == answers
    assert call(tf.constant(TEXTS[0])).numpy().decode() == answers[0]
    for others in (tuple(TEXTS), np.array(TEXTS), iter(TEXTS)):
        assert call(others) == answers


def test_answers_come_in_the_order_of_the_texts(call):
    assert call(TEXTS[::-1]) == call(TEXTS)[::-1]
    assert len(set(call(TEXTS))) > 1


def test_more_texts_than_a_batch_have_the_answers_that_they_have_alone(call):
    answers = call(TEXTS * 15)
    assert answers == call(TEXTS) * 15


def test_no_texts_have_no_answers(call, kind):
    assert call([]) == call([], details=True) == []
    assert call(tf.zeros([0], tf.string)).shape == (0,)


def test_bytes_are_text_and_what_is_not_utf8_is_u_fffd(call):
    answers = call(["pães", "a\N{REPLACEMENT CHARACTER}b"])
    assert call(["pães".encode(), b"a\xffb"]) == answers
    assert call("pães".encode()) == answers[0]


def test_half_a_surrogate_pair_is_text_too(call):
    alone, beside = call("a\ud800b"), call(["a\ud800b", "pães"])
    assert beside == [alone, call("pães")]
    assert "\ud800" not in alone


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (5, "not a value of type int"),
        (None, "not a value of type NoneType"),
        ({"text": "a"}, "not a value of type dict"),
        (["a", 5], "text 1 is 5"),
        ([["a"]], "text 0 is ['a']"),
        (np.array([1.5]), "text 0 is 1.5"),
        (tf.constant([5]), "not int32 and (1,)"),
        (tf.constant([["a"]]), "not string and (1, 1)"),
    ],
    ids=str,
)
def test_what_is_not_text_gets_one_line(text, says, call):
    with pytest.raises(UserError) as caught:
        call(text)
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)


# Details


def test_details_are_a_dictionary_for_each_text_of_python_s_own_types(call, kind):
    rows = call(TEXTS, details=True)
    assert [row[OUTPUT[kind]] for row in rows] == call(TEXTS)
    expected = {
        "translator": {"translation": str, "score": float, "truncated": bool},
        "completer": {"completion": str, "score": float, "ended": bool},
        "classifier": {"label": str, "probability": float, "probabilities": list},
    }[kind]
    assert {name: type(value) for name, value in rows[0].items()} == expected
    alone = call(TEXTS[0], details=True)
    assert alone.keys() == rows[0].keys()
    tensors = call(tf.constant(TEXTS), details=True)
    for name, values in tensors.items():
        assert values.shape[0] == len(TEXTS)
        if values.dtype == tf.float32:
            for row, value in zip(rows, values.numpy(), strict=True):
                np.testing.assert_allclose(row[name], value, atol=1e-4)
    scalars = call(tf.constant(TEXTS[0]), details=True)
    assert {name: x.shape for name, x in scalars.items()} == {
        name: x.shape[1:] for name, x in tensors.items()
    }


class Repeating(Translating):
    """Finds some texts twice, and copies dashes."""

    def translate_beam(self, text, beam_size, alpha):
        numbers = tf.range(beam_size)[None]
        is_dash = (text == "-")[:, None]
        texts = tf.strings.as_string(numbers // tf.where(text == "twice", 2, 1)[:, None])
        scores = tf.where(is_dash, 0.0, -1.0 - tf.cast(numbers, tf.float32))
        return {
            "translations": tf.where(is_dash, "-", texts),
            "scores": scores,
            "truncated": scores > 0,
        }


def test_no_text_is_twice_in_an_n_best_list():
    translate = Repeating()
    texts = ["once", "-", "twice"]
    once, dash, twice = translate(iter(texts), beam_size=3, details=True)
    assert once["translations"] == twice["translations"] == ["0", "1", "2"]
    assert (once["scores"], twice["scores"]) == ([-1.0, -2.0, -3.0], [-1.0, -3.0, -5.0])
    assert dash["translations"] == ["-"] * 3
    assert translate("twice", beam_size=2, n_best=2, details=True)["translations"] == ["0", "1"]
    tensors = translate(tf.constant(texts), beam_size=3, details=True)
    assert tensors["translations"].shape == (3, 3)
    assert translate(texts, beam_size=3) == ["0", "-", "0"]


def test_a_beam_shows_its_n_best(tasks):
    translate = tasks["translator"]
    found = translate(SOURCES[0], beam_size=4, details=True)
    assert len(found["translations"]) == len(found["scores"]) == 4
    assert found["translation"] == found["translations"][0]
    assert found["score"] == found["scores"][0]
    fewer = translate([SOURCES[0]], beam_size=4, n_best=2, details=True)[0]
    assert fewer["translations"] == found["translations"][:2]
    assert len(fewer["scores"]) == 2
    assert translate(SOURCES[0], beam_size=4) == found["translation"]
    assert translate(SOURCES[0], beam_size=4, n_best=1) == found["translation"]
    tensors = translate(tf.constant(SOURCES), beam_size=3, n_best=2, details=True)
    assert tensors["translations"].shape == tensors["scores"].shape == (3, 2)
    low, high = (translate(SOURCES, beam_size=4, alpha=alpha, details=True) for alpha in (0, 2))
    assert [row["score"] for row in low] != [row["score"] for row in high]


def test_a_beam_of_one_is_greedy_search(tasks):
    translate = tasks["translator"]
    found = translate(tf.constant(SOURCES), details=True)
    expected = translate.translate(tf.constant(SOURCES))
    assert found.keys() == expected.keys()
    np.testing.assert_array_equal(found["translation"], expected["translation"])


def test_chance_depends_on_the_seed_and_the_place_of_a_text(tasks):
    for kind, options in (("translator", {}), ("completer", {"max_tokens": 9})):
        draw = tasks[kind]
        texts = [TARGETS[0]] * 5
        first, same, other = (draw(texts, seed=seed, **options) for seed in (1, 1, 2))
        assert first == same != other
        assert len(set(first)) > 1
        assert draw(texts[:2], seed=1, **options) == first[:2]
        tensor = draw(tf.constant(texts), seed=1, **options)
        assert [text.decode() for text in tensor.numpy()] == first
        greedy = draw(texts, temperature=0, **options)
        assert greedy == draw(texts, top_k=1, **options) == draw(texts, top_p=0, **options)


def test_attention_of_one_text_is_lists_and_arrays(tasks):
    found = tasks["translator"].attention(SOURCES[0])
    assert found["translation"] == tasks["translator"](SOURCES[0])
    sources, targets = found["source_tokens"], found["target_tokens"]
    assert {type(token) for token in sources + targets} == {str}
    assert found["attention"].shape == (1, 2, len(targets), len(sources))
    assert found["encoder_attention"].shape == (1, 2, len(sources), len(sources))
    assert found["decoder_attention"].shape == (1, 2, len(targets), len(targets))
    np.testing.assert_allclose(found["attention"].sum(axis=-1), 1, atol=1e-5)
    assert sources[-1] == "[END]"
    with pytest.raises(UserError, match="needs one str, not a value of type list"):
        tasks["translator"].attention(SOURCES)


# Options


@pytest.mark.parametrize(
    ("kind", "options", "says"),
    [
        ("translator", {"beam_size": 0}, "beam_size=0: the value must be at least 1"),
        ("translator", {"beam_size": 2.5}, "beam_size=2.5: the value must be an int"),
        ("translator", {"beam_size": "4"}, "beam_size='4': the value must be an int"),
        ("translator", {"beam_size": 4, "alpha": -1}, "alpha=-1.0: the value must be at least 0"),
        ("translator", {"beam_size": 4, "alpha": "x"}, "alpha='x': the value must be a finite"),
        ("translator", {"beam_size": 4, "alpha": np.nan}, "alpha=nan: the value must be a finite"),
        ("translator", {"beam_size": 4, "n_best": 5, "details": True}, "a beam of 4 gives 1 to 4"),
        ("translator", {"beam_size": 4, "n_best": 0}, "n_best=0: the value must be at least 1"),
        ("translator", {"beam_size": 4, "n_best": 2}, "n_best=2: to see more than the best"),
        ("translator", {"beam_size": 4, "seed": 1}, "beam_size=4 with seed: a translation is"),
        ("translator", {"temperature": -1}, "temperature=-1.0: the value must be at least 0"),
        ("translator", {"top_p": 1.5}, "top_p=1.5: the value must be at most 1"),
        ("translator", {"top_k": -1}, "top_k=-1: the value must be at least 0"),
        ("translator", {"seed": 2**40}, "the value must be at most 2147483647"),
        ("completer", {"max_tokens": -1}, "max_tokens=-1: the value must be at least 0"),
        ("completer", {"max_tokens": None}, "max_tokens=None: the value must be an int"),
        ("completer", {"temperature": "hot"}, "temperature='hot': the value must be a finite"),
        ("completer", {"top_p": -0.1}, "top_p=-0.1: the value must be at least 0"),
    ],
    ids=str,
)
def test_options_out_of_range_are_named(kind, options, says, tasks):
    with pytest.raises(UserError) as caught:
        tasks[kind]("a", **options)
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)


def test_options_may_be_numpy_numbers_and_tensors(tasks):
    translate = tasks["translator"]
    expected = translate(SOURCES, beam_size=3, alpha=1)
    assert translate(SOURCES, beam_size=np.int64(3), alpha=np.float32(1)) == expected
    assert translate(SOURCES, beam_size=tf.constant(3), alpha=tf.constant(1.0)) == expected


def test_options_are_given_by_name(tasks, kind):
    with pytest.raises(TypeError, match="positional"):
        tasks[kind]("a", 4)


# Graphs


def test_a_graph_is_traced_once_whatever_the_texts_and_options(live):
    translate, complete, classify = live.values()

    def call_all(texts):
        translate(texts)
        translate(texts, beam_size=2 + len(texts) % 3, alpha=len(texts) / 9)
        translate(texts, seed=len(texts), temperature=0.5)
        complete(texts, max_tokens=2 + len(texts) % 3, seed=len(texts))
        classify(texts)

    graphs = [translate.graph(name) for name in ("translate", "translate_beam", "sample")]
    graphs += [complete.graph("complete"), classify.graph("classify")]
    call_all(SOURCES)
    before = [graph.experimental_get_tracing_count() for graph in graphs]
    for texts in (SOURCES[0], SOURCES[:2], TEXTS * 20, [], "a " * 50, tf.constant(SOURCES * 2)):
        call_all(texts)
    assert [graph.experimental_get_tracing_count() for graph in graphs] == before


def test_a_task_can_stand_in_a_pipeline_of_tf_data(live):
    classify = live["classifier"]
    data = tf.data.Dataset.from_tensor_slices(TEXTS).batch(4).map(classify)
    answers = [text.decode() for batch in data for text in batch.numpy()]
    assert answers == classify(TEXTS)


# Live and loaded


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        ("translator", {}),
        ("translator", {"beam_size": 3, "alpha": 0.3}),
        ("translator", {"seed": 7, "temperature": 0.8, "top_k": 9, "top_p": 0.9}),
        ("completer", {"max_tokens": 30, "seed": 7, "temperature": 0.8, "top_k": 9, "top_p": 0.9}),
        ("classifier", {}),
    ],
    ids=str,
)
def test_an_export_answers_as_the_live_task(kind, options, live, loaded):
    for texts in (TEXTS[0], TEXTS):
        ours = live[kind](texts, details=True, **options)
        theirs = loaded[kind](texts, details=True, **options)
        for a, b in zip(*map(as_list, (ours, theirs)), strict=True):
            assert a.keys() == b.keys()
            for name, value in a.items():
                is_number = isinstance(np.ravel(value)[0], float)
                assert b[name] == (pytest.approx(value, abs=1e-4) if is_number else value)


def as_list(x):
    return x if isinstance(x, list) else [x]


def public(task):
    return {name for name in dir(task) if not name.startswith("_")}


def test_the_surface_of_an_export_is_that_of_the_live_task(kind, live, loaded):
    ours, theirs = live[kind], loaded[kind]
    assert inspect.signature(type(theirs).__call__) == inspect.signature(type(ours).__call__)
    own = {"saved_model"}  # what TensorFlow loaded
    assert public(theirs) - own < public(ours)
    # `is_too_long` is there where it is known what training showed.
    assert public(theirs) >= set(ours.inputs) - {"align", "is_too_long"}
    assert loaded["classifier"].classes == live["classifier"].classes == ("a", "b", "ç")


def test_an_export_from_before_its_classes_were_told_has_none():
    assert LoadedClassifier(object()).classes == ()


def test_an_export_is_of_its_own_kind(live, tmp_path):
    path = live["classifier"].export(tmp_path / "model")
    assert path == tmp_path / "model" / "1"
    text = (path / "README.md").read_text(encoding="utf-8")
    assert text.startswith("# Classifier of texts\n")
    assert "None" not in text
    loaded = load_task(path, kind="classifier")
    assert loaded("a") == live["classifier"]("a")
    with pytest.raises(UserError, match="is an export, and cannot be exported again"):
        loaded.export(tmp_path / "again")
    with pytest.raises(UserError, match="no translation model of this package"):
        load_task(tmp_path / "model", kind="translator")


def test_the_names_of_classes_are_as_many_as_the_model_has(live):
    classify = live["classifier"]
    with pytest.raises(UserError, match="3 classes apart, but there are 2 names"):
        type(classify)(classify._model(), classify.tokenizer, ["a", "b"])


def test_options_may_be_tensors_of_any_width(tasks):
    text, two = tf.constant(TARGETS[:1]), tf.constant(2, tf.int64)
    half = tf.constant(0.5, tf.float64)
    translate, complete = tasks["translator"], tasks["completer"]
    found = translate.translate_beam(text, two, half)["scores"].numpy()
    assert found.tolist() == translate.translate_beam(text, 2, 0.5)["scores"].numpy().tolist()
    assert len(complete.complete(text, two, two, half, two, half)["completion"]) == 1
    if "loaded" in type(translate).__module__:
        assert len(translate.sample(text, two, half, two, half)["translation"]) == 1


def test_the_code_of_a_card_answers_first_by_a_str(loaded, kind, shared, monkeypatch):
    monkeypatch.setattr(api, "load", lambda path: loaded[kind])
    monkeypatch.setattr(tf.saved_model, "load", lambda path: loaded[kind].saved_model)
    card = shared("tasks", make=None) / kind / "1" / "README.md"
    (code,) = python_of(card.read_text(encoding="utf-8"))
    lines = code.replace("…", TARGETS[0]).splitlines()
    names = {}
    exec("\n".join(lines[:3]), names)
    assert isinstance(eval(lines[3], names), str)
    exec("\n".join(lines[4:-1]), names)
    (answer,) = eval(lines[-1], names).numpy()
    assert isinstance(answer, bytes)
