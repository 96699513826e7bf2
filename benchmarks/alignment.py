"""How well attention aligns words, measured on sentences that were aligned by hand.

    python -m benchmarks.alignment --run_dir=runs/phrasebook-tiny
    python -m benchmarks.alignment --run_dir=pt_en --aligned=benchmarks/aligned/everyday.tsv

The model writes the given translations. Printed is the alignment error rate of Och & Ney 2003, and
how many words of the translations are aligned as they may be, for the weights of each layer, of the
best head, and of all together, read at the step that writes a token, and at the next one, which
reads it (Chen et al. 2020). Words are aligned by weights, or by shares as in `word_alignment`.

A line of the file has a sentence, its translation, and pairs of their words: `0-0` where they
belong together, `0p0` where one may say that they do.
"""

from tf_transformer.cli import command_line  # first: it keeps TensorFlow's start-up quiet

# isort: split
from pathlib import Path

from absl import flags

import tf_transformer as tft
from benchmarks.aligned_words import Looks, read_aligned

FLAGS = flags.FLAGS
flags.DEFINE_string("run_dir", "runs/phrasebook-tiny", "the run, or a translator of the package")
flags.DEFINE_string("aligned", "benchmarks/aligned/phrasebook.tsv", "sentences aligned by hand")


def main():
    run_dir = FLAGS.run_dir
    translator = tft.load(run_dir) if Path(run_dir).exists() else tft.from_pretrained(run_dir)
    looks = Looks(translator, read_aligned(FLAGS.aligned))
    columns = ("by weight", "next step", "by share")
    print(f"{'error rate (right words)':24}", *(f"{each:>17}" for each in columns), sep="  ")
    for name, attention in looks.choices():
        scores = [
            looks.score(attention, by_share=False),
            looks.score(attention, by_share=False, is_next=True),
            looks.score(attention, by_share=True),
        ]
        print(f"{name:24}", *(f"{each!s:>17}" for each in scores), sep="  ")


if __name__ == "__main__":
    command_line.run(main)
