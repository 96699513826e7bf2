# %% [markdown]
# # Compare runs
#
# Each run of [recipe 05](05_train_translator.py) leaves a `metrics.json`: its settings, its curve
# and its scores. This program puts runs side by side, as a table, as a picture, or in a README. It
# compares all runs in `runs` unless you name some.
#
#     python recipes/compare_runs.py
#     python recipes/compare_runs.py runs/* --plot=curves.png
#     python recipes/compare_runs.py runs/ted_laptop --keep=recipes/results
#     python recipes/compare_runs.py --update_readme=README.md

# %%
import tf_transformer as tft
from tf_transformer.cli import command_line

import json
import math
import re
import sys
from pathlib import Path

from absl import flags

FLAGS = flags.FLAGS
flags.DEFINE_bool("markdown", False, "Print the table in Markdown.")
flags.DEFINE_string("plot", None, "Draw validation BLEU and loss into this PNG file.")
flags.DEFINE_enum(
    "against", "minutes", ["minutes", "cpu_minutes", "epoch"], "What the curves are drawn against."
)
flags.DEFINE_string("keep", None, "Copy the metrics, made smaller, into this folder.")
flags.DEFINE_bool("overwrite", False, "Let --keep replace files of the same name.")
flags.DEFINE_string("update_readme", None, "Rewrite the tables of runs in this file.")
if __name__ == "__main__":  # before what takes seconds to import
    command_line.answer_early(
        "put runs side by side: how their settings differ, and their scores",
        "runs/* --plot=curves.png",
        positional=True,
    )

from tf_transformer.cli.table import print_table
from tf_transformer.files import write_json, write_text
from tf_transformer.plots.drawing import INK, cut, drawable, dress, line_looks, new_figure, save_png

# %% [markdown]
# ## Runs
#
# A run is a directory, or a JSON file with its metrics alone, and has the name of that. A directory
# of finished runs stands for all of them.


# %%
def load_run(path):
    """Return the metrics of a run, its name among them."""
    is_run = path.is_dir()
    file = path / "metrics.json" if is_run else path
    try:
        metrics = json.loads(file.read_text(encoding="utf-8"))
        if isinstance(metrics, dict) and metrics and "bleu" not in metrics:
            raise tft.UserError(f"{path} has no BLEU: it is not of a translator.")
        for name in ("config", "split", "bleu", "chrf", "bleu_signature", "minutes", "epochs"):
            metrics[name]
        metrics["epochs"][-1]["epoch"], metrics["config"]["dataset"]
    except tft.UserError:
        raise
    except FileNotFoundError as error:
        reason = "is not finished: it has no metrics.json" if is_run else "is not there"
        raise tft.UserError(f"{path} {reason}.") from error
    except (ValueError, LookupError, TypeError) as error:
        raise tft.UserError(f"{file} holds no metrics of a run: {error!r}.") from error
    return metrics | {"name": path.name if is_run else path.stem}


def runs_in(path):
    """Return the finished runs in a directory of them, or else the path alone."""
    return sorted(file.parent for file in path.glob("*/metrics.json")) or [path]


def runs_here():
    """Return what is in `runs`, except for the folders that hold only the pictures of a page."""
    return [path for path in sorted(Path("runs").glob("*")) if not _is_gallery(path)]


def _is_gallery(path):
    files = [file for file in path.glob("*") if file.name != ".lock"]
    return bool(files) and all(file.suffix in (".png", ".html") for file in files)


def load_runs(paths):
    """Return the runs that are finished, each once, and say which are not."""
    runs = []
    for path in dict.fromkeys(run for place in paths for run in runs_in(place)):
        try:
            runs.append(load_run(path))
        except tft.UserError as error:
            print(f"left out: {error}", file=sys.stderr)
    if not runs:
        raise tft.UserError("there is no finished run to compare: name some, such as runs/*.")
    return runs


# %% [markdown]
# ## What differs
#
# Two scores can be compared if they are of the same sentences, and scored in the same way. Each run
# is therefore compared with the first one in the list of which this is true.


# %%
def scored_on(run):
    """Return what a score has in common with those that it can be compared with."""
    return run["config"]["dataset"], run["split"], run["bleu_signature"]


def first_like(run, runs):
    """Return the first run that was scored as this one."""
    return next(other for other in runs if scored_on(other) == scored_on(run))


