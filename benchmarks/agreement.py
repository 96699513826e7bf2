"""How well two engines agree on the same weights: this package and another.

    python -m benchmarks.agreement --run_dir=runs/ted
    python -m benchmarks.agreement --run_dir=runs/ted --engine=onnx

CTranslate2 shares no code with us, and is thus an independent check of the model, the search and
the export; its beam does not keep greedy search's hypothesis, and ours does not here. LiteRT runs
our search, and ONNX Runtime and OpenVINO run the same search in NumPy, which checks their
conversion. Hypotheses (of the last two, the best) are compared token by token, and scores without
length penalty, which differs between the engines. The exit code is 1 if fewer than 99 % of the
translations are the same, or if two scores of one hypothesis differ by more than 0.001.
"""

from tf_transformer.cli import command_line  # first: it keeps TensorFlow's start-up quiet

# isort: split
import importlib
import sys
import tempfile
from pathlib import Path

import numpy as np
import tensorflow as tf
from absl import flags

import tf_transformer as tft
from tf_transformer.errors import counted
from tf_transformer.text import END

FLAGS = flags.FLAGS
flags.DEFINE_string("run_dir", "runs/ted", "the run whose best checkpoint is exported")
flags.DEFINE_string("dataset", None, "corpus of the sentences; default: what it was trained on")
flags.DEFINE_string("data_dir", None, "where TFDS keeps its sets; default: TFDS's own folder")
flags.DEFINE_integer("sentences", 300, "number of sentences to translate")
flags.DEFINE_enum(
    "engine", "ctranslate2", ["ctranslate2", "litert", "onnx", "openvino"], "the other engine"
)
flags.DEFINE_string("quantization", "float32", "type of its weights")

_LEAST_SHARE = 0.99
_MOST_DIFFERENCE = 1e-3


def batches_of(sentences, tokenizer):
    """Yield the ids of sentences of the same length, `(batch, length)`, and their limit."""
    rows = {}
    for ids in tokenizer.tokenize(sentences).to_list():
        rows.setdefault(len(ids), []).append(ids)
    for length, batch in sorted(rows.items()):
        yield np.array(batch, "int32"), 2 * length + 10


def ours(model, tokenizer, keep_greedy=True):
    """Return this package's search: `(source_ids, limit, beam_size)` to hypotheses.

    Hypotheses are a dictionary for each row, best first, from tokens to log-probability.
    """
    integers = [tf.TensorSpec(shape, tf.int32) for shape in ([None, None], [None], [])]

    @tf.function(input_signature=integers, autograph=False)
    def search(source_ids, limits, beam_size):
        beam = tft.decoding.BeamSearch(beam_size, alpha=0.0, keep_greedy=keep_greedy)
        return beam(model, source_ids, limits)

    def hypotheses(source_ids, limit, beam_size):
        source_ids = np.pad(source_ids, ((0, 0), (0, 1)), constant_values=END)
        found = search(source_ids, tf.fill([len(source_ids)], limit), beam_size)
        for row, scores in zip(found.ids, found.scores.numpy(), strict=True):
            texts = [_tokens(tokenizer, ids[ids > END]) for ids in row.numpy()]
            yield dict(zip(texts, scores, strict=True))

    return hypotheses


def ctranslate2s(directory, tokenizer):
    """Return CTranslate2's search, like `ours`."""
    import ctranslate2

    engine = ctranslate2.Translator(str(directory), intra_threads=1)

    def hypotheses(source_ids, limit, beam_size):
        found = engine.translate_batch(
            [_tokens(tokenizer, ids) for ids in source_ids],
            beam_size=beam_size,
            num_hypotheses=beam_size,
            length_penalty=0,
            min_decoding_length=0,
            max_decoding_length=limit,
            return_scores=True,
        )
        for row in found:
            yield dict(zip(map(tuple, row.hypotheses), row.scores, strict=True))

    return hypotheses


