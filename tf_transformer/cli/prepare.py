"""`tft prepare`: turns a corpus of any size into token ids in files."""

from __future__ import annotations

from absl import flags

import tf_transformer as tft
from tf_transformer.cli.programs import called, show_commands
from tf_transformer.cli.training_flags import overrides

FLAGS = flags.FLAGS


def main() -> None:
    """Prepare the corpus, and print how to train on it."""
    corpus = tft.prepare(
        FLAGS.dataset,
        FLAGS.output_dir,
        preset=FLAGS.preset,
        data_dir=FLAGS.data_dir,
        bleu_tokenize=FLAGS.bleu_tokenize or "",
        processes=FLAGS.processes,
        sample_pairs=FLAGS.sample_pairs,
        **overrides("directions", "vocab_size", "max_length"),
    )
    sizes = (f"{size:,} pairs of {split}" for split, size in corpus.splits.items())
    print(f"\n{FLAGS.output_dir} holds {', '.join(sizes)}. Train on it with:\n")
    show_commands((called("train"), [f"--dataset={FLAGS.output_dir}", f"--preset={FLAGS.preset}"]))
