"""`keras.models.load_model` opens our models when the package has been imported, in any order."""

import importlib
import importlib.util
import inspect
import json
import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import pytest

import tf_transformer as tft
from tests.first_run import CHECKOUT, environment
from tf_transformer.registration import CLASSES
from tf_transformer.training import compile_model

PACKAGE = Path(tft.__file__).parent
IDS = np.array([[5, 9, 7, 0], [4, 6, 8, 3]], "int32")
SMALL = {"num_layers": 1, "d_model": 8, "num_heads": 2, "d_ff": 8, "max_length": 6}

# Prints what each model is that it loads, after it has checked what each answers.
PROGRAM = """
import sys
from pathlib import Path
{imports}
import json
import numpy as np
found = {{}}
for path in sorted(Path(sys.argv[1]).glob("*.keras")):
    model = keras.models.load_model(path)
    known = np.load(path.with_suffix(".npz"))
    inputs = [known[f"input{{i}}"] for i in range(len(known) - 1)]
    answer = model(inputs if len(inputs) > 1 else inputs[0])
    np.testing.assert_allclose(keras.ops.convert_to_numpy(answer), known["answer"], atol=1e-5)
    found[path.stem] = [type(model).__name__]
    if model.compiled:
        optimizer = type(model.optimizer)
        rate = model.optimizer.get_config()["learning_rate"]
        found[path.stem] += [
            optimizer.__module__.split(".")[0] + "." + optimizer.__name__,
            rate["class_name"] if isinstance(rate, dict) else None,
            type(model.loss).__name__,
        ]
print(json.dumps(found))
"""
ORDERS = {
    "keras first": "import keras\nimport tf_transformer",
    "keras last": "import tf_transformer\nassert 'keras' not in sys.modules\nimport keras",
}


def transformer():
    return tft.Transformer(tft.TransformerConfig(12, 12, **SMALL))


def of_tokens(model):
    """Compile a model of tokens as Keras's users do."""
    loss, metrics = tft.losses.SmoothedCrossEntropy(), [tft.metrics.TokenAccuracy()]
    model.compile("adam", loss, metrics=metrics)
    return model


def trained(**fields):
    """Return a Transformer that is compiled as our training does it."""
    model = transformer()
    compile_model(model, tft.config.TranslatorTraining(**fields), steps_per_epoch=3)
    return model


def functional():
    """Return somebody else's model, made of our layers."""
    ids = keras.Input((4,), dtype="int32")
    x = tft.layers.PositionalEmbedding(12, 8)(ids)
    x = tft.layers.EncoderLayer(8, num_heads=2, d_ff=8)(x)
    return keras.Model(ids, keras.layers.GlobalAveragePooling1D()(x))


MODELS = {
    "transformer": lambda: (of_tokens(transformer()), IDS, IDS),
    "adam": lambda: (trained(optimizer="adam", schedule="noam"), IDS, IDS),
    "muon": lambda: (trained(optimizer="muon", schedule="cosine"), IDS, IDS),
    "averaged_adam": lambda: (trained(optimizer="adam", ema=0.9), IDS, IDS),
    "averaged_muon": lambda: (trained(optimizer="muon", ema=0.9), IDS, IDS),
    "accumulating": lambda: (trained(accumulate=2), IDS, IDS),
    "causal_lm": lambda: (of_tokens(tft.CausalLM(tft.CausalLMConfig(12, **SMALL))), IDS),
    "classifier": lambda: (
        tft.TransformerClassifier(tft.ClassifierConfig(12, num_classes=3, **SMALL)),
        IDS,
    ),
    "rnn": lambda: (
        of_tokens(tft.RNNTranslator(tft.RNNConfig(12, 12, d_model=8, max_length=6))),
        IDS,
        IDS,
    ),
    "skip_gram": lambda: (tft.SkipGram(12, 8), IDS[:, 0], IDS[:, 1], IDS[0]),
    "functional": lambda: (functional(), IDS),
}
WHAT_THEY_ARE = {
    "transformer": ["Transformer", "keras.Adam", None, "SmoothedCrossEntropy"],
    "adam": ["Transformer", "tf_transformer.Adam", "Noam", "SmoothedCrossEntropy"],
    "muon": ["Transformer", "tf_transformer.Muon", "Cosine", "SmoothedCrossEntropy"],
    "averaged_adam": ["Transformer", "tf_transformer.AveragedAdam", "Noam", "SmoothedCrossEntropy"],
    "averaged_muon": ["Transformer", "tf_transformer.AveragedMuon", "Noam", "SmoothedCrossEntropy"],
    "accumulating": ["Transformer", "tf_transformer.Adam", "Noam", "SmoothedCrossEntropy"],
    "causal_lm": ["CausalLM", "keras.Adam", None, "SmoothedCrossEntropy"],
    "classifier": ["TransformerClassifier"],
    "rnn": ["RNNTranslator", "keras.Adam", None, "SmoothedCrossEntropy"],
    "skip_gram": ["SkipGram"],
    "functional": ["Functional"],
}


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    """A directory of models, and of what each answers to what."""
    directory = tmp_path_factory.mktemp("models")
    for name, make in MODELS.items():
        model, *inputs = make()
        answer = model(tuple(inputs) if len(inputs) > 1 else inputs[0])
        if model.compiled:
            model.optimizer.build(model.trainable_variables)
        model.save(directory / f"{name}.keras")
        known = {f"input{i}": x for i, x in enumerate(inputs)}
        np.savez(directory / f"{name}.npz", answer=keras.ops.convert_to_numpy(answer), **known)
    return directory


def load_all(directory, imports, **variables):
    """Load the models in a fresh process; return what each is."""
    finished = subprocess.run(
        [sys.executable, "-c", PROGRAM.format(imports=imports), str(directory)],
        cwd=CHECKOUT,
        env=environment() | variables,
        capture_output=True,
        text=True,
    )
    assert finished.returncode == 0, finished.stderr
    return json.loads(finished.stdout.splitlines()[-1])


@pytest.mark.parametrize(
    "imports", [ORDERS["keras last"], pytest.param(ORDERS["keras first"], marks=pytest.mark.long)]
)
def test_every_model_is_opened_in_a_fresh_process(imports, saved):
    assert load_all(saved, imports) == WHAT_THEY_ARE


@pytest.mark.parametrize("backend", ["jax", "torch"])
def test_every_model_is_opened_on_other_backends(backend, saved):
    pytest.importorskip(backend)
    found = load_all(saved, ORDERS["keras last"], KERAS_BACKEND=backend, JAX_PLATFORMS="cpu")
    assert found == WHAT_THEY_ARE


def test_the_table_names_every_class_that_registers_itself():
    for path in PACKAGE.rglob("*.py"):
        if "register_keras_serializable(package" in path.read_text(encoding="utf-8"):
            names = path.relative_to(PACKAGE).with_suffix("").parts
            importlib.import_module(".".join(["tf_transformer", *names]))
    registered = {
        name: found
        for name, found in keras.saving.get_custom_objects().items()
        if name.startswith("tf_transformer>") and inspect.isclass(found)
    }
    told = {
        f"tf_transformer>{name}": getattr(importlib.import_module(f"tf_transformer.{module}"), name)
        for module, names in CLASSES.items()
        for name in names
    }
    assert told == registered
