"""Training can be repeated, learns, and shows what it does."""

import re

import keras
import numpy as np
import pytest
import tensorflow as tf
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.backend.event_processing.plugin_event_multiplexer import EventMultiplexer
from tensorboard.plugins.hparams.plugin_data_pb2 import HParamsPluginData as PluginData
from tensorflow.tsl.profiler.protobuf import xplane_pb2

from tests.training.tiny_run import BATCHES, CONFIG, STEPS, new_model, run_training
from tf_transformer.models import Transformer
from tf_transformer.optimizers import Adam
from tf_transformer.schedules import Cosine
from tf_transformer.tensorboard.gradient_norm import GradientNorm
from tf_transformer.training import Run, compile_model, training_plan


def test_training_learns(uninterrupted):
    _, checkpoints = uninterrupted
    first, _, last = checkpoints.epochs
    assert (first["epoch"], first["step"]) == (1, STEPS)
    assert (last["epoch"], last["step"]) == (3, 3 * STEPS)
    for name in ("loss", "perplexity", "val_loss", "val_perplexity"):
        assert last[name] < first[name]
    assert last["tokens_per_second"] > 0


@pytest.mark.parametrize("dtype", ["mixed_bfloat16", "mixed_float16"])
def test_a_step_in_mixed_precision_is_finite_and_learns(dtype):
    model = new_model(dtype=dtype)
    compile_model(model, CONFIG, STEPS)
    model.run_eagerly = True
    inputs, targets = next(iter(BATCHES.dataset()))
    losses = [model.train_on_batch(inputs, targets, return_dict=True)["loss"] for _ in range(3)]
    assert np.isfinite(losses).all()
    if dtype == "mixed_bfloat16":  # the loss scale of float16 needs steps to settle
        assert losses[-1] < losses[0]
    assert all(weight.dtype == "float32" for weight in model.trainable_weights)


@pytest.mark.long
def test_steps_that_xla_compiles_are_the_same_steps():
    inputs, targets = next(iter(BATCHES.dataset()))
    losses = {}
    for xla in (False, True):
        keras.utils.set_random_seed(7)
        model = Transformer(new_model().config.replace(dropout=0.0, attention_dropout=0.0))
        compile_model(model, CONFIG.replace(xla=xla), STEPS)
        model.optimizer.build(model.trainable_variables)  # else a step is traced twice
        assert model.jit_compile == xla
        losses[xla] = [model.train_on_batch(inputs, targets)[0] for _ in range(3)]
    np.testing.assert_allclose(losses[True], losses[False], rtol=1e-4)
    assert losses[True][-1] < losses[True][0]


@pytest.mark.parametrize(
    ("options", "rate"),
    [
        ({"schedule": "noam", "learning_rate": 0.0}, (16 * 5) ** -0.5),
        ({"schedule": "noam"}, 0.01),
        ({"schedule": "cosine"}, 0.01),
    ],
)
def test_the_learning_rate_peaks_where_it_should(options, rate):
    model = new_model()
    compile_model(model, CONFIG.replace(**options), STEPS)
    model.optimizer.iterations.assign(4)
    assert float(model.optimizer.learning_rate) == pytest.approx(rate)
    model.optimizer.iterations.assign(3 * STEPS - 1)
    last = 0.0 if options["schedule"] == "cosine" else rate * (5 / (3 * STEPS)) ** 0.5
    assert float(model.optimizer.learning_rate) == pytest.approx(last, rel=1e-5, abs=1e-7)


def test_the_plan_names_weights_steps_and_limits():
    model = new_model()
    line = training_plan(model, CONFIG.replace(max_minutes=7.5), BATCHES)
    assert f"{model.count_params():,} weights" in line
    assert f"3 epochs of {STEPS} steps" in line
    assert "at most 7.5." in line
    assert "\n" not in line
    assert "up to 1 epoch of" in training_plan(model, CONFIG.replace(epochs=1), BATCHES)


