"""`tft classify`: trains a classifier on labelled texts, or classifies texts."""

from __future__ import annotations

import statistics
from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import tensorflow as tf
from absl import flags

import tf_transformer as tft
from tf_transformer.cli.programs import called, show_commands
from tf_transformer.cli.training_flags import directories, overrides
from tf_transformer.config import ClassifierConfig, ClassifierTraining, make_configs
from tf_transformer.data import LabelledBatches, LabelledCorpus, LabelledTexts, load_labelled
from tf_transformer.errors import counted, warn
from tf_transformer.evaluation import attribute, judge_classes
from tf_transformer.plots import save_attribution_figure, save_attribution_page
from tf_transformer.tasks import TextClassifier, map_texts
from tf_transformer.tensorboard import AttentionImages, Samples, write_embeddings
from tf_transformer.text import Tokenizer
from tf_transformer.training import (
    USUAL,
    Run,
    card_of,
    fit_plan,
    fit_vocabulary,
    train_classifier,
    training_plan,
)
from tf_transformer.training.precision import with_precision

FLAGS = flags.FLAGS


def main() -> None:
    """Train, score and export a classifier, or classify texts with one."""
    if FLAGS.model_dir:
        _classify_with(FLAGS.model_dir)
        return
    run_dir, export_dir = _directories()
    Run.require_free(run_dir, can_resume=False)
    changed = overrides("epochs", "max_minutes")
    corpus = load_labelled(FLAGS.dataset, FLAGS.data_dir)
    print(f"{corpus.report()}.")
    for doubt in corpus.doubts():
        warn(doubt)
    model_config, config = make_configs(
        {ClassifierConfig: {}, ClassifierTraining: {}},
        changed | {"num_classes": len(corpus.classes)},
    )
    count = counted(len(corpus.train), "text")
    print(f"Learning a vocabulary from {count} of {corpus.name} …")
    texts = corpus.train.texts
    tokenizer, _ = tft.train_tokenizers(texts, [], config.tokenizer, config.vocab_size)
    config = fit_vocabulary(config, changed, tokenizer.vocab_size)
    model_config = model_config.replace(vocab_size=tokenizer.vocab_size)
    steps = _batches(corpus.train, tokenizer, model_config, config).steps_per_epoch
    config = fit_plan(config, changed, steps, USUAL["classifier"], model_config.d_model)
    config = with_precision(config)

    runs, metrics = [], []
    for seed in range(config.seed, config.seed + FLAGS.seeds):
        run = Run.create(run_dir / f"seed-{seed}" if FLAGS.seeds > 1 else run_dir)
        tft.save_tokenizers(run.tokenizer_dir, tokenizer, tokenizer)
        run.save_config(FLAGS.dataset, model_config, config.replace(seed=seed), corpus=corpus.facts)
        found = _train(run, corpus)
        print(f"Seed {seed}: {found['accuracy']:.2%} of the test.")
        runs.append(run)
        metrics.append(found)
    chosen = max(range(len(runs)), key=lambda i: metrics[i]["validation_accuracy"])
    model = runs[chosen].model()
    _explain(model, corpus, tokenizer, run_dir)

    classifier = TextClassifier(model, tokenizer, corpus.classes)
    card = card_of(runs[chosen], model)
    print(f"\n{card.baselines}\n{_accuracy_in_words(metrics)}")
    card.require_learned(FLAGS.export_anyway)
    path = tft.export_saved_model(classifier, export_dir, card)
    _show_classes(classifier.graph("classify"))
    print(f"The SavedModel is {path}.\nWhat to try next:\n")
    again = [f"--model_dir={export_dir}", f"--text={corpus.test.texts[0]}"]
    show_commands((called("classify"), again), ("tensorboard", ["--logdir", str(run_dir.parent)]))


def _directories() -> tuple[Path, Path]:
    """Return where the run and its SavedModel go."""
    name = FLAGS.dataset.split(",")[0].removesuffix(".gz").removesuffix(".tsv")
    name = Path(name).parent.name if Path(name).name == "train" else name.replace("/", "-")
    name = f"{name.lstrip('.-')}-classes"
    return directories(f"runs/{name}", f"saved_models/{name}")


