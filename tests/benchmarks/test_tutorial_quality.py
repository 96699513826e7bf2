"""The tutorial's Transformer is trained for as long as is said, and translates as its loop does."""

import keras
import pytest

from benchmarks.peers.tutorial_transformer import TutorialTransformer
from benchmarks.peers.tutorial_translator import TutorialTranslator
from benchmarks.tutorial_quality import greedy, train
from tests.first_run import PAIRS
from tests.small import SMALL
from tf_transformer.config import TransformerConfig
from tf_transformer.data import Pairs, tokenize_pairs
from tf_transformer.text import END, START, train_tokenizers

pytestmark = [
    pytest.mark.long,
    pytest.mark.filterwarnings("ignore:.* was passed an input with a mask:UserWarning"),
]


@pytest.fixture(scope="module")
def trained():
    """A small one, its tokenizers and the logs of its epochs."""
    keras.utils.set_random_seed(0)
    pairs = Pairs(*map(list, zip(*PAIRS, strict=True)))
    tokenizers = train_tokenizers(pairs.sources, pairs.targets, "wordpiece", 300, joint=False)
    config = TransformerConfig(
        source_vocab_size=tokenizers[0].vocab_size,
        target_vocab_size=tokenizers[1].vocab_size,
        **SMALL,
        tie="none",
    )
    model = TutorialTransformer(config)
    tokenized = tokenize_pairs(pairs, *tokenizers, max_length=40)
    return model, tokenizers, train(model, tokenized, tokenized, cpu_minutes=0.1)


def test_training_ends_with_the_budget(trained):
    _, _, epochs = trained
    *before, last = (logs["cpu_minutes"] for logs in epochs)
    assert all(minutes <= 0.1 for minutes in before)  # they are rounded
    assert last >= 0.1
    assert [logs["epoch"] for logs in epochs] == list(range(1, len(epochs) + 1))
    assert [logs["step"] for logs in epochs] == sorted(logs["step"] for logs in epochs)
    assert {"loss", "val_loss", "minutes", "tokens_per_second"} <= set(epochs[0])


def test_a_batch_is_translated_as_the_tutorial_s_loop_translates_each_sentence(trained):
    model, (source, target), _ = trained
    sentences = ["o gato vê um livro.", "a minha irmã não tem três pães?", "um navio!", ""]
    found = greedy(model, source, target)(sentences)["translation"].numpy().tolist()
    loop = TutorialTranslator(model, START)
    for sentence, translation in zip(sentences[:-1], found, strict=False):
        source_ids = [*source.tokenize([sentence])[0].numpy(), END]
        ids = loop.decode(source_ids, 2 * (len(source_ids) - 1) + 10)
        assert target.detokenize(ids).numpy().tolist() == [translation]
    assert found[-1] == b""
