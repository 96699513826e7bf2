"""What a translator keeps of its quality when it leaves TensorFlow: a table of all engines.

    python -m benchmarks.engine_quality --run_dir=runs/ted

Sentences of the validation split are translated from text to text: by the SavedModel, and by the
script of each export. The table has the share of translations that are the SavedModel's, the BLEU
of greedy search and of a beam of 4, and the size of the model's files. CTranslate2 has a beam
search of its own, with another length penalty. The exit code is 1 if an export in float32 has fewer
than 99 % of the SavedModel's greedy translations, or if one in int8 loses more than 0.3 BLEU.
"""

from tf_transformer.cli import command_line  # first: it keeps TensorFlow's start-up quiet

# isort: split
import runpy
import sys
import tempfile
from pathlib import Path

from absl import flags

import tf_transformer as tft
from benchmarks.peers.saved_model_translator import SavedModelTranslator
from benchmarks.quality import measure, row
from tf_transformer.errors import counted
from tf_transformer.text.forms import find_form

FLAGS = flags.FLAGS
flags.DEFINE_string("run_dir", "runs/ted", "the run whose best checkpoint is exported")
flags.DEFINE_string("dataset", None, "corpus of the sentences; default: what it was trained on")
flags.DEFINE_string("data_dir", None, "where TFDS keeps its sets; default: TFDS's own folder")
flags.DEFINE_integer("sentences", 0, "number of sentences to translate; 0 for all")
flags.DEFINE_multi_enum(
    "engine",
    ["ctranslate2", "litert", "onnx", "openvino"],
    ["ctranslate2", "litert", "onnx", "openvino"],
    "which engines; default: all",
)

_LEAST_SHARE = 0.99
_MOST_LOSS = 0.3


def main():
    run = tft.Run.open(FLAGS.run_dir)
    trained_on, _, _ = run.load_config()
    corpus = tft.load_corpus(FLAGS.dataset or trained_on, FLAGS.data_dir)
    pairs = corpus.pairs("validation")
    end = FLAGS.sentences or len(pairs)
    sources, references = pairs.sources[:end], pairs.targets[:end]
    model = tft.training.load_model(tft.training.Checkpoints(run.checkpoint_dir).best)
    tokenizers = tft.load_tokenizers(run.tokenizer_dir)
    for tokenizer in tokenizers:
        tokenizer.form = find_form("plain")  # all read and write the text of the corpus

    def score(translations):
        return tft.score(translations, references, corpus.bleu_tokenize).bleu

    print(f"{counted(len(sources), 'sentence')} of {corpus.name}, validation, {FLAGS.run_dir}\n")
    print("| engine and weights | same, greedy | same, beam 4 | BLEU, greedy | BLEU, beam 4 | MB |")
    print("|---|---:|---:|---:|---:|---:|", flush=True)
    is_fine = True
    with tempfile.TemporaryDirectory() as room:
        translator = tft.Translator(model, *tokenizers)
        path = tft.export_saved_model(translator, Path(room) / "ours", "Made for a benchmark.")
        saved_model = SavedModelTranslator(str(path))
        found = saved_model.translate(sources), saved_model.translate_beam(sources)
        ours = measure(found, path, score)
        print(row("SavedModel float32", ours, ours), flush=True)
        for engine in FLAGS.engine:
            export = getattr(tft.export, f"export_{engine}")
            for kind in ("float32", "int8"):
                path = export(model, *tokenizers, Path(room) / engine / kind, quantization=kind)
                translate = runpy.run_path(str(path / "translate.py"))["load"]()
                found = [translate(sources, beam_size=beam_size) for beam_size in (1, 4)]
                found = measure(found, path, score)
                print(row(f"{engine} {kind}", found, ours), flush=True)
                if kind == "float32":
                    exact = found
                    is_fine &= found.share(ours)[0] >= _LEAST_SHARE
                else:
                    is_fine &= found.loss(exact) <= _MOST_LOSS
    sys.exit(0 if is_fine else 1)


if __name__ == "__main__":
    command_line.run(main)
