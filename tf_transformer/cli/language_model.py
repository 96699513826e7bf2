"""`tft complete`: trains a language model on a text, or completes prompts."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import keras
import tensorflow as tf
from absl import flags

import tf_transformer as tft
from tf_transformer.cli.programs import called, show_commands
from tf_transformer.cli.training_flags import directories, overrides
from tf_transformer.config import CausalLMConfig, LanguageModelTraining, make_configs
from tf_transformer.data import BlockBatches, TextCorpus, load_text, tokenize_documents
from tf_transformer.errors import counted
from tf_transformer.evaluation import Baselines, judge_perplexity
from tf_transformer.tasks import Completer, map_texts
from tf_transformer.tensorboard import AttentionImages, Samples, write_embeddings
from tf_transformer.text import Tokenizer
from tf_transformer.training import (
    Checkpoints,
    DivergedError,
    Run,
    card_of,
    fit,
    fit_text_plan,
    fit_vocabulary,
    training_plan,
)
from tf_transformer.training.precision import with_precision

FLAGS = flags.FLAGS


def main() -> None:
    """Train, score and export a language model, or complete prompts with one."""
    if FLAGS.model_dir:
        _complete_with(FLAGS.model_dir)
        return
    run_dir, export_dir = _directories()
    text, run = _open_run(run_dir)
    try:
        with DivergedError.advice("Continue from the last checkpoint with resume=True."):
            checkpoints = _train(run, text)
    except KeyboardInterrupt:
        print("\nStopped; the progress is kept. To continue:\n")
        here = [f"--run_dir={run_dir}", f"--export_dir={export_dir}", "--resume"]
        show_commands((called("complete"), here))
        raise
    found = _measure(checkpoints, text, run)
    model, (tokenizer, _) = run.model(), run.tokenizers()
    write_embeddings(run.log_dir, model, tokenizer)
    baselines = _judge(found["perplexity"], text, tokenizer)
    run.save_metrics(
        "validation", found, _options(), model.count_params(), checkpoints.epochs, baselines
    )

    completer = Completer(model, tokenizer)
    weights = counted(model.count_params(), "weight")
    print(f"A model of {weights} learns to spell and to set its text, hardly what the text means:")
    _show_completions(tf.function(completer.complete, autograph=False), _prompts(text))
    print(f"\n{baselines}")
    card = card_of(run, model)
    card.require_learned(FLAGS.export_anyway)
    path = tft.export_saved_model(completer, export_dir, card, **_options())

    print(
        f"\nValidation loss {found['loss']:.4f} (perplexity {found['perplexity']:.2f}, "
        f"{found['bits_per_character']:.2f} bits per character) after "
        f"{checkpoints.epochs[-1]['minutes']:.1f} minutes. The SavedModel is {path}."
    )
    print("What to try next:\n")
    again = [f"--model_dir={export_dir}", f"--prompt={_prompts(text)[0]}", "--temperature=0.5"]
    show_commands((called("complete"), again), ("tensorboard", ["--logdir", str(run_dir.parent)]))


def _directories() -> tuple[Path, Path]:
    """Return where the run and its SavedModel go."""
    name = Path(FLAGS.dataset.removesuffix(".gz")).stem if "." in FLAGS.dataset else FLAGS.dataset
    name = name.replace("/", "-")
    return directories(f"runs/{name}-lm", f"saved_models/{name}")


def _open_run(directory: Path) -> tuple[TextCorpus, Run]:
    """Return the text, and the run, new or resumed."""
    changed = overrides("epochs", "max_minutes", "seed")
    if FLAGS.resume:
        run = Run.open(directory)
        asked = FLAGS.dataset if FLAGS["dataset"].present else None
        dataset, _, _ = run.resume_config(changed, dataset=asked)
        return load_text(dataset, FLAGS.data_dir), run
    Run.require_free(directory)
    model_config, config = make_configs({CausalLMConfig: {}, LanguageModelTraining: {}}, changed)
    text = load_text(FLAGS.dataset, FLAGS.data_dir)
    characters = sum(map(len, text.train))
    print(f"Learning a vocabulary from {counted(characters, 'character')} of {text.name} …")
    tokenizer, _ = tft.train_tokenizers(text.train, [], config.tokenizer, config.vocab_size)
    config = fit_vocabulary(config, changed, tokenizer.vocab_size)
    tokens = [len(tokenize_documents(texts, tokenizer)) for texts in (text.train, text.validation)]
    config = with_precision(fit_text_plan(config, changed, *tokens))
    run = Run.create(directory)
    tft.save_tokenizers(run.tokenizer_dir, tokenizer, tokenizer)
    model_config = model_config.replace(
        vocab_size=tokenizer.vocab_size, max_length=config.max_length
    )
    run.save_config(FLAGS.dataset, model_config, config, corpus=text.facts)
    return text, run


def _train(run: Run, text: TextCorpus) -> Checkpoints:
    """Train the model of a run, and keep the best model in it."""
    _, model_config, config = run.load_config()
    keras.utils.set_random_seed(config.seed)
    tokenizer, _ = run.tokenizers()

    def batches_of(documents: Sequence[str], steps_per_epoch: int = 0) -> BlockBatches:
        stream = tokenize_documents(documents, tokenizer)
        length, tokens = model_config.max_length, config.batch_tokens
        if not steps_per_epoch:  # for validation, batches of any size
            tokens = min(tokens, max(length, len(stream) - length))
        batches = BlockBatches(stream, length, tokens, steps_per_epoch, config.seed)
        print(f"{batches.report()}.")
        return batches

    batches = batches_of(text.train, config.steps_per_epoch)
    validation = batches_of(text.validation)
    model = tft.CausalLM(model_config, dtype=config.precision)
    print(training_plan(model, config, batches))
    return fit(
        model,
        config,
        batches,
        validation,
        run=run,
        samples=Samples.of_completer(Completer(model, tokenizer), _prompts(text)),
        images=AttentionImages.of_texts(model, tokenizer, [*_prompts(text), text.validation[0]]),
        histograms=FLAGS.histograms,
        profile=FLAGS.profile,
    )


def _prompts(text: TextCorpus) -> list[str]:
    """Return --prompt, or how three lines of the text begin that is held out."""
    return FLAGS.prompt or beginnings(text.validation)


def beginnings(documents: Sequence[str], count: int = 3, words: int = 3) -> list[str]:
    """Return how some lines of documents begin, evenly spread: those with a capital, if there are.

    Args:
        documents: of any length.
        count: how many beginnings, at most. Defaults to 3.
        words: of each beginning, at most. Defaults to 3.
    """
    lines = [line.split() for document in documents for line in document.splitlines()]
    whole = [line for line in lines if len(line) > words and line[0][0].isupper()]
    chosen = whole or [line for line in lines if line] or [[""]]
    every = -(-len(chosen) // count)
    return [" ".join(line[:words]) for line in chosen[::every]]


def _measure(checkpoints: Checkpoints, text: TextCorpus, run: Run) -> dict[str, float]:
    """Return the model's loss, also in bits per character, which do not depend on its tokens."""
    best = checkpoints.best_epoch
    tokenizer, _ = run.tokenizers()
    tokens = len(tokenize_documents(text.validation, tokenizer)) - 1
    nats = best["val_loss"] * tokens / sum(map(len, text.validation))
    return {
        "loss": best["val_loss"],
        "perplexity": best["val_perplexity"],
        "accuracy": best["val_accuracy"],
        "bits_per_character": nats / math.log(2),
    }


