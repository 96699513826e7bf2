# %% [markdown]
# # Export
#
# Takes the best checkpoint of a finished run to where it is used: a SavedModel, for Python and
# TensorFlow Serving, or a model for CTranslate2, a C++ engine that runs without TensorFlow.
#
#     python recipes/08_export.py
#     python recipes/08_export.py --run_dir=runs/mine --format=ctranslate2 --quantization=int8

# %%
from tf_transformer.cli import command_line  # first: it keeps TensorFlow's start-up quiet

# isort: split
import dataclasses
import json
import shlex
from pathlib import Path

from absl import flags

import tf_transformer as tft

FLAGS = flags.FLAGS
flags.DEFINE_string("run_dir", "runs/phrasebook-tiny", "a finished run of recipe 05")
flags.DEFINE_string("data_dir", None, "where TFDS keeps its sets; default: TFDS's own folder")
flags.DEFINE_string("export_dir", None, "where the model goes; default: saved_models/RUN")
flags.DEFINE_enum("format", "saved_model", ["saved_model", "ctranslate2"], "what to export")
flags.DEFINE_string("quantization", "float32", "type of CTranslate2's weights: float32, int8, …")

flags.DEFINE_bool(
    "jit_compile", False, "let XLA compile a SavedModel's searches: faster, after seconds a shape"
)


# %% [markdown]
# ## The model and its card
#
# A model travels with its card: what it was trained on, how it scores, the licence of the data. The
# run's `config.json` and `metrics.json` know all that, but for what the corpus says of itself.


# %%
def scores_of(values):
    """Return the scores among values from JSON, and those within them."""
    names = {field.name for field in dataclasses.fields(tft.Scores)} & set(values)
    values = {name: values[name] for name in names}
    inner = {name: scores_of(value) for name, value in values.items() if isinstance(value, dict)}
    return tft.Scores(**values | inner)


def load_scores(run):
    """Return the split that a run was scored on, how it was searched, and the scores."""
    try:
        metrics = json.loads(run.metrics_path.read_text(encoding="utf-8"))
        return metrics["split"], metrics["search"], scores_of(metrics)
    except FileNotFoundError:
        raise tft.UserError(
            f"run_dir={run.directory} is not finished: it has no {run.metrics_path.name}; go on "
            f"with python recipes/05_train_translator.py --run_dir={run.directory} --resume"
        ) from None
    except (ValueError, KeyError, TypeError) as error:
        raise tft.UserError(f"{run.metrics_path} is damaged: {error!r}.") from error


def load_run(directory):
    """Return the best model of a run, its tokenizers, its search and its card."""
    run = tft.Run.open(directory)
    dataset, _, config = run.load_config()
    split, search, scores = load_scores(run)
    corpus = tft.load_corpus(dataset, FLAGS.data_dir, config.text_form)
    best = tft.Checkpoints(run.checkpoint_dir).best
    if best is None:
        raise tft.UserError(f"run_dir={run.directory} has no checkpoint: train it first.")
    model = tft.load_model(best)
    card = tft.ModelCard.of(model, config, corpus, split, scores, search)
    return model, tft.load_tokenizers(run.tokenizer_dir), search, card


# %% [markdown]
# ## Where it goes
#
# A SavedModel becomes the next version in its directory. A CTranslate2 model has a directory of its
# own; with it lies `translate.py`, which needs nothing of this package.
#
# `--jit_compile` lets XLA compile the searches of a SavedModel, each for a few shapes. That takes
# seconds a shape, when it is first asked for: so TensorFlow Serving finds a warm-up file in the
# model, and plays it before it serves. In Python, `tft.load_saved_model(…, warm_up=True)` does.


# %%
def default_directory():
    """Return where the model of a run goes: beside those that recipe 05 exports."""
    suffix = "" if FLAGS.format == "saved_model" else f"-{FLAGS.format}"
    return f"saved_models/{Path(FLAGS.run_dir).name}{suffix}"


def main():
    if FLAGS.format == "saved_model" and FLAGS.quantization != "float32":
        raise tft.UserError("--quantization is for --format=ctranslate2: a SavedModel is float32.")
    model, tokenizers, search, card = load_run(FLAGS.run_dir)
    export_dir = FLAGS.export_dir or default_directory()
    if FLAGS.format == "saved_model":
        translator = tft.Translator(model, *tokenizers, jit_compile=FLAGS.jit_compile)
        path = tft.export_saved_model(translator, export_dir, card, **search)
        command = ["recipes/06_translate.py", f"--model_dir={export_dir}"]
    else:
        path = tft.export_ctranslate2(model, *tokenizers, export_dir, card, FLAGS.quantization)
        command = [str(path / "translate.py")]
    print(f"The model is {path}. Translate lines with:\n")
    print(f"  python {shlex.join(command)} < sentences.txt")


if __name__ == "__main__":
    command_line.run(main)
