"""`tft export`: exports the best model of a finished run."""

from __future__ import annotations

import shlex
from pathlib import Path

from absl import flags

import tf_transformer as tft
from tf_transformer import api
from tf_transformer.cli.newest import open_run
from tf_transformer.cli.programs import called
from tf_transformer.export import (
    export_ctranslate2,
    export_litert,
    export_onnx,
    export_openvino,
)
from tf_transformer.training import Run, card_of

FLAGS = flags.FLAGS

_ENGINES = {
    "ctranslate2": export_ctranslate2,
    "litert": export_litert,
    "onnx": export_onnx,
    "openvino": export_openvino,
}

_USES = {  # task: what it does with texts, the verb, its arguments
    "translator": ("Translate lines", "translate", "< sentences.txt"),
    "completer": ("Complete prompts", "complete", "--prompt='Once upon'"),
    "classifier": ("Classify texts", "classify", "--text='…'"),
}


def main() -> None:
    """Export the run, and print how to use the export."""
    if FLAGS.format == "saved_model" and FLAGS.quantization != "float32":
        raise tft.UserError(
            "--quantization is for the other formats: a SavedModel is float32. Choose one with "
            f"--format: {', '.join(_ENGINES)}."
        )
    run = open_run(FLAGS.run_dir)
    if FLAGS.control and (FLAGS.format, run.task_name) != ("saved_model", "translator"):
        raise tft.UserError("--control is for a SavedModel that translates.")
    search = run.metrics().search or {}
    export_dir = FLAGS.export_dir or _default_directory(run)
    does, verb, arguments = _USES[run.task_name]
    if FLAGS.format in _ENGINES:
        path = _export_for_engine(run, export_dir)
        command = f"python {shlex.quote(str(path / 'translate.py'))} {arguments}"
    else:
        task = api.task_of(run, jit_compile=FLAGS.jit_compile)
        task.card.require_learned(FLAGS.export_anyway)
        options = {"control": True} if FLAGS.control else {}
        path = tft.export_saved_model(task, export_dir, task.card, **search, **options)
        command = f"{called(verb)} {shlex.quote(f'--model_dir={export_dir}')} {arguments}"
    print(f"The model is {path}. {does} with:\n\n  {command}")


def _default_directory(run: Run) -> str:
    """Return where the model of a run goes: next to those that training exports."""
    suffix = "" if FLAGS.format == "saved_model" else f"-{FLAGS.format}"
    return f"saved_models/{run.directory.name}{suffix}"


def _export_for_engine(run: Run, directory: str) -> Path:
    _, model_config, _ = run.load_config()
    if not isinstance(model_config, tft.TransformerConfig):
        raise tft.UserError(
            f"--format={FLAGS.format} is for a Transformer that translates: "
            f"run_dir={run.directory} is a run of a {model_config.title}."
        )
    model = run.model()
    card = card_of(run, model)
    card.require_learned(FLAGS.export_anyway)
    export = _ENGINES[FLAGS.format]
    return export(model, *run.tokenizers(), directory, card, FLAGS.quantization)
