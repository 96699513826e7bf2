"""How fast a trained model of the tutorial's size decodes from text to text, and its peers.

    python -m benchmarks.decode --run_dir=runs/ted

Ours is the exported SavedModel, loaded with TensorFlow only. The other engines have the same
weights and vocabulary; all but CTranslate2 run our searches, too. The Keras contenders have random
weights of the same shapes, read token ids instead of text, and take as many steps as our
translations have tokens.
"""

from __future__ import annotations

import dataclasses
import tempfile
from collections.abc import Sequence

from absl import flags

from benchmarks import decoding_data
from benchmarks.comparison import Comparison, save
from benchmarks.measure import Contender, Threads, compare
from benchmarks.trained_run import trained_run

# Thread settings to try: within an operation, and operations (or batches) side by side.
_ONE = (Threads(1), Threads(2))
_MORE = (Threads(1, 2), Threads(2, 2))  # for batches; with 2 × 1 all are slower

_BEAM = {"beam": True}
_LESS = {"figure": "bleu_less"}


@dataclasses.dataclass(frozen=True)
class Row:
    """A measurement of several contenders.

    Args:
        title: what is measured.
        unit: unit of the figures.
        figure: its name in `decoders.FIGURES`; a contender's options may name another. `None` if
            each contender names its own.
        contenders: the contenders, ours first.
        exact: whether a figure is always the same: one round is then enough.
        lower_is_better: whether the figures are times. Defaults to `False`: rates.
    """

    title: str
    unit: str
    figure: str | None
    contenders: Sequence[Contender]
    exact: bool = False
    lower_is_better: bool = False

    def measure(self, directory: str, repeats: int) -> Comparison:
        """Compare the contenders on the data that `decoding_data` has written to a directory."""
        options = {"directory": directory} | ({"figure": self.figure} if self.figure else {})
        contenders = [
            dataclasses.replace(contender, options=options | contender.options)
            for contender in self.contenders
        ]
        return compare(
            self.title,
            self.unit,
            contenders,
            repeats=1 if self.exact else repeats,
            sweep_repeats=min(2, repeats),
            lower_is_better=self.lower_is_better,
        )


def _ours(threads, name="tf_transformer", at_least=None, **options):
    """Return this package's SavedModel as a contender."""
    setup = "benchmarks.decoders:saved_model"
    return Contender(name, setup, threads, options, at_least=at_least)


def _endless(length, words, at_least=None):
    """Return a translation of this many tokens as a contender."""
    options = {"length": length, "words": words}
    setup = "benchmarks.decoders:endless"
    return Contender(f"{length} tokens", setup, _ONE[:1], options, at_least=at_least)


def _ctranslate2(kind, threads, options=(), name=None, **wishes):
    """Return CTranslate2 as a contender."""
    name, setup = name or f"CTranslate2 {kind}", "benchmarks.decoders:ctranslate2"
    options = {"kind": kind, **dict(options)}
    return Contender(name, setup, threads, options, ["ctranslate2"], **wishes)


_ENGINES = {  # those that an export's script runs: the package that each needs
    "LiteRT": ("litert", "ai_edge_litert"),
    "ONNX Runtime": ("onnx", "onnxruntime"),
    "OpenVINO": ("openvino", "openvino"),
}


def _engines(kind, threads, options=()):
    """Return LiteRT, ONNX Runtime and OpenVINO as contenders."""
    setup = "benchmarks.decoders:script"
    return [
        Contender(
            f"{name} {kind}",
            setup,
            threads,
            {"engine": engine, "kind": kind, **dict(options)},
            [package],
        )
        for name, (engine, package) in _ENGINES.items()
    ]


def _keras_hub(xla):
    """Return keras-hub's cached decoder as a contender."""
    name = "keras-hub, XLA" if xla else "keras-hub, graph"
    setup = "benchmarks.decoders:keras_hub"
    return Contender(name, setup, _ONE, {"xla": xla}, ["keras_hub"], at_least=5)


