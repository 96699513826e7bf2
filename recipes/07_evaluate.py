# %% [markdown]
# # Evaluate
#
# Translates a split of a corpus with a SavedModel and compares with the references: BLEU and chrF,
# each with sacreBLEU's signature, which says how the score was made. Where the corpus has its text
# split into words, without capitals, these words are scored first, and then the text as people read
# it, in lower case. The last line is JSON.
#
#     python recipes/07_evaluate.py --model_dir=saved_models/pt_en --dataset=phrasebook --split=test

# %%
from tf_transformer import command_line  # first: it keeps TensorFlow's start-up quiet

# isort: split
import dataclasses
import json
import sys
import time

from absl import flags

import tf_transformer as tft

FLAGS = flags.FLAGS
flags.DEFINE_string(
    "model_dir", "saved_models/pt_en", "a SavedModel, or the folder of its versions"
)
flags.DEFINE_string(
    "dataset", "phrasebook", "phrasebook, a TFDS translation set, FILE.tsv, or FILE.pt,FILE.en"
)
flags.DEFINE_string("data_dir", None, "where TFDS keeps its sets; default: TFDS's own folder")
flags.DEFINE_string(
    "text_form", "", "how the text is written: plain, treebank or ted_hrlr; default: as is known"
)
flags.DEFINE_string("split", None, "default: test, else validation; own files also have: all")
flags.DEFINE_integer("beam_size", 4, "hypotheses to keep for each sentence; 1 is greedy search")
flags.DEFINE_float("alpha", 0.6, "length penalty of beam search; 0 for none")


# %%
def main():
    if FLAGS.beam_size < 1:
        raise tft.UserError(f"--beam_size={FLAGS.beam_size}: the beam holds at least one.")
    model = tft.load_saved_model(FLAGS.model_dir)
    corpus = tft.load_corpus(FLAGS.dataset, FLAGS.data_dir, FLAGS.text_form)
    split = FLAGS.split or corpus.evaluation_split
    pairs = corpus.pairs(split)

    print(f"Translating {len(pairs):,} sentences of {corpus.name}, {split}, by beam search:")
    started = time.monotonic()
    found = tft.translate_all(
        lambda text: model.search(text, FLAGS.beam_size, FLAGS.alpha),
        pairs.sources,
        progress=sys.stdout.isatty(),
    )
    seconds = time.monotonic() - started
    translations = [row[0] for row in found["translations"]]
    truncated = sum(bool(row[0]) for row in found["truncated"])
    if truncated:
        print(f"{truncated} of them, or of their translations, are too long and were cut.")

    scores = tft.score(translations, pairs.targets, corpus.bleu_tokenize)
    print(scores)
    print(f"{len(pairs) / seconds:.1f} sentences a second")
    result = {
        "dataset": corpus.name,
        "split": split,
        "sentences": len(pairs),
        "truncated": truncated,
        "beam_size": FLAGS.beam_size,
        "alpha": FLAGS.alpha,
        "seconds": round(seconds, 2),
        **dataclasses.asdict(scores),
    }
    print(json.dumps(result, ensure_ascii=False))


if __name__ == "__main__":
    command_line.run(main)