@pytest.fixture(scope="module")
def events(trained):
    """What TensorBoard reads of the run in `trained`: `{split: {tag: [(step, value)]}}`."""
    found = {}
    for split in ("train", "validation"):
        accumulator = EventAccumulator(str(trained.run.log_dir / split), {"tensors": 0})
        accumulator.Reload()
        found[split] = {
            tag: [
                (event.step, tf.make_ndarray(event.tensor_proto))
                for event in accumulator.Tensors(tag)
            ]
            for tag in accumulator.Tags()["tensors"]
        }
    return found


def test_tensorboard_shows_how_training_goes(trained, events):
    scalars = events["train"]
    assert set(scalars) == {
        "loss",
        "accuracy",
        "perplexity",
        "gradient_norm",
        "learning_rate",
        "padding",
        "tokens_per_second",
    }
    for name in ("loss", "accuracy", "perplexity"):
        assert len(scalars[name]) > len(trained.checkpoints.epochs)  # within epochs too
        scale = np.log if name == "perplexity" else np.asarray  # on which its means are taken
        first = 0
        for logs in trained.checkpoints.epochs:
            points = [(s, v) for s, v in scalars[name] if first < s <= logs["step"]]
            steps, values = map(np.array, zip(*points, strict=True))
            mean = np.average(scale(values), weights=np.diff(steps, prepend=first))
            assert mean == pytest.approx(scale(logs[name]), rel=1e-3)
            first = logs["step"]
    schedule = Cosine(0.01, 40, trained.checkpoints.epochs[-1]["step"])
    for step, rate in scalars["learning_rate"]:
        assert float(rate) == pytest.approx(float(schedule(step)))
    assert all(0 <= value < 0.5 for _, value in scalars["padding"])
    assert all(value > 0 for _, value in scalars["tokens_per_second"])
    assert all(value > 0 for _, value in scalars["gradient_norm"])
    assert [step for step, _ in scalars["gradient_norm"]] == [s for s, _ in scalars["loss"]]


def test_tensorboard_shows_each_epochs_validation(trained, events):
    epochs = trained.checkpoints.epochs
    for name in ("loss", "accuracy", "perplexity", "bleu"):
        found = events["validation"][name]
        assert [step for step, _ in found] == [logs["step"] for logs in epochs]
        expected = [logs[f"val_{name}"] for logs in epochs]
        np.testing.assert_allclose([float(value) for _, value in found], expected, rtol=1e-5)


def test_tensorboard_shows_translations_beside_their_references(trained, events):
    tables = events["validation"]["translations"]
    assert len(tables) == len(trained.checkpoints.epochs)
    lines = tables[-1][1].item().decode().splitlines()
    assert lines[0] == "source | translation | reference"
    assert len(lines) == 2 + 8
    assert lines[2] == "bom dia. | good morning. | good morning."


def test_tensorboard_shows_attention_in_the_same_sentences(trained, events):
    steps = [logs["step"] for logs in trained.checkpoints.epochs]
    for number in (1, 2):
        pictures = events["validation"][f"attention/{number}"]
        assert pictures[0][0] == steps[0]
        assert {step for step, _ in pictures} <= set(steps)
        assert pictures[-1][0] == steps[-1]
        assert len({tuple(picture[:2]) for _, picture in pictures}) == 1  # of the same tokens
        assert tf.io.decode_png(pictures[0][1][2]).numpy().std() > 10


def test_tensorboard_shows_the_graph(trained):
    accumulator = EventAccumulator(str(trained.run.log_dir / "train"))
    accumulator.Reload()
    names = " ".join(node.name for node in accumulator.Graph().node)
    for part in (
        "encoder/layer_0/attention_residual/attention",
        "decoder/layer_0/feed_forward_residual/feed_forward/inner",
    ):
        scopes = ["transformer", *part.split("/")]  # each may have numbers behind it
        assert re.search("".join(rf"{scope}(_\d+)*/" for scope in scopes), names)


