"""How much the n-best translations of a beam of four differ, by the strength of `diversity`.

    python -m benchmarks.diversity --run_dir=runs/phrasebook-tiny
    python -m benchmarks.diversity --run_dir=pt_en --sentences=benchmarks/aligned/everyday.tsv

Counted are the translations, and the different words in those of each sentence.
"""

from tf_transformer.cli import command_line  # first: it keeps TensorFlow's start-up quiet

# isort: split
from pathlib import Path

from absl import flags

import tf_transformer as tft

FLAGS = flags.FLAGS
flags.DEFINE_string("run_dir", "runs/phrasebook-tiny", "the run, or a translator of the package")
flags.DEFINE_string("sentences", "benchmarks/aligned/phrasebook.tsv", "first column: sentences")

STRENGTHS = (0.0, 0.5, 1.0, 2.0, 4.0)


def main():
    run_dir = FLAGS.run_dir
    translator = tft.load(run_dir) if Path(run_dir).exists() else tft.from_pretrained(run_dir)
    lines = Path(FLAGS.sentences).read_text(encoding="utf-8").splitlines()
    sentences = [line.split("\t")[0] for line in lines]
    for strength in STRENGTHS:
        options = {"beam_size": 4, "min_length": 1, "details": True, "diversity": strength}
        rows = [row["translations"] for row in translator(sentences, **options)]
        words = sum(len(set(" ".join(texts).split())) for texts in rows)
        print(f"diversity {strength:g}: {words} different words in {sum(map(len, rows))}")


if __name__ == "__main__":
    command_line.run(main)