def _judge(perplexity: float, text: TextCorpus, tokenizer: Tokenizer) -> Baselines:
    """Compare the model with baselines, which need no model."""
    ids = [tokenize_documents(texts, tokenizer) for texts in (text.train, text.validation)]
    return judge_perplexity(perplexity, *ids, tokenizer.vocab_size)


def _options() -> dict[str, Any]:
    """Return the options with which completions are drawn."""
    names = ("max_tokens", "temperature", "top_k", "top_p")
    return {name: FLAGS[name].value for name in names}


def _show_completions(complete: Callable[..., dict[str, tf.Tensor]], texts: Sequence[str]) -> None:
    """Print prompts and what follows them."""
    found = map_texts(lambda prompt: complete(prompt, **_options()), texts)
    for prompt, completion in zip(texts, found["completion"], strict=True):
        print(f"\n--- {prompt!r} continues:\n{prompt}{completion}")


def _complete_with(model_dir: str) -> None:
    """Complete --prompt with a SavedModel."""
    model = tft.load_saved_model(model_dir, kind="completer")
    seed = FLAGS.seed or 0
    _show_completions(
        lambda prompt, max_tokens, temperature, top_k, top_p: model.complete(
            prompt, max_tokens, seed, temperature, top_k, top_p
        ),
        FLAGS.prompt or [""],
    )