def test_tensorboard_shows_the_run_in_its_table_of_hyperparameters(trained):
    accumulator = EventAccumulator(str(trained.run.log_dir / "validation"))
    accumulator.Reload()
    metadata = accumulator.summary_metadata
    start = PluginData.FromString(
        metadata["_hparams_/session_start_info"].plugin_data.content
    ).session_start_info
    assert start.hparams["model"].string_value == "Transformer"
    assert start.hparams["d_model"].number_value == 32
    assert start.group_name.endswith("/overfit")
    assert start.hparams["schedule"].string_value == "cosine"
    experiment = PluginData.FromString(
        metadata["_hparams_/experiment"].plugin_data.content
    ).experiment
    names = [(info.name.group, info.name.tag) for info in experiment.metric_infos]
    assert names[0] == ("", "bleu")  # of the run that this is of: validation
    assert {info.name for info in experiment.hparam_infos} == set(start.hparams)
    first = [info.name for info in experiment.hparam_infos][:5]
    assert first == ["parameters", "learning_rate", "batch_tokens", "num_layers", "d_model"]
    assert start.hparams["parameters"].number_value == trained.model.count_params()


def test_tensorboard_shows_a_training_as_two_runs(trained):
    multiplexer = EventMultiplexer().AddRunsFromDirectory(str(trained.run.directory))
    multiplexer.Reload()
    assert set(multiplexer.Runs()) == {"logs/train", "logs/validation"}
    for split in ("train", "validation"):  # TensorBoard leaves a file behind when there is a newer
        assert len(list((trained.run.log_dir / split).glob("events.*"))) == 1


def test_the_curve_of_a_training_is_drawn_in_its_directory(trained):
    assert trained.run.curve_path.read_bytes().startswith(b"\x89PNG")


def test_histograms_and_a_profile_are_there_if_they_are_wanted(model, tmp_path):
    config = CONFIG.replace(epochs=2, checkpoint_minutes=0)
    run_training(tmp_path, config, model, histograms=True, profile=True)
    logs = Run(tmp_path).log_dir
    accumulator = EventAccumulator(str(logs / "validation"))
    accumulator.Reload()
    tags = set(accumulator.Tags()["tensors"])
    paths = {weight.path.partition("/")[2] for weight in model.trainable_weights}
    assert {f"weights/{path}" for path in paths} <= tags
    (profile,) = logs.glob("train/plugins/profile/*/*.xplane.pb")
    assert not list(logs.glob("events.*"))  # it would be a third run to TensorBoard
    space = xplane_pb2.XSpace.FromString(profile.read_bytes())
    operations = {event.name for plane in space.planes for event in plane.event_metadata.values()}
    assert any("MatMul" in name for name in operations)
    assert "train" in operations  # where steps begin and end


def test_the_gradient_norm_adds_up_what_slices_say_of_the_same_row():
    table = keras.Variable(np.zeros((4, 2), "float32"))
    optimizer = Adam(0.1)
    norm = GradientNorm.of(optimizer)
    slices = tf.IndexedSlices(tf.constant([[3.0, 0.0], [0.0, 4.0]]), [1, 1], [4, 2])
    for _ in range(2):
        optimizer.apply([slices], [table])
    assert norm.mean() == pytest.approx(5)


@pytest.mark.parametrize("dtype", ["float32", "mixed_float16"])
def test_the_gradient_norm_is_that_of_all_weights_before_clipping(dtype):
    model = new_model(dtype=dtype)
    compile_model(model, CONFIG.replace(clip_norm=1e-3), STEPS)
    norm = GradientNorm.of(model.optimizer)
    assert GradientNorm.of(model.optimizer) is norm
    inputs, targets = next(iter(BATCHES.dataset()))
    with tf.GradientTape() as tape:
        loss = model.loss(targets, model(inputs))  # without dropout
    gradients = tape.gradient(loss, model.trainable_weights)
    expected = np.sqrt(sum(np.sum(np.square(tf.convert_to_tensor(g))) for g in gradients))
    assert norm.mean() == 0
    scale = model.optimizer.scale_loss(1.0)
    scaled = [scale * tf.convert_to_tensor(gradient) for gradient in gradients]
    model.optimizer.apply(scaled, model.trainable_weights)
    assert norm.mean() == pytest.approx(expected, rel=1e-3)
    assert norm.mean() == 0
