"""The sentences that the benchmarks read: TED talks if they are prepared, or the phrasebook."""

import os
from pathlib import Path

from absl import flags

FLAGS = flags.FLAGS
flags.DEFINE_string("dataset", None, "default: TED, or the phrasebook if TED is not prepared")
flags.DEFINE_string("data_dir", None, "default: data, or the folder of TensorFlow Datasets")

_TED = "ted_hrlr_translate/pt_to_en"
_DATA_DIRS = (
    "data",
    os.environ.get("TFDS_DATA_DIR", str(Path.home() / "tensorflow_datasets")),
)


def choose_corpus():
    """Return the name of the data set and its folder, from the flags."""
    data_dirs = [FLAGS.data_dir] if FLAGS.data_dir else _DATA_DIRS
    if not FLAGS.dataset:
        for data_dir in data_dirs:
            if (Path(data_dir) / _TED).is_dir():
                return _TED, data_dir
    return FLAGS.dataset or "phrasebook", data_dirs[0]
