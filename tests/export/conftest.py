"""Two translators with random weights, exported once for all tests.

One has all that is optional in its layers and a SentencePiece vocabulary, the other none of it and
two WordPiece vocabularies.
"""

import pytest

from tests import reference
from tests.small import MODERN, SMALL
from tf_transformer.config import CorpusFacts, TransformerConfig, TranslatorTraining
from tf_transformer.evaluation import Scores
from tf_transformer.export import ModelCard, export_saved_model
from tf_transformer.models import Transformer
from tf_transformer.tasks import Translator
from tf_transformer.text import train_tokenizers

PORTUGUESE = ["o gato vê a porta azul.", "a menina compra três pães?", "não há cães aqui!"] * 5
ENGLISH = ["the cat sees the blue door.", "the girl buys three loaves?", "no dogs here!"] * 5

SHAPE = SMALL | {"max_length": 20}


def make_translator(kind, vocab_size, joint, tie, **fields):
    """Return a translator whose random weights make it talk much and see its source."""
    source, target = train_tokenizers(PORTUGUESE, ENGLISH, kind, vocab_size, joint)
    sizes, shape = (source.vocab_size, target.vocab_size), SHAPE | fields
    config = TransformerConfig(*sizes, tie=tie, dropout=0.0, **shape)
    model = reference.randomize(Transformer(config))
    for weight in model.trainable_weights:
        if len(weight.shape) > 1:
            weight.assign(3 * weight)
    return Translator(model, source, target)


def make_card(**fields):
    """Return a model card of an invented training."""
    corpus = CorpusFacts("mine.tsv", "CC0 1.0", "pt", "en", size=12_345)
    values = {
        "corpus": corpus,
        "split": "test",
        "scores": Scores(34.567, 56.789, "nrefs:1|tok:13a", "nrefs:1|nc:6"),
        "search": {"beam_size": 4, "alpha": 0.6},
        "model_config": TransformerConfig(**SHAPE),
        "training_config": TranslatorTraining(seed=77),
        "parameters": 4_321,
        "steps": 9_876,
    }
    return ModelCard(**(values | fields))


@pytest.fixture
def card():
    return make_card()


@pytest.fixture(scope="session")
def joint():
    """A translator with one SentencePiece vocabulary for both sides."""
    modern = MODERN | {"num_kv_heads": 1, "encoder_layers": 2}
    return make_translator("sentencepiece", 300, joint=True, tie="all", **modern)


@pytest.fixture(scope="session")
def separate():
    """A translator with two WordPiece vocabularies."""
    return make_translator("wordpiece", 90, joint=False, tie="none")


@pytest.fixture(scope="session")
def joint_dir(joint, shared):
    """Where `joint` is exported, as its version 1."""
    return shared("joint", lambda path: export_saved_model(joint, path, make_card(), beam_size=3))


@pytest.fixture(scope="session")
def separate_dir(separate, shared):
    """Where `separate` is exported, as its version 1."""
    return shared(
        "separate", lambda path: export_saved_model(separate, path, make_card(), beam_size=3)
    )
