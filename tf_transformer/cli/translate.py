"""`tft translate`: translates sentences from the command line, the keyboard or standard input."""

from __future__ import annotations

import contextlib
import io
import itertools
import json
import sys
from collections.abc import Iterable, Iterator

import tensorflow as tf
from absl import flags

import tf_transformer as tft
from tf_transformer.cli.newest import load_model
from tf_transformer.cli.searching import is_other_language, languages_of, searching
from tf_transformer.cli.streams import valid_texts
from tf_transformer.config import scores_in_words
from tf_transformer.data.text_files import read_columns
from tf_transformer.errors import warn
from tf_transformer.plots import save_attention_figure, save_attention_page
from tf_transformer.tasks import map_texts
from tf_transformer.tasks.confidence import DOUBTFUL
from tf_transformer.tasks.loaded import LoadedTranslator
from tf_transformer.tasks.translating import WIDER, NBest, fill_n_best

FLAGS = flags.FLAGS

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_MARK = "  (?)"  # after a doubtful translation
_MOST_WAITING = 2**20  # bytes of standard input to read at a time


def main(arguments: list[str]) -> None:
    """Print a translation for each line, and draw the attention if asked to."""
    _check_flags()
    if not arguments and sys.stdin.isatty():
        _require_one_line([])
        model = load_model(FLAGS.model_dir)
        print("Type a sentence; Ctrl-D ends.", file=sys.stderr)
        _translate_all(model, _typed_lines())
        return
    batches = iter([_lines_of(arguments)] if arguments else _waiting_lines())
    lines = next(batches, None)
    if lines is None:
        raise tft.UserError("nothing to translate: standard input is empty.")
    if _drawings():
        lines += [line for batch in batches for line in batch]
        _require_one_line(lines)
    model = load_model(FLAGS.model_dir)
    _translate_all(model, itertools.chain([lines], batches))
    if _drawings():
        _show_attention(model, lines[0])


def _lines_of(arguments: list[str]) -> list[bytes]:
    return [line for text in arguments for line in text.encode().split(b"\n")]


def _waiting_lines() -> Iterator[list[bytes]]:
    """Yield the lines of standard input as they come, each time all that are waiting."""
    rest = b""
    start = _BYTE_ORDER_MARK
    are_valid = True
    while data := sys.stdin.buffer.read1(_MOST_WAITING):
        *lines, rest = (rest + data).split(b"\n")
        are_valid = are_valid and _are_utf8(lines)
        if lines:
            lines[0] = lines[0].removeprefix(start)
            start = b""
            yield [line.removesuffix(b"\r") for line in lines]
    if rest:  # the last line may lack a line end
        are_valid = are_valid and _are_utf8([rest])
        yield [rest.removeprefix(start).removesuffix(b"\r")]


def _are_utf8(lines: list[bytes]) -> bool:
    """Return whether lines are UTF-8, and warn of the first that is not."""
    for line in lines:
        try:
            line.decode()
        except UnicodeDecodeError:
            shown = line.decode(errors="replace")
            warn(f"standard input is not all UTF-8, and wrong bytes are replaced: {shown}")
            return False
    return True


def _typed_lines() -> Iterator[list[bytes]]:
    """Yield lines as they are typed."""
    with contextlib.suppress(ImportError):
        import readline  # noqa: F401 (keys that edit the line)
    if isinstance(sys.stdin, io.TextIOWrapper):
        sys.stdin.reconfigure(errors="replace")
    prompt = "> " if sys.stdout.isatty() else ""
    with contextlib.suppress(EOFError):
        while True:
            yield valid_texts([input(prompt)])[0].encode().splitlines() or [b""]
    print(file=sys.stderr)


def _check_flags() -> None:
    """Raise `UserError` for flags that make no sense."""
    if FLAGS.beam_size < 1:
        raise tft.UserError(f"--beam_size={FLAGS.beam_size}: the beam holds at least one.")
    if FLAGS.n_best < 1:
        raise tft.UserError(f"--n_best={FLAGS.n_best}: print at least one translation per line.")


def _drawings() -> list[str]:
    """Return the flags that ask for a drawing."""
    return [name for name in ("attention_png", "attention_html") if FLAGS[name].value]


def _require_one_line(lines: list[bytes]) -> None:
    """Raise `UserError` if a drawing is requested for no line, or for several."""
    for name in _drawings():
        if len(lines) != 1:
            raise tft.UserError(f"--{name} draws one line, not {len(lines)}.")


def _translate_all(model: tf.Module, batches: Iterable[list[bytes]]) -> None:
    """Print the translations of batches of lines, each batch before waiting for the next."""
    if FLAGS.n_best > 1:
        how = scores_in_words(FLAGS.alpha)
        print(f"Scores are {how}; the nearer to 0, the better.", file=sys.stderr)
    number = 0
    for lines in batches:
        for found in _translate(model, lines, number):
            if FLAGS.details:
                print(json.dumps(found, ensure_ascii=False))
                continue
            for translation, score, mark in found:
                line = translation.replace("\n", " ")  # always one line, whatever the model writes
                line += mark
                print(line if FLAGS.n_best == 1 else f"{score:.3f}\t{line}")
        sys.stdout.flush()
        number += len(lines)