def _train(run: Run, corpus: LabelledCorpus) -> dict[str, Any]:
    """Train the model of a run; keep the best model and its metrics there, and return these."""
    _, model_config, config = run.load_config()
    keras.utils.set_random_seed(config.seed)
    tokenizer, _ = run.tokenizers()

    def batches_of(texts: LabelledTexts) -> LabelledBatches:
        batches = _batches(texts, tokenizer, model_config, config)
        print(f"{batches.report()}.")
        return batches

    train, validation, test = map(batches_of, (corpus.train, corpus.validation, corpus.test))
    model = tft.TransformerClassifier(model_config, dtype=config.precision)
    print(training_plan(model, config, train))
    some, labels = corpus.validation.texts[:8], corpus.validation.labels[:8]
    checkpoints = train_classifier(
        model,
        config,
        train,
        validation,
        run=run,
        samples=Samples.of_classifier(
            TextClassifier(model, tokenizer, corpus.classes),
            some,
            [corpus.classes[label] for label in labels],
        ),
        images=AttentionImages.of_texts(model, tokenizer, some),
        histograms=FLAGS.histograms,
        profile=FLAGS.profile,
    )
    model = run.model()
    write_embeddings(run.log_dir, model, tokenizer)
    found = model.evaluate(test.one_pass(), verbose=0, return_dict=True)
    metrics = {
        "accuracy": found["accuracy"],
        "validation_accuracy": checkpoints.best_epoch["val_accuracy"],
    }
    classify = TextClassifier(model, tokenizer, corpus.classes).graph("classify")
    baselines = judge_classes(classify, corpus.classes, corpus.test, corpus.train)
    run.save_metrics("test", metrics, None, model.count_params(), checkpoints.epochs, baselines)
    return metrics


def _batches(
    texts: LabelledTexts,
    tokenizer: Tokenizer,
    model_config: ClassifierConfig,
    config: ClassifierTraining,
) -> LabelledBatches:
    return LabelledBatches(
        texts,
        tokenizer,
        model_config.num_classes,
        model_config.max_length,
        config.batch_tokens,
        config.seed,
    )


def _accuracy_in_words(metrics: list[dict[str, Any]]) -> str:
    """Describe the accuracy of the models."""
    shares = [100 * each["accuracy"] for each in metrics]
    if len(shares) == 1:
        return f"{shares[0]:.2f} % of the test texts are classified right."
    deviation = statistics.stdev(shares)
    each = ", ".join(f"{share:.2f}" for share in shares)
    return (
        f"{statistics.mean(shares):.2f} % of the test texts are classified right, the mean over "
        f"{len(shares)} seeds ({each}), with a standard deviation of {deviation:.2f}."
    )


def _explain(
    model: tft.TransformerClassifier,
    corpus: LabelledCorpus,
    tokenizer: Tokenizer,
    run_dir: Path,
    count: int = 12,
) -> None:
    """Draw what the words of some test texts add, in a picture and on a page."""
    rows = range(0, len(corpus.test), max(1, len(corpus.test) // count))[:count]
    found = [attribute(model, tokenizer, corpus.test.texts[row]) for row in rows]
    picture = FLAGS.words_png or run_dir / "words.png"
    page = FLAGS.words_html or run_dir / "words.html"
    title = f"What the words add to the answer ({corpus.name})"
    save_attribution_figure(picture, found, corpus.classes, title)
    save_attribution_page(page, found, corpus.classes, title)
    print(f"{picture} and {page} show what the words add.")


def _classify_with(model_dir: str) -> None:
    """Classify --text with a SavedModel."""
    if not FLAGS.text:
        raise tft.UserError("nothing to classify: give --text=….")
    _show_classes(tft.load_saved_model(model_dir, kind="classifier").classify)


def _show_classes(classify: Callable[[tf.Tensor], dict[str, tf.Tensor]]) -> None:
    """Print the class of each --text, and its probability."""
    found = map_texts(classify, FLAGS.text)
    for text, label, share in zip(FLAGS.text, found["label"], found["probability"], strict=True):
        print(f"{label}\t{share:.1%}\t{text}")
