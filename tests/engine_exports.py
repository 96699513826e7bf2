"""What the tests of exports to other engines share."""

import json
import subprocess
import sys

import numpy as np

from tests.small import MODERN

FIELDS = [
    {},
    {"positions": "learned", "norm": "post", "activation": "gelu", "tie": "target"},
    {"activation": "relu2", "positions": "rotary", "num_heads": 1},
    {"activation": "geglu", "normalization": "rms_norm", "tie": "none"},
    {**MODERN, "d_model": 32, "num_heads": 4, "encoder_layers": 2},
]
SHAPE = {"num_layers": 1, "d_model": 24, "num_heads": 3, "d_ff": 40, "max_length": 24}
TEXTS = ["Bom dia. Onde fica a praia?", "ONDE FICA A PRAIA?\n\n- praia", "", "漢 x", "gato " * 100]


def tokenizers_of(translator):
    return translator.source_tokenizer, translator.target_tokenizer


def batches(least_limit):
    """Sources of several shapes, limits, and the size of a beam."""
    rng = np.random.default_rng(3)
    for rows, length, beam_size in [(1, 5, 4), (20, 9, 2), (3, 1, 5)]:
        ids = rng.integers(4, 60, [rows, length]).astype("i4")
        for row, end in zip(ids, rng.integers(0, length, rows), strict=True):
            row[end:] = [3, *[0] * (length - end - 1)]
        yield ids, rng.integers(least_limit, 15, rows).astype("i4"), beam_size


def translated(directory, texts, **options):
    """Translate where neither TensorFlow nor this package can be imported."""
    code = (
        "import json, sys; sys.modules['tensorflow'] = sys.modules['tf_transformer'] = None; "
        "sys.path.insert(0, sys.argv[1]); from translate import load; "
        "texts, options = json.load(sys.stdin); print(json.dumps(load(2)(texts, **options)))"
    )
    command = [sys.executable, "-I", "-B", "-c", code, str(directory)]
    stdin = json.dumps([texts, options])
    finished = subprocess.run(command, input=stdin, capture_output=True, text=True, check=False)
    assert (finished.returncode, finished.stderr) == (0, "")
    return json.loads(finished.stdout)
