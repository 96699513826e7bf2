"""What decodes beside ours in the benchmarks does what it says."""

import keras
import numpy as np
import pytest

from benchmarks.peers.saved_model_translator import SavedModelTranslator
from benchmarks.peers.tutorial_transformer import TutorialTransformer
from benchmarks.peers.tutorial_translator import TutorialTranslator
from tests.small import DEEP
from tf_transformer.config import TransformerConfig
from tf_transformer.tasks import Translator
from tf_transformer.text import load_tokenizers
from tf_transformer.training import Checkpoints, Run, load_model

CONFIG = TransformerConfig(
    source_vocab_size=30,
    target_vocab_size=30,
    **DEEP,
    max_length=20,
)
SOURCES = np.array([[5, 6, 7, 8, 9, 3], [10, 11, 12, 3, 0, 0]], np.int32)
START = 2

pytestmark = [
    pytest.mark.long,
    pytest.mark.filterwarnings("ignore:.* was passed an input with a mask:UserWarning"),
]


@pytest.fixture(autouse=True)
def _seed():
    keras.utils.set_random_seed(0)  # weights that say more than one word all the time


def keras_hub_model():
    pytest.importorskip("keras_hub")
    from benchmarks.peers.keras_hub_transformer import keras_hub_transformer

    return keras_hub_transformer(CONFIG)


def keras_hub_decode(model, steps, **options):
    from benchmarks.peers.keras_hub_translator import KerasHubTranslator

    targets = np.zeros((len(SOURCES), 9), np.int32)
    targets[:, 0] = START
    return KerasHubTranslator(model, **options).decode(SOURCES, targets, steps)


def choices(model, sources, ids):
    """Return the most probable tokens after each prefix of `ids`, by one pass over all."""
    logits = keras.ops.convert_to_numpy(model((sources, ids), training=False))
    return logits.argmax(-1)[:, :-1]


@pytest.mark.parametrize("jit_compile", [False, True])
def test_keras_hub_s_cached_loop_finds_what_full_passes_find(jit_compile):
    model = keras_hub_model()
    ids = keras_hub_decode(model, steps=8, jit_compile=jit_compile)
    assert len(set(ids.flat)) > 3
    assert 0 not in ids  # which would be masked as padding
    np.testing.assert_array_equal(ids[:, 1:], choices(model, SOURCES, ids))


def test_keras_hub_s_loop_takes_the_steps_it_is_asked_for():
    model = keras_hub_model()
    ids = keras_hub_decode(model, steps=8)
    fewer = keras_hub_decode(model, steps=5)
    np.testing.assert_array_equal(fewer[:, :6], ids[:, :6])
    assert not fewer[:, 6:].any()


def test_the_tutorial_s_loop_finds_what_full_passes_find_in_as_many_steps():
    keras.utils.set_random_seed(5)
    model = TutorialTransformer(CONFIG)
    model((SOURCES, SOURCES))
    ids = TutorialTranslator(model, START).decode(SOURCES[0], 8)
    assert ids.shape == (1, 9)
    assert len(set(ids.flat)) > 2
    np.testing.assert_array_equal(ids[:, 1:], choices(model, SOURCES[:1], ids))


@pytest.fixture(scope="module")
def texts(trained):
    """Sources in another order than that of their lengths."""
    return trained.pairs.sources


def greedy(translator, texts):
    return [text.decode() for text in translator.translate(texts)["translation"].numpy()]


def best(translator, texts):
    found = translator.translate_beam(texts)["translations"][:, 0]
    return [text.decode() for text in found.numpy()]


def test_ours_gives_the_translator_s_own_texts(first_run, texts):
    run = Run(first_run.run_dir)
    model = load_model(Checkpoints(run.checkpoint_dir).best)
    translator = Translator(model, *load_tokenizers(run.tokenizer_dir))
    served = SavedModelTranslator(str(first_run.model_dir / "1"))
    assert served.translate(texts) == greedy(translator, texts)
    assert served.translate_beam(texts) == best(translator, texts)


def test_ctranslate2_has_the_same_weights_and_so_says_the_same(trained, texts, tmp_path):
    pytest.importorskip("ctranslate2")
    from benchmarks.peers.ctranslate2_translator import CTranslate2Translator
    from tf_transformer.export import export_ctranslate2

    directory = export_ctranslate2(trained.model, *trained.tokenizers, tmp_path / "model")
    translator = CTranslate2Translator(directory, "float32", intra_threads=1, inter_threads=2)
    assert translator.translate(texts) == greedy(trained.translator, texts)
    # Its beam search may end elsewhere, where a hypothesis would fill all the room.
    pairs = zip(translator.translate_beam(texts), best(trained.translator, texts), strict=True)
    assert sum(theirs != our for theirs, our in pairs) <= 1
