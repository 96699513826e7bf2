"""The table of everything that has an aim and was measured, from the JSON of the benchmarks.

    python -m benchmarks.report [--readme=README.md]

With `--readme` it is also put into that file, between two marker lines.
"""

import json
from pathlib import Path

from absl import flags

from benchmarks.comparison import short, times
from tf_transformer.errors import counted
from tf_transformer.files import write_text

FLAGS = flags.FLAGS
flags.DEFINE_string("json_dir", "runs/benchmarks", "where the figures are")
flags.DEFINE_string("readme", None, "a file to put the table into")

_BENCHMARKS = ("train_step", "decode", "pipeline", "startup", "serving", "language_model")
_HEADER = ("what", "ours", "against", "theirs", "ours is", "at least", "aim", "")
_BEGIN, _END = "<!-- benchmarks: begin -->\n", "<!-- benchmarks: end -->\n"


def load_reports(directory):
    """Return what the benchmarks that were run have written to a directory."""
    paths = [Path(directory) / f"{name}.json" for name in _BENCHMARKS]
    return [json.loads(path.read_text(encoding="utf-8")) for path in paths if path.is_file()]


def rows(reports):
    """Return a row of the table for each peer that has an aim."""
    return [
        (
            f"{comparison['title']}, {comparison['unit']}",
            _figure(comparison["results"][0]),
            result["name"],
            _figure(result),
            times(result["ours_is"]),
            times(result["at_least"]),
            times(result["aim"]),
            result["verdict"],
        )
        for report in reports
        for comparison in report["comparisons"]
        for result in comparison["results"]
        if result["at_least"] is not None
    ]


def _figure(result):
    threads = f" ({result['threads']})" if result["threads"] else ""
    return short(result["median"]) + threads


def markdown(reports):
    """Return the table, and the line about the machine and the versions."""
    lines = [_HEADER, *rows(reports)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    lines.insert(1, ["-" * max(3, width) for width in widths])
    table = [
        "| " + " | ".join(map(str.ljust, line, map(max, widths, [3] * len(widths)))) + " |"
        for line in lines
    ]
    return "\n".join([*table, "", _circumstances(reports)]) + "\n"


def _circumstances(reports):
    last = reports[-1]
    versions = ", ".join(f"{name} {version}" for name, version in last["packages"].items())
    return (
        "Medians; in brackets the best threads of a sweep, within an operation × side by side. "
        f"{last['cpu']}, {counted(last['cores'], 'core')}, Python {last['python']}, {versions}."
    )


def put_between_markers(text, table):
    """Return a text with the table between its markers.

    Raises:
        ValueError: the text has no such markers.
    """
    before, begin, rest = text.partition(_BEGIN)
    _, end, after = rest.partition(_END)
    if not (begin and end):
        raise ValueError(f"there are no lines {_BEGIN.strip()} and {_END.strip()}")
    return f"{before}{begin}\n{table}\n{end}{after}"


def main():
    reports = load_reports(FLAGS.json_dir)
    if not reports:
        raise SystemExit(f"There is nothing in {FLAGS.json_dir}: run make benchmark.")
    table = markdown(reports)
    print(f"\n{table}")
    if FLAGS.readme:
        text = Path(FLAGS.readme).read_text(encoding="utf-8")
        write_text(FLAGS.readme, put_between_markers(text, table))


if __name__ == "__main__":
    from tf_transformer.cli import command_line

    command_line.run(main)
