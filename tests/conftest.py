"""A tiny translator, really trained, which many tests share."""

import dataclasses
import fcntl
import gc
import os
import pickle
import random
from pathlib import Path

import keras
import numpy as np
import pytest

from tests import disks
from tests.compilers import optimize_less, optimized_graphs
from tests.durations import Durations, longest_first
from tests.first_run import first_run_in
from tf_transformer.config import TransformerConfig, TranslatorTraining
from tf_transformer.data import BucketedBatches, Pairs, tokenize_pairs
from tf_transformer.data.copied_words import with_placeholders
from tf_transformer.models import Transformer
from tf_transformer.tasks import Translator
from tf_transformer.text import load_tokenizers, save_tokenizers, train_tokenizers
from tf_transformer.text.rules import PLACEHOLDERS
from tf_transformer.training import Checkpoints, Run, load_model, train_translator

optimize_less()
os.environ.setdefault("GLIBC_TUNABLES", "")  # a training need not start anew for large pages

# Graphs are made of many objects, which live long: to search them for cycles less often saves time.
gc.set_threshold(100_000, 50, 50)


def pytest_addoption(parser):
    parser.addoption(
        "--write-durations", action="store_true", help="measure tests/durations.json anew"
    )


def pytest_configure(config):
    if config.option.write_durations and "PYTEST_XDIST_WORKER" not in os.environ:
        config.pluginmanager.register(Durations())


@pytest.hookimpl(tryfirst=True)  # before -m chooses
def pytest_collection_modifyitems(items):
    longest_first(items)


def pytest_collection_finish():
    gc.freeze()  # what has been imported stays: nobody need search it again


@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown(item, nextitem):
    if nextitem is None or nextitem.path != item.path:
        gc.collect()
        gc.freeze()  # so do graphs that later files may use


@pytest.fixture(autouse=True)
def _seeded():
    """Every test draws the same each time: Keras makes its seeds by Python's `random`."""
    random.seed(1)
    np.random.seed(1)


@pytest.fixture
def small_disk(tmp_path):
    """A disk of eight megabytes."""
    yield from disks.mount(tmp_path / "disk", "8m")


@pytest.fixture(name="optimized_graphs")
def _optimized_graphs():
    """Graphs are optimized, as they are for users."""
    with optimized_graphs():
        yield


PAIRS = [
    ("bom dia.", "good morning."),
    ("boa noite, Ana.", "good night, Ana."),
    ("obrigado!", "thank you!"),
    ("onde fica a praia?", "where is the beach?"),
    ("onde fica a estação?", "where is the station?"),
    ("quanto custa este livro?", "how much is this book?"),
    ("quanto custam estas maçãs?", "how much are these apples?"),
    ("a casa é azul.", "the house is blue."),
    ("as casas são azuis.", "the houses are blue."),
    ("o gato dorme.", "the cat is sleeping."),
    ("os gatos não dormem.", "the cats are not sleeping."),
    ("o meu irmão tem um cão preto.", "my brother has a black dog."),
    ("a minha irmã não tem cão.", "my sister does not have a dog."),
    ("ela come uma maçã vermelha.", "she is eating a red apple."),
    ("ele comeu três pães.", "he ate three loaves."),
    ("nós vamos à escola amanhã.", "we are going to school tomorrow."),
    ("fui ao mercado ontem.", "I went to the market yesterday."),
    ("há dois livros na mesa.", "there are two books on the table."),
    ("não há leite no copo.", "there is no milk in the glass."),
    ("fecha a janela, por favor.", "close the window, please."),
    ("abre a porta!", "open the door!"),
    ("que horas são?", "what time is it?"),
    ("são três e meia.", "it is half past three."),
    ("chove muito em abril.", "it rains a lot in April."),
    ("está frio hoje.", "it is cold today."),
    ("gosto de cantar.", "I like singing."),
    ("ela não gosta de café.", "she does not like coffee."),
    ("posso entrar?", "may I come in?"),
    ("tenho de estudar esta noite.", "I have to study tonight."),
    ("o comboio chega às nove.", "the train arrives at nine."),
    ("esta rua é mais larga do que aquela.", "this street is wider than that one."),
    ("o livro que me deste é bom.", "the book that you gave me is good."),
]


@dataclasses.dataclass
class Trained:
    """A finished training run and what came of it."""

    run: Run
    config: TranslatorTraining
    model: Transformer
    tokenizers: tuple
    checkpoints: Checkpoints
    translator: Translator
    pairs: Pairs


@pytest.fixture(scope="session")
def shared(tmp_path_factory):
    """Makes a directory once for the tests of all processes: `shared("name", make)` is its path.

    `make` is called with the path, unless another process has made it. Tests change nothing in it.
    """
    temporary = tmp_path_factory.getbasetemp()
    is_one_of_several = "PYTEST_XDIST_WORKER" in os.environ
    home = temporary.parent if is_one_of_several else temporary

    def get(name, make):
        directory, is_made = home / name, home / f"{name}.made"
        with open(home / f"{name}.lock", "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not is_made.exists():
                make(directory)
                is_made.touch()
        return directory

    return get


@pytest.fixture(scope="session")
def trained(shared):
    """A Transformer that has learned `PAIRS` by heart, with its run directory."""
    run = Run(shared("overfit", train_by_heart))
    _, _, config = run.load_config()
    checkpoints = Checkpoints(run.checkpoint_dir)
    model, tokenizers = load_model(checkpoints.best), load_tokenizers(run.tokenizer_dir)
    translator, pairs = Translator(model, *tokenizers), Pairs(*map(list, zip(*PAIRS, strict=True)))
    return Trained(run, config, model, tokenizers, checkpoints, translator, pairs)


def train_by_heart(directory):
    """Train on `PAIRS`."""
    keras.utils.set_random_seed(1)
    config = TranslatorTraining(
        vocab_size=400,
        batch_tokens=640,
        max_length=40,
        epochs=12,
        learning_rate=0.01,
        warmup_steps=40,
        schedule="cosine",
        label_smoothing=0.05,
    )
    sources, targets = map(list, zip(*PAIRS, strict=True))
    tokenizers = train_tokenizers(
        sources, targets, vocab_size=config.vocab_size, symbols=PLACEHOLDERS
    )
    vocab_size = tokenizers[0].vocab_size
    model_config = TransformerConfig(
        source_vocab_size=vocab_size,
        target_vocab_size=vocab_size,
        num_layers=1,
        d_model=32,
        num_heads=4,
        d_ff=64,
        dropout=0.0,
        max_length=40,
    )
    run = Run.create(directory)
    save_tokenizers(run.tokenizer_dir, *tokenizers)
    run.save_config("conftest", model_config, config)
    pairs = Pairs(sources, targets)
    often = with_placeholders(Pairs(24 * sources, 24 * targets), share=0.2)
    often = tokenize_pairs(often, *tokenizers)
    model = Transformer(model_config)
    train_translator(
        model,
        config,
        BucketedBatches(often, config.batch_tokens),
        BucketedBatches(tokenize_pairs(pairs, *tokenizers), config.batch_tokens),
        run=run,
        translator=Translator(model, *tokenizers),
        sample=pairs,
    )


@pytest.fixture(scope="session")
def first_run(shared):
    """What recipe 05 leaves and says after a small training on a user's own file."""

    def make(home):
        home.mkdir()
        Path(f"{home}.pickle").write_bytes(pickle.dumps(first_run_in(home)))

    return pickle.loads(Path(f"{shared('home', make)}.pickle").read_bytes())
