"""`tft translate`: sentences from the command line, or lines on standard input."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import tensorflow as tf
from absl import flags

import tf_transformer as tft
from tf_transformer.plots import save_attention_figure, save_attention_page
from tf_transformer.tasks import map_texts

FLAGS = flags.FLAGS


def define_flags() -> None:
    """Define the program's flags."""
    flags.DEFINE_string(
        "model_dir", "saved_models/phrasebook-tiny", "a SavedModel, or the folder of its versions"
    )
    flags.DEFINE_integer("beam_size", 4, "hypotheses to keep for each sentence; 1 is greedy search")
    flags.DEFINE_float("alpha", 0.6, "length penalty of beam search; 0 for none")
    flags.DEFINE_integer("n_best", 1, "translations to print for each line")
    flags.DEFINE_string("attention_png", None, "draw where the decoder looked, for one line")
    flags.DEFINE_string(
        "attention_html", None, "a page to explore where all heads looked, for one line"
    )


def main(arguments: list[str]) -> None:
    """Print a translation for each line, and draw the attention if asked to."""
    lines = _read_lines(arguments)
    _check_flags(lines)
    model = tft.load_saved_model(FLAGS.model_dir, kind="translator")
    for translations, scores in _translate(model, lines):
        for translation, score in list(zip(translations, scores, strict=True))[: FLAGS.n_best]:
            line = translation.replace("\n", " ")  # one line each, whatever the model writes
            print(line if FLAGS.n_best == 1 else f"{score:.3f}\t{line}")
    if FLAGS.attention_png or FLAGS.attention_html:
        _show_attention(model, lines[0])


def _read_lines(arguments: list[str]) -> list[bytes]:
    """Return the lines of the arguments, or those on standard input."""
    if arguments:
        return [line for text in arguments for line in text.encode().split(b"\n")]
    if sys.stdin.isatty():
        raise tft.UserError("nothing to translate: give sentences, or lines on standard input.")
    lines = sys.stdin.buffer.read().split(b"\n")
    if lines[-1] == b"":
        lines.pop()  # what follows the last line end is not a line
    if not lines:
        raise tft.UserError("nothing to translate: standard input is empty.")
    return [line.removesuffix(b"\r") for line in lines]


def _check_flags(lines: list[bytes]) -> None:
    """Raise `UserError` for flags that make no sense."""
    if FLAGS.beam_size < 1:
        raise tft.UserError(f"--beam_size={FLAGS.beam_size}: the beam holds at least one.")
    if not 1 <= FLAGS.n_best <= FLAGS.beam_size:
        raise tft.UserError(
            f"--n_best={FLAGS.n_best}: a beam of {FLAGS.beam_size} gives 1 to {FLAGS.beam_size}."
        )
    for name in ("attention_png", "attention_html"):
        if FLAGS[name].value and len(lines) != 1:
            raise tft.UserError(f"--{name} draws one line, not {len(lines)}.")


def _translate(model: tf.Module, lines: list[bytes]) -> Iterator[tuple[list[str], list[float]]]:
    """Return the translations and scores of each line, best first; warn of what was cut."""
    found = map_texts(lambda text: model.search(text, FLAGS.beam_size, FLAGS.alpha), lines)
    for number, cut in enumerate(found["truncated"], start=1):
        if cut[0]:
            print(
                f"warning: line {number}: a sentence or its translation is too long and was cut.",
                file=sys.stderr,
            )
    return zip(found["translations"], found["scores"], strict=True)


def _show_attention(model: tf.Module, line: bytes) -> None:
    """Write the picture and the page that are asked for, of a line that is translated greedily."""
    answer = model.signatures["attend"](tf.constant([line]))
    found = {name: x[0].numpy() for name, x in answer.items()}
    source, target = (
        [token.decode(errors="replace") for token in found[f"{side}_tokens"]]
        for side in ("source", "target")
    )
    if FLAGS.attention_png:
        save_attention_figure(FLAGS.attention_png, found["attention"], source, target)
        print(f"wrote {FLAGS.attention_png}", file=sys.stderr)
    if FLAGS.attention_html:
        names = {"cross": "attention"} | {x: f"{x}_attention" for x in ("encoder", "decoder")}
        attention = {kind: found[name] for kind, name in names.items() if name in found}
        save_attention_page(FLAGS.attention_html, attention, source, target)
        print(f"wrote {FLAGS.attention_html}", file=sys.stderr)