def _translate(model: tf.Module, lines: list[bytes], before: int) -> list[list[NBest]]:
    """Return the n-best list of each line; warn of sentences that were cut."""
    beam_size, asked = max(FLAGS.beam_size, FLAGS.n_best), _asked()
    rows, truncated = (
        _search_controlled(model, lines, beam_size, asked)
        if asked
        else _search(model, lines, beam_size)
    )
    for number, cut in enumerate(truncated, start=before + 1):
        if cut[0]:
            print(
                f"warning: line {number}: a sentence or its translation was too long and was cut.",
                file=sys.stderr,
            )
    _warn_of_long_ones(model, lines, truncated, before)
    if asked:
        return rows

    def search_wider(few: list[int]) -> list[list[NBest]]:
        return _search(model, [lines[i] for i in few], WIDER * beam_size)[0]

    rows = fill_n_best(rows, beam_size if FLAGS.n_best > 1 else 1, search_wider)
    return [row[: FLAGS.n_best] for row in rows]


def _warn_of_long_ones(
    model: tf.Module, lines: list[bytes], truncated: list[list[bool]], before: int
) -> None:
    """Warn of other lines with a sentence longer than nearly all in training, if known."""
    if not hasattr(model, "is_too_long"):
        return
    if hasattr(model, "usual_longest") and max(map(len, lines)) <= int(model.usual_longest()):
        return  # a token has at least one byte, so that no line can be too long
    is_too_long = map_texts(model.is_too_long, lines)["is_too_long"]
    found = zip(is_too_long, truncated, strict=True)
    for number, (is_long, cut) in enumerate(found, start=before + 1):
        if is_long and not cut[0]:
            warn(f"line {number} is longer than nearly all sentences in training.")


def _search(
    model: tf.Module, lines: list[bytes], beam_size: int
) -> tuple[list[list[NBest]], list[list[bool]]]:
    """Return the translations of each line, with scores and marks, and which were cut."""
    search = searching(model, beam_size, FLAGS.alpha, FLAGS.to)
    if _drawings() and is_other_language(model, FLAGS.to):
        usual, *_ = languages_of(model)
        raise tft.UserError(f"--to={FLAGS.to}: only translations into {usual} can be drawn.")
    found = map_texts(search, lines)
    rows = zip(found["translations"], found["scores"], _marks(found), strict=True)
    return [[*zip(*row, strict=True)] for row in rows], found["truncated"]


def _asked() -> dict[str, object]:
    """Return what the flags ask of translations, as options of a translator's call."""
    names = ("prefix", "must", "must_not", "copy", "min_length", "diversity", "groups")
    asked = {name: FLAGS[name].value for name in names if FLAGS[name].value}
    if FLAGS.terms:
        asked["terms"] = dict(read_columns(FLAGS.terms, "source", "target"))
    return asked | ({"per_token": True} if FLAGS.details else {})


def _search_controlled(
    model: tf.Module, lines: list[bytes], beam_size: int, asked: dict[str, object]
) -> tuple[list, list[list[bool]]]:
    """Return what `_search` returns, or the details of each line, for what is asked."""
    if FLAGS.mark_doubt:
        raise tft.UserError("--mark_doubt: controlled translations have no confidence.")
    options = {"beam_size": beam_size, "alpha": FLAGS.alpha, "n_best": FLAGS.n_best}
    found = LoadedTranslator(model)(lines, details=True, to=FLAGS.to, **options, **asked)
    truncated = [[row["truncated"]] for row in found]
    if FLAGS.details:
        return found, truncated
    rows = []
    for row in found:
        texts = row.get("translations", [row["translation"]])
        scores = row.get("scores", [row["score"]])
        rows.append([(*each, "") for each in zip(texts, scores, strict=True)])
    return rows, truncated


def _marks(found: dict[str, list]) -> list[list[str]]:
    """Return what follows each translation: a mark if it is doubtful, or nothing."""
    if FLAGS.mark_doubt and "confidence" not in found:
        raise tft.UserError(
            "--mark_doubt: this model has no confidence; score and export its run again."
        )
    is_wanted = sys.stdout.isatty() if FLAGS.mark_doubt is None else FLAGS.mark_doubt
    if not is_wanted or "confidence" not in found:
        return [[""] * len(scores) for scores in found["scores"]]
    return [[_MARK if each < DOUBTFUL else "" for each in row] for row in found["confidence"]]


def _show_attention(model: tf.Module, line: bytes) -> None:
    """Write the requested picture and page of a line, which is translated greedily."""
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
        confidence = found.get("confidence")
        save_attention_page(FLAGS.attention_html, attention, source, target, confidence)
        print(f"wrote {FLAGS.attention_html}", file=sys.stderr)