def fields_of(run):
    """Return the configuration as one dictionary; an older one lacks fields, at their defaults."""
    config = run["config"]
    fields = tft.TransformerConfig().to_dict() | tft.config.TranslatorTraining().to_dict()
    fields |= {"beam_size": 4, "alpha": 0.6}
    fields |= config["model"] | config["training"] | run.get("search", {})
    implied = ("source_vocab_size", "target_vocab_size", "text_form")
    for name in (*implied, "checkpoint_minutes", "checkpoint_share"):
        fields.pop(name, None)
    return fields


def differences(run, first):
    """Return in words how a run was made differently; a peer's words are its own."""
    if "peer" in run["config"]:
        return run["config"]["peer"]
    fields, others = fields_of(run), fields_of(first)
    return ", ".join(
        f"{name}={_short(value)}" for name, value in fields.items() if value != others.get(name)
    )


def _short(value):
    return json.dumps(value) if isinstance(value, (bool, list)) else f"{value}"


# %% [markdown]
# ## The table
#
# Empty columns are left out. Where a corpus is split into words, "BLEU, text" is the score of the
# text that people read: detokenized, in lower case. A run of several corpora also has a score of
# each.


# %%
def row_of(run, runs):
    """Return the cells of a run by their columns."""
    first = first_like(run, runs)
    detokenized = run.get("detokenized") or {}
    parts = run.get("by_corpus") or {}
    return {
        "run": run["name"],
        "differs in": "" if run is first else differences(run, first),
        "weights": _number(run.get("parameters"), 1e6, "{:.1f} M"),
        "epochs": f"{run['epochs'][-1]['epoch']}",
        "minutes": f"{run['minutes']:.1f}",
        "CPU minutes": _number(run.get("cpu_minutes"), 1, "{:.1f}"),
        "tokens/s": _number(run.get("tokens_per_second"), 1, "{:,.0f}"),
        "memory": _number(run.get("peak_memory_mb"), 1e3, "{:.1f} GB"),
        "BLEU": f"{run['bleu']:.2f}",
        "Δ BLEU": "" if run is first else _gain(run["bleu"], first["bleu"]),
        "chrF": f"{run['chrf']:.2f}",
        "BLEU, text": _number(detokenized.get("bleu"), 1, "{:.2f}"),
        **{f"BLEU, {name}": f"{scores['bleu']:.2f}" for name, scores in parts.items()},
    }


def _gain(bleu, other):
    return "≈ 0" if tft.config.is_as_good(bleu, other) else f"{bleu - other:+.2f}"


def _number(value, unit, form):
    return "" if value is None else form.format(value / unit)


def table_of(runs):
    """Return the header and the rows of a table, lists of cells."""
    rows = [row_of(run, runs) for run in runs]
    columns = [
        name
        for name in dict.fromkeys(name for row in rows for name in row)
        if any(row.get(name) for row in rows)
    ]
    return [columns, *([row.get(name, "") for name in columns] for row in rows)]


def notes_of(runs):
    """Return a line for each way of scoring: what was scored, the signatures, and any doubt."""
    lines = []
    for first in {id(first): first for first in (first_like(run, runs) for run in runs)}.values():
        names = [run["name"] for run in runs if first_like(run, runs) is first]
        whose = f"{', '.join(names)}: " if len(names) < len(runs) else ""
        scores = f"{whose}{first['config']['dataset']}, {first['split']}, {_signatures(first)}"
        detokenized = first.get("detokenized")
        scores += f"; text {_signatures(detokenized)}" if detokenized else ""
        doubt = _doubt(first)
        lines.append(f"{scores} ({doubt.rstrip('.')})" if doubt else scores)
    return lines


def _signatures(scores):
    return f"BLEU `{scores['bleu_signature']}`, chrF `{scores['chrf_signature']}`"


def _doubt(scores):
    names = ("bleu", "chrf", "bleu_signature", "chrf_signature")
    known = {name: scores[name] for name in names}
    return tft.evaluation.Scores(**known, sentences=scores.get("sentences")).doubt


def print_runs(runs):
    """Print the table for a terminal."""
    header, *rows = table_of(runs)
    print_table(header, rows)
    print("", *(note.replace("`", "") for note in notes_of(runs)), sep="\n")


def as_markdown(runs):
    """Return the table in Markdown."""
    header, *rows = table_of(runs)
    rule = ["---" if name in ("run", "differs in") else "---:" for name in header]
    lines = [f"| {' | '.join(row)} |" for row in (header, rule, *rows)]
    notes = [f"{note}." for note in notes_of(runs)]
    return "\n".join([*lines, "", "  \n".join(notes)])


