"""A tiny translator, really trained, which many tests share."""

import dataclasses
import fcntl
import os
import pickle
from pathlib import Path

import keras
import pytest

from tests.first_run import first_run_in
from tf_transformer.config import TrainingConfig, TransformerConfig
from tf_transformer.data import BucketedBatches, Pairs, tokenize_pairs
from tf_transformer.decoding import Translator
from tf_transformer.models import Transformer
from tf_transformer.text import save_tokenizers, train_tokenizers
from tf_transformer.training import Checkpoints, Run, train

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
    config: TrainingConfig
    model: Transformer
    tokenizers: tuple
    checkpoints: Checkpoints
    translator: Translator
    pairs: Pairs


@pytest.fixture(scope="session")
def trained(tmp_path_factory):
    """A Transformer that has learned `PAIRS` by heart, with its run directory."""
    keras.utils.set_random_seed(1)
    config = TrainingConfig(
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
    tokenizers = train_tokenizers(sources, targets, vocab_size=config.vocab_size)
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
    run = Run.create(tmp_path_factory.mktemp("runs") / "overfit")
    save_tokenizers(run.tokenizer_dir, *tokenizers)
    run.save_config("conftest", model_config, config)
    pairs = Pairs(sources, targets)
    often = tokenize_pairs(Pairs(24 * sources, 24 * targets), *tokenizers)
    model = Transformer(model_config)
    translator = Translator(model, *tokenizers)
    checkpoints = train(
        model,
        config,
        BucketedBatches(often, config.batch_tokens),
        BucketedBatches(tokenize_pairs(pairs, *tokenizers), config.batch_tokens),
        translator,
        pairs,
        run,
    )
    return Trained(run, config, model, tokenizers, checkpoints, translator, pairs)


@pytest.fixture(scope="session")
def first_run(tmp_path_factory):
    """What recipe 05 leaves and says after a small training on a user's own file.

    Tests in all processes share one, and change nothing of it.
    """
    temporary = tmp_path_factory.getbasetemp()
    is_one_of_several = "PYTEST_XDIST_WORKER" in os.environ
    home = (temporary.parent if is_one_of_several else temporary) / "home"
    with open(f"{home}.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        said = Path(f"{home}.pickle")
        if not said.exists():
            home.mkdir()
            said.write_bytes(pickle.dumps(first_run_in(home)))
        return pickle.loads(said.read_bytes())