def litert(directory, tokenizer):
    """Return LiteRT's search, like `ours`."""
    from ai_edge_litert.interpreter import Interpreter

    model = Interpreter(str(directory / "model.tflite")).get_signature_runner("beam")

    def hypotheses(source_ids, limit, beam_size):
        source_ids = np.pad(source_ids, ((0, 0), (0, 1)), constant_values=END)
        limits = np.full(len(source_ids), limit, "int32")
        options = {"beam_size": np.int32(beam_size), "alpha": np.float32(0)}
        found = model(source_ids=source_ids, limits=limits, **options)
        for row, scores in zip(found["ids"], found["scores"], strict=True):
            texts = [_tokens(tokenizer, ids[ids > END]) for ids in row]
            yield dict(zip(texts, scores, strict=True))

    return hypotheses


def step_engine(directory, tokenizer):
    """Return the search with an export to ONNX or OpenVINO, like `ours`, but only the best."""
    find = importlib.import_module(f"tf_transformer.export.{FLAGS.engine}_script").find_with
    search = find(directory)

    def hypotheses(source_ids, limit, beam_size):
        source_ids = np.pad(source_ids, ((0, 0), (0, 1)), constant_values=END)
        limits = np.full(len(source_ids), limit, "int32")
        for ids, score in zip(*search(source_ids, limits, beam_size, 0.0), strict=True):
            yield {_tokens(tokenizer, ids[ids > END]): score}

    return hypotheses


def _tokens(tokenizer, ids):
    return tuple(token.decode() for token in tokenizer.tokens(ids).numpy())


def compare(pairs):
    """Return the share of rows with the same best hypothesis, and the differences of scores.

    Scores are compared if both have found the hypothesis.

    Args:
        pairs: two dictionaries for each row: see `ours`.
    """
    same = [next(iter(a)) == next(iter(b)) for a, b in pairs]
    differences = [abs(a[tokens] - b[tokens]) for a, b in pairs for tokens in a if tokens in b]
    return sum(same) / len(same), differences


def main():
    run = tft.Run.open(FLAGS.run_dir)
    trained_on, _, _ = run.load_config()
    corpus = tft.load_corpus(FLAGS.dataset or trained_on, FLAGS.data_dir)
    sentences = corpus.pairs("validation").sources[: FLAGS.sentences]
    checkpoint = tft.training.Checkpoints(run.checkpoint_dir).best
    model, (source, target) = (
        tft.training.load_model(checkpoint),
        tft.load_tokenizers(run.tokenizer_dir),
    )
    print(f"{checkpoint}, {counted(len(sentences), 'sentence')} of {corpus.name}, validation")

    with tempfile.TemporaryDirectory() as room:
        export = getattr(tft.export, f"export_{FLAGS.engine}")
        directory = export(
            model, source, target, Path(room) / "model", quantization=FLAGS.quantization
        )
        others = {"ctranslate2": (ctranslate2s, source), "litert": (litert, target)}
        other, tokenizer = others.get(FLAGS.engine, (step_engine, target))
        keep_greedy = FLAGS.engine != "ctranslate2"  # whose beam is that of Wu et al.
        engines = ours(model, target, keep_greedy), other(directory, tokenizer)
        batches = list(batches_of(sentences, source))
        agreed = True
        for beam_size in (1, 4):
            pairs = [
                pair
                for batch in batches
                for pair in zip(*(search(*batch, beam_size) for search in engines), strict=True)
            ]
            share, differences = compare(pairs)
            agreed &= max(differences) <= _MOST_DIFFERENCE
            agreed &= share >= _LEAST_SHARE
            print(
                f"beam {beam_size}: {share:.1%} of the best hypotheses are the same; the scores of "
                f"{len(differences)} common hypotheses differ by at most {max(differences):.1e}"
            )
    sys.exit(0 if agreed else 1)


if __name__ == "__main__":
    command_line.run(main)