def _tutorial(threads):
    """Return the tutorial's loop as a contender: always one sentence at a time."""
    options = {"figure": "tokens_one_by_one"}
    return Contender(
        "TensorFlow's tutorial", "benchmarks.decoders:tutorial", threads, options, at_least=30
    )


ROWS = {
    "greedy_1": Row(
        "Greedy, one sentence at a time",
        "ms a sentence (median)",
        "latency",
        [
            _ours(_ONE),
            *_engines("float32", _ONE),
            *_engines("int8", _ONE),
            _ctranslate2("float32", _ONE, at_least=1, aim=1.3),
            _ctranslate2("int8", _ONE),
        ],
        lower_is_better=True,
    ),
    "int8_1": Row(
        "Greedy, one sentence at a time, LiteRT in int8",
        "ms a sentence (median)",
        "latency",
        [
            *_engines("int8", _ONE)[:1],
            _ctranslate2("int8", _ONE, at_least=0.9, aim=1.1),
            _ctranslate2("float32", _ONE, at_least=1, aim=1.3),
        ],
        lower_is_better=True,
    ),
    "greedy_32": Row(
        "Greedy, batches of 32 by length",
        "sentences/s",
        "sentences",
        [
            _ours(_MORE),
            *_engines("float32", _MORE),
            *_engines("int8", _MORE),
            _ctranslate2("float32", _MORE, at_least=0.8, aim=1.1),
        ],
    ),
    "beam_32": Row(
        "Beam 4, batches of 32 by length",
        "sentences/s",
        "sentences",
        [
            _ours(_MORE, **_BEAM),
            *_engines("float32", _MORE, _BEAM),
            *_engines("int8", _MORE, _BEAM),
            _ctranslate2("float32", _MORE, _BEAM, at_least=0.7, aim=1),
        ],
    ),
    "keras_1": Row(
        "Greedy, one sentence at a time",
        "target tokens/s",
        "tokens_one_by_one",
        [_ours(_ONE), _keras_hub(xla=False), _keras_hub(xla=True), _tutorial(_ONE)],
    ),
    "keras_32": Row(
        "Greedy, batches of 32 by length",
        "target tokens/s",
        "tokens",
        [_ours(_MORE), _keras_hub(xla=False), _keras_hub(xla=True), _tutorial(_ONE)],
    ),
    "length": Row(
        "One long translation beside a short one (0.67 × is a half more time for a token)",
        "ms a token",
        None,
        [
            _endless(256, words=240),
            _endless(16, words=3, at_least=0.67),
        ],
        lower_is_better=True,
    ),
    "same": Row(
        "Equal work: the translations that the SavedModel gives without XLA",
        "% of the sentences",
        "same",
        [_ours(_ONE[:1]), *_engines("float32", _ONE[:1]), _ctranslate2("float32", _ONE[:1])],
        exact=True,
    ),
    "bleu": Row(
        "Quality, greedy",
        "BLEU",
        "bleu",
        [
            _ours(_ONE[:1]),
            *_engines("int8", _ONE[:1]),
            _ctranslate2("float32", _ONE[:1]),
            _ctranslate2("float32", _ONE[:1], _LESS, "CTranslate2 float32 less 0.2", at_least=1),
            _ctranslate2("int8", _ONE[:1]),
        ],
        exact=True,
    ),
}

FLAGS = flags.FLAGS
flags.DEFINE_integer("repeats", 7, "repetitions of each contender: most take a second or two")
flags.DEFINE_multi_enum("row", list(ROWS), list(ROWS), "which comparisons to make; default: all")
flags.DEFINE_string("json", "runs/benchmarks/decode.json", "where the figures go")


def main():
    with tempfile.TemporaryDirectory() as directory:
        print(decoding_data.prepare(directory, *trained_run()), flush=True)
        comparisons = []
        for name in FLAGS.row:
            comparisons.append(ROWS[name].measure(directory, FLAGS.repeats))
            save(FLAGS.json, comparisons)  # after each, because all take long
    for comparison in comparisons:
        print(comparison.table())


if __name__ == "__main__":
    from tf_transformer.cli import command_line  # keeps TensorFlow's start-up quiet

    command_line.run(main)
