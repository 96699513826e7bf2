"""One task of each kind with random weights, live and as it is loaded from its export."""

import pytest

from tests import reference
from tests.small import SMALL
from tf_transformer.config import CausalLMConfig, ClassifierConfig, TransformerConfig
from tf_transformer.models import CausalLM, Transformer, TransformerClassifier
from tf_transformer.tasks import Completer, TextClassifier, Translator, load_task
from tf_transformer.text import Characters, train_tokenizers
from tf_transformer.text.rules import PLACEHOLDERS

SOURCES = ["o gato vê a porta azul.", "a menina compra três pães?", "não há cães aqui!"]
TARGETS = ["the cat sees the blue door.", "the girl buys three loaves?", "no dogs here!"]
SHAPE = SMALL | {"max_length": 20}
KINDS = ("translator", "completer", "classifier")


def make_translator():
    """Return a translator with a vocabulary for both sides."""
    tokenizers = train_tokenizers(SOURCES * 5, TARGETS * 5, vocab_size=300, symbols=PLACEHOLDERS)
    sizes = [tokenizer.vocab_size for tokenizer in tokenizers]
    return Translator(decided(Transformer(TransformerConfig(*sizes, **SHAPE))), *tokenizers)


def make_completer():
    """Return a completer of characters."""
    tokenizer = Characters.train(TARGETS, vocab_size=100)
    config = CausalLMConfig(vocab_size=tokenizer.vocab_size, **SHAPE)
    return Completer(decided(CausalLM(config)), tokenizer)


def make_classifier():
    """Return a classifier of characters."""
    tokenizer = Characters.train(TARGETS, vocab_size=100)
    config = ClassifierConfig(vocab_size=tokenizer.vocab_size, num_classes=3, **SHAPE)
    model = decided(TransformerClassifier(config))
    model.output_projection.bias.assign_add([4.2, 0.0, 0.0])  # else all texts are of one class
    return TextClassifier(model, tokenizer, ["a", "b", "ç"])


def decided(model):
    """Give a model random weights by which its answers differ from text to text."""
    reference.randomize(model)
    for weight in model.trainable_weights:
        if len(weight.shape) > 1:
            weight.assign(3 * weight)
    return model


def make_tasks():
    """Return the three tasks by their kind."""
    makers = (make_translator, make_completer, make_classifier)
    return dict(zip(KINDS, (make() for make in makers), strict=True))


def export_tasks(directory):
    """Export the three tasks into folders that are named by their kind."""
    for kind, task in make_tasks().items():
        task.export(directory / kind)


@pytest.fixture(scope="session")
def live():
    """The three tasks by their kind."""
    return make_tasks()


@pytest.fixture(scope="session")
def loaded(shared):
    """The three tasks, exported and loaded."""
    directory = shared("tasks", export_tasks)
    return {kind: load_task(directory / kind) for kind in KINDS}


@pytest.fixture(params=["live", "loaded"])
def tasks(request):
    """The three tasks by their kind, live and then loaded."""
    return request.getfixturevalue(request.param)
