"""The SavedModel: its versions, its signatures, and what it does with any text."""

import errno
import gc
import sys
import tempfile
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf
from tensorflow.core.protobuf import saved_model_pb2

from tf_transformer.errors import UserError
from tf_transformer.export import export_saved_model, load_saved_model
from tf_transformer.export.versions import require_writable

SENTENCES = ["o gato vê a porta azul.", "a menina compra três pães?", "não há cães aqui!"]


@pytest.fixture(scope="module")
def model(joint_dir):
    return load_saved_model(joint_dir)


@pytest.fixture
def quick_save(monkeypatch):
    """Saves nothing but a name, as that is enough to see where it goes."""

    def save(served, path, signatures, options):
        Path(path).mkdir(parents=True)
        (Path(path) / "saved_model.pb").write_bytes(b"")  # is a SavedModel, an empty one

    monkeypatch.setattr(tf.saved_model, "save", save)


def names(directory):
    return sorted(path.name for path in directory.iterdir())


def functions(directory):
    """Return the functions of a SavedModel's file."""
    file = directory / "1" / "saved_model.pb"
    saved = saved_model_pb2.SavedModel.FromString(file.read_bytes())
    return saved.meta_graphs[0].graph_def.library.function


# Constants


def test_no_function_holds_a_constant_twice(joint_dir):
    for function in functions(joint_dir):
        constants = [
            (node.attr["value"].SerializeToString(deterministic=True), node.device, *node.input)
            for node in function.node_def
            if node.op == "Const"
        ]
        assert len(constants) == len(set(constants)), function.signature.name


def test_every_input_of_a_node_is_there(joint_dir):
    for function in functions(joint_dir):
        names = {argument.name for argument in function.signature.input_arg}
        names |= {node.name for node in function.node_def}
        inputs = [name for node in function.node_def for name in node.input]
        used = [*inputs, *function.ret.values(), *function.control_ret.values()]
        assert {name.removeprefix("^").split(":")[0] for name in used} <= names


# Versions


@pytest.mark.usefixtures("quick_save")
def test_versions_count_up_and_are_never_overwritten(joint, card, tmp_path):
    first = export_saved_model(joint, tmp_path / "new" / "model", card)
    assert first == tmp_path / "new" / "model" / "1"
    (first / "saved_model.pb").write_bytes(b"the user's")
    assert export_saved_model(joint, first.parent, card).name == "2"
    assert export_saved_model(joint, str(first.parent), card).name == "3"
    assert names(first.parent) == ["1", "2", "3"]
    assert (first / "saved_model.pb").read_bytes() == b"the user's"


@pytest.mark.usefixtures("quick_save")
def test_the_next_version_follows_the_highest_and_other_names_do_not_count(joint, card, tmp_path):
    others = ["assets", "1.5", "v12", "-3", "latest"]
    for name in ["2", "10", *others]:
        (tmp_path / name).mkdir()
    assert export_saved_model(joint, tmp_path, card).name == "11"
    assert names(tmp_path) == sorted(["2", "10", "11", *others])


@pytest.mark.parametrize(
    "failure", [OSError(errno.ENOSPC, "No space left on device"), KeyboardInterrupt()]
)
def test_a_failed_export_leaves_nothing_half_made(failure, joint, card, tmp_path, monkeypatch):
    (tmp_path / "1").mkdir()

    def save(served, path, signatures, options):
        Path(path).mkdir(parents=True)
        (Path(path) / "saved_model.pb").write_bytes(b"half")
        raise failure

    monkeypatch.setattr(tf.saved_model, "save", save)
    with pytest.raises(type(failure)):
        export_saved_model(joint, tmp_path, card)
    assert names(tmp_path) == ["1"]
    assert names(tmp_path / "1") == []


def test_a_file_in_place_of_the_directory_is_refused_and_kept(joint, card, tmp_path):
    path = tmp_path / "model"
    path.write_text("mine")
    with pytest.raises(UserError, match=f"{path} is a file"):
        export_saved_model(joint, path, card)
    assert path.read_text() == "mine"


