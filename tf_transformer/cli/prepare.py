"""`tft prepare`: turns a corpus of any size into token ids in files."""

from __future__ import annotations

from pathlib import Path

from absl import flags

import tf_transformer as tft
from tf_transformer.cli.programs import called, show_commands
from tf_transformer.cli.training_flags import overrides
from tf_transformer.config import dataset_parts
from tf_transformer.errors import counted

FLAGS = flags.FLAGS


def main() -> None:
    """Prepare the corpus, and print how to train on it."""
    directory = FLAGS.output_dir or _default_directory()
    corpus = tft.prepare(
        FLAGS.dataset,
        directory,
        preset=FLAGS.preset,
        data_dir=FLAGS.data_dir,
        bleu_tokenize=FLAGS.bleu_tokenize or "",
        processes=FLAGS.processes,
        sample_pairs=FLAGS.sample_pairs,
        **overrides("directions", "vocab_size", "max_length"),
    )
    sizes = (f"{counted(size, 'pair')} of {split}" for split, size in corpus.splits.items())
    print(f"\n{directory} holds {', '.join(sizes)}. Train on it with:\n")
    show_commands((called("train"), [f"--dataset={directory}", f"--preset={FLAGS.preset}"]))


def _default_directory() -> str:
    """Return a directory that is named after the corpora."""
    names = "+".join(part.name.partition(",")[0] for part in dataset_parts(FLAGS.dataset))
    return f"prepared/{Path(names.removesuffix('.gz')).stem.replace('/', '-')}"
