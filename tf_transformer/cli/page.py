"""`tft page`: makes a page that translates in the browser."""

from __future__ import annotations

import shlex

from absl import flags

import tf_transformer as tft
from tf_transformer import api
from tf_transformer.cli.newest import open_run
from tf_transformer.page import export_page

FLAGS = flags.FLAGS


def main() -> None:
    """Export the run's model as a page, and print how to look at it."""
    run = open_run(FLAGS.run_dir)
    if run.task_name != "translator":
        raise tft.UserError(f"run_dir={run.directory}: the page is for models that translate.")
    translator = api.task_of(run)
    translator.card.require_learned(FLAGS.export_anyway)
    directory = export_page(
        translator,
        FLAGS.export or f"pages/{run.directory.name}",
        FLAGS.quantization,
        npm_dir=FLAGS.npm_dir,
    )
    print(
        f"The page is {directory / 'index.html'}: open it from the disk, or from any server of "
        f"files:\n\n  python -m http.server --directory={shlex.quote(str(directory))}"
    )