def test_a_directory_that_cannot_be_written_to_is_known_before_anything_is_made(
    tmp_path, monkeypatch
):
    (tmp_path / "file").write_text("mine")
    for free in ("", "new", "new/deep"):
        require_writable(tmp_path / free)
    with pytest.raises(UserError, match=r"file/deep: nothing can be written in \S*file: choose"):
        require_writable(tmp_path / "file" / "deep")
    monkeypatch.setattr("os.access", lambda path, mode: False)  # root may write anywhere
    with pytest.raises(UserError, match=rf"new: nothing can be written in {tmp_path}: choose"):
        require_writable(tmp_path / "new")
    assert names(tmp_path) == ["file"]


def test_the_newest_version_is_loaded_unless_one_is_named(model, monkeypatch, tmp_path):
    for version in ("1", "9", "10"):
        (tmp_path / version).mkdir()
        (tmp_path / version / "saved_model.pb").touch()
    (tmp_path / "11").touch()  # no directory, no version
    loaded = []
    monkeypatch.setattr(tf.saved_model, "load", lambda path: loaded.append(path) or model)
    load_saved_model(tmp_path)
    load_saved_model(tmp_path / "9")
    assert loaded == [str(tmp_path / "10"), str(tmp_path / "9")]


# What is in the directory


def test_the_layout_is_tf_servings_with_the_model_card(joint_dir):
    assert names(joint_dir) == ["1"]
    assert {"saved_model.pb", "variables", "README.md"} <= set(names(joint_dir / "1"))


@pytest.mark.parametrize("name", ["joint", pytest.param("separate", marks=pytest.mark.long)])
def test_nothing_tells_where_it_was_exported(name, request):
    directory = request.getfixturevalue(f"{name}_dir")
    checkout = Path(__file__).parents[2]
    places = [checkout, sys.prefix, Path.home() / "x", tempfile.gettempdir(), directory.parent]
    places = [str(place).removesuffix("/x").encode() for place in places]
    for path in directory.rglob("*"):
        if path.is_file():
            data = path.read_bytes()
            assert not [place for place in places if place + b"/" in data], path


# Signatures


@pytest.mark.parametrize(
    ("signature", "outputs"),
    [
        (
            "serving_default",
            {
                "translation": (tf.string, 1),
                "score": (tf.float32, 1),
                "truncated": (tf.bool, 1),
            },
        ),
        ("translate_beam", {"translations": (tf.string, 2), "scores": (tf.float32, 2)}),
        (
            "attend",
            {
                "translation": (tf.string, 1),
                "source_tokens": (tf.string, 2),
                "target_tokens": (tf.string, 2),
                "attention": (tf.float32, 5),
                "encoder_attention": (tf.float32, 5),
                "decoder_attention": (tf.float32, 5),
            },
        ),
        ("embed", {"embedding": (tf.float32, 2)}),
    ],
)
def test_signatures_are_as_documented(signature, outputs, model):
    function = model.signatures[signature]
    arguments, inputs = function.structured_input_signature
    assert arguments == ()
    assert inputs == {"text": tf.TensorSpec([None], tf.string, name="text")}
    found = function.structured_outputs
    assert {name: (x.dtype, x.shape.rank) for name, x in found.items()} == outputs


def test_there_are_four_signatures(model):
    assert set(model.signatures) == {"serving_default", "translate_beam", "attend", "embed"}