# %% [markdown]
# ## The picture
#
# The picture has validation BLEU and loss. Losses of different vocabularies cannot be compared:
# smaller pieces are easier to guess.


# %%
_CURVES = {"val_bleu": "BLEU", "val_loss": "loss"}
_LEGEND_COLUMNS, _LEGEND_ROW = 4, 0.21  # inches of a row


def draw(runs):
    """Draw the curves of runs, whose names stand below."""
    height = 4 + _LEGEND_ROW * math.ceil(len(runs) / _LEGEND_COLUMNS)
    figure = new_figure(11, height)
    by = FLAGS.against.replace("cpu_", "CPU ")
    for axes, (name, title) in zip(figure.subplots(1, 2), _CURVES.items(), strict=True):
        dress(axes, f"validation {title}", by, title)
        for run, look in zip(runs, line_looks(len(runs)), strict=True):
            known = [logs for logs in run["epochs"] if name in logs and FLAGS.against in logs]
            places = [logs[FLAGS.against] for logs in known]
            label = cut(drawable(run["name"]), 28)
            axes.plot(places, [logs[name] for logs in known], marker=".", label=label, **look)
        axes.set_xlim(left=0)
    figure.legend(
        handles=axes.lines,
        loc="outside lower center",
        ncols=_LEGEND_COLUMNS,
        frameon=False,
        labelcolor=INK,
        fontsize=9,
    )
    save_png(figure, FLAGS.plot)


# %% [markdown]
# ## Results to keep
#
# Whoever reads of a result should be able to check it. `--keep` copies the metrics of a run into a
# folder under version control, with fewer digits, and fewer points of a long curve. In a README,
# tables stand between two comments. The first one says which files they are made from:
#
#     <!-- runs: recipes/results/*.json -->
#     <!-- end of runs -->


# %%
_MOST_EPOCHS = 40
_TABLE = re.compile(r"(?<=<!-- runs: )(.+?)( -->\n).*?(?=<!-- end of runs -->)", flags=re.DOTALL)


def keep(runs, folder):
    """Write small copies of metrics, none in place of another unless --overwrite says so."""
    paths = {folder / f"{run['name']}.json": run for run in runs}
    there = [str(path) for path in paths if path.exists()]
    if there and not FLAGS.overwrite:
        raise tft.UserError(f"{', '.join(there)}: exists already; replace it with --overwrite.")
    for path, run in paths.items():
        small = {name: value for name, value in run.items() if name != "name"}
        write_json(path, _rounded(small | {"epochs": thinned(run["epochs"])}))
        print(f"wrote {path}")


def thinned(epochs):
    """Return at most some 40 of the epochs: evenly chosen, the last and the best among them."""
    every = math.ceil(len(epochs) / _MOST_EPOCHS)
    best = max(epochs, key=lambda logs: logs.get("val_bleu", 0.0))
    last = len(epochs) - 1
    return [logs for i, logs in enumerate(epochs) if (last - i) % every == 0 or logs is best]


def _rounded(value):
    if isinstance(value, dict):
        return {name: _rounded(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_rounded(each) for each in value]
    return float(f"{value:.6g}") if isinstance(value, float) else value


def update_readme(path):
    """Rewrite the tables in a file from the metrics that their comments name."""

    def table(match):
        found = [file for pattern in match[1].split() for file in sorted(path.parent.glob(pattern))]
        if not found:
            raise tft.UserError(f"{path}: there is no file {match[1]}.")
        runs = [load_run(file) for file in dict.fromkeys(found)]
        return f"{match[1]}{match[2]}{as_markdown(runs)}\n"

    text = path.read_text(encoding="utf-8")
    new, count = _TABLE.subn(table, text)
    if not count:
        raise tft.UserError(f"{path} needs <!-- runs: FILES --> and <!-- end of runs --> in it.")
    if new != text:
        write_text(path, new)
    print(f"{path} {'says' if new == text else 'now says'} what the files say")


# %%
def main(arguments):
    if FLAGS.update_readme:
        update_readme(Path(FLAGS.update_readme))
        return
    runs = load_runs([*map(Path, arguments)] or runs_here())
    if FLAGS.markdown:
        print(as_markdown(runs))
    else:
        print_runs(runs)
    if FLAGS.plot:
        draw(runs)
        print(f"wrote {FLAGS.plot}", file=sys.stderr)
    if FLAGS.keep:
        keep(runs, Path(FLAGS.keep))


if __name__ == "__main__":
    command_line.run(main, positional=True)