@pytest.mark.parametrize("rows", [0, 1, 3, 70])
def test_any_number_of_rows_gives_as_many_in_order(rows, model):
    texts = [SENTENCES[row % 3] for row in range(rows)]
    alone = [translate(model, [text])[0] for text in SENTENCES]
    assert translate(model, texts) == [alone[row % 3] for row in range(rows)]
    text = tf.constant(texts, tf.string)
    assert model.signatures["translate_beam"](text)["translations"].shape == [rows, 3]
    assert model.signatures["embed"](text)["embedding"].shape == [rows, 16]
    found = model.signatures["attend"](text)
    sources, targets = found["source_tokens"].shape[1], found["target_tokens"].shape[1]
    assert found["attention"].shape == [rows, 1, 2, targets, sources]
    assert found["encoder_attention"].shape == [rows, 2, 2, sources, sources]
    assert found["decoder_attention"].shape == [rows, 1, 2, targets, targets]


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"   ",
        b"\xff\xfe\xfd",
        "metade de uma letra: ã".encode()[:-1],
        b"\x00",
        b"a\x00b",
        bytes(range(1, 32)) + b"\x7f",
        "🙂👩\u200d👩\u200d👧".encode(),
        "\u202e\u0301\ufeff\u2028".encode(),
        b"gato " * 10_000,
    ],
    ids=lambda text: repr(text[:12]),
)
def test_any_bytes_give_valid_text_and_leave_the_other_rows_alone(text, model):
    translations = translate(model, [SENTENCES[0], text, SENTENCES[1]])
    for translation in translations:
        translation.decode("utf-8")
    assert translations[::2] == translate(model, SENTENCES[:2])
    assert translations[1:2] == translate(model, [text])


def test_empty_rows_have_empty_translations(model):
    found = model.signatures["serving_default"](tf.constant(["", " \t\n", SENTENCES[0]]))
    assert found["translation"].numpy().tolist()[:2] == [b"", b""]
    assert found["score"].numpy().tolist()[:2] == [0.0, 0.0]
    assert found["truncated"].numpy().tolist()[:2] == [False, False]
    assert found["translation"].numpy()[2]


def test_a_row_that_is_too_long_is_marked(model):
    found = model.signatures["serving_default"](tf.constant(["gato " * 200, ""]))
    assert found["truncated"].numpy().tolist() == [True, False]


def test_beams_come_best_first_and_those_that_were_cut_last(model):
    found = model.search(tf.constant(SENTENCES), 5, 0.6)
    for scores, cut in zip(found["scores"].numpy(), found["truncated"].numpy(), strict=True):
        assert list(cut) == sorted(cut)
        for group in (scores[cut], scores[~cut]):
            assert list(group) == sorted(group, reverse=True)


def test_attention_of_a_row_is_a_distribution_over_its_source_tokens(model):
    found = model.signatures["attend"](tf.constant(["gato", SENTENCES[1]]))
    sources = found["source_tokens"].numpy() != b""  # (batch, source)
    targets = found["target_tokens"].numpy() != b""
    for row in range(2):
        attention = found["attention"].numpy()[row][:, :, targets[row]]  # (..., target, source)
        np.testing.assert_allclose(attention.sum(-1), 1.0, atol=1e-5)
        np.testing.assert_allclose(attention[..., ~sources[row]], 0.0, atol=1e-6)


def test_sampling_depends_on_the_seed_alone(model):
    def draw(seed):
        return model.sample(tf.constant(SENTENCES), seed, 1.0, 0, 1.0)["translation"].numpy()

    assert np.array_equal(draw(3), draw(3))
    assert not np.array_equal(draw(3), draw(4))


def test_two_loaded_copies_live_side_by_side_and_functions_hold_theirs(joint, joint_dir, model):
    second = load_saved_model(joint_dir)
    expected = joint.translate(tf.constant(SENTENCES))["translation"].numpy().tolist()
    assert translate(model, SENTENCES) == translate(second, SENTENCES) == expected
    search = second.search
    del second
    gc.collect()  # of the second there is nothing left but this function
    assert search(tf.constant(["gato"]), 2, 0.6)["translations"].shape == (1, 2)
    assert translate(model, SENTENCES) == expected


def translate(model, texts):
    text = tf.constant(texts, tf.string)
    return model.signatures["serving_default"](text)["translation"].numpy().tolist()
