# %% [markdown]
# # Classify texts
#
# A Transformer's encoder alone, its output averaged over the words, says of what kind a text is.
# Run it as it is, and it learns in a minute to tell affirmative sentences of the built-in
# phrasebook from negative ones and from questions, without the mark at their end:
#
#     python recipes/10_classify.py
#
# Or name your own texts, `label TAB text` in a file, or one to train on and one to test on
# (`--dataset=train.tsv,test.tsv`), or a set of TensorFlow Datasets that has texts and labels
# (`--dataset=imdb_reviews`, `--dataset=glue/sst2`).
#
# Small sets say little by one run, as another seed gives another figure. So ask for several:
#
#     python recipes/10_classify.py --dataset=reviews/train.tsv,reviews/test.tsv --seeds=5
#
# A model that has been trained classifies other texts:
#
#     python recipes/10_classify.py --model_dir=saved_models/phrasebook-classes --text="Do you sing"

# %%
from tf_transformer.cli import command_line  # first: it keeps TensorFlow's start-up quiet

# isort: split
import shlex
import statistics
from pathlib import Path

import keras
from absl import flags

import tf_transformer as tft
from tf_transformer.config import make_configs

FLAGS = flags.FLAGS
flags.DEFINE_string(
    "dataset", "phrasebook", "phrasebook, FILE.tsv, TRAIN.tsv,TEST.tsv, or a TFDS set with labels"
)
flags.DEFINE_string("data_dir", None, "where TFDS keeps its sets; default: TFDS's own folder")
flags.DEFINE_string("run_dir", None, "all about this run; default: runs/DATASET-classes")
flags.DEFINE_string("export_dir", None, "of the SavedModel; default: saved_models/DATASET-classes")
flags.DEFINE_string("model_dir", None, "a SavedModel to classify --text with: nothing is trained")
flags.DEFINE_multi_string("text", [], "what to classify with --model_dir; may be repeated")
flags.DEFINE_integer("seeds", 1, "how many models to train, with seeds 1, 2, …", lower_bound=1)
flags.DEFINE_integer("epochs", None, "passes over the texts, at most")
flags.DEFINE_float("max_minutes", None, "stop each training cleanly after so long")
flags.DEFINE_multi_string("set", [], "NAME=VALUE: set any other field of the configuration")
flags.DEFINE_bool("histograms", False, "show histograms of the weights in TensorBoard, too")
flags.DEFINE_bool("profile", False, "record a few steps for TensorBoard's profiler")
flags.DEFINE_string("words_png", None, "draw what the words of some texts add; default: in the run")
flags.DEFINE_string("words_html", None, "the same as a web page; default: in the run")


# %% [markdown]
# ## The plan
#
# Small sets are learned by heart in no time, and then the model knows them and nothing else. What
# helps: few layers; dropout; hiding words at random (`word_dropout`), so that no single one is
# relied on; smoothed labels; an average over the last weights (`ema`); and to stop in time, by
# texts that are held out of the training set. The test is looked at once, at the end.


# %%
def directories():
    """Return where the run and its SavedModel go."""
    name = FLAGS.dataset.split(",")[0].removesuffix(".gz").removesuffix(".tsv")
    name = Path(name).parent.name if Path(name).name == "train" else name.replace("/", "-")
    name = f"{name.lstrip('.-')}-classes"
    run_dir = Path(FLAGS.run_dir or f"runs/{name}")
    export_dir = Path(FLAGS.export_dir or f"saved_models/{name}")
    if export_dir.is_file():
        raise tft.UserError(f"export_dir={export_dir} is a file: choose another export_dir.")
    return run_dir, export_dir


def configure(corpus):
    """Return the configurations of the model and of its training."""
    names = ("epochs", "max_minutes")
    fields = {name: FLAGS[name].value for name in names if FLAGS[name].value is not None}
    classes = (tft.ClassifierConfig, tft.ClassifierTraining)
    fields |= command_line.settings(FLAGS.set)
    return make_configs({cls: {} for cls in classes}, fields | {"num_classes": len(corpus.classes)})


# %% [markdown]
# ## Training
#
# Each text becomes a row of token ids, and texts of like length share a batch. The model, the
# optimizer, the schedule and the checkpoints are the translator's.


# %%
def make_batches(texts, tokenizer, model_config, config):
    """Return the batches of some texts, and say what they are like."""
    batches = tft.LabelledBatches(
        texts,
        tokenizer,
        model_config.num_classes,
        model_config.max_length,
        config.batch_tokens,
        config.seed,
    )
    print(f"{batches.report()}.")
    return batches


def train_model(directory, corpus, tokenizer, model_config, config):
    """Train one model; return the best of its epochs, its metrics and their steps."""
    run = tft.Run.create(directory)
    tft.save_tokenizers(run.tokenizer_dir, tokenizer, tokenizer)
    run.save_config(FLAGS.dataset, model_config, config)
    keras.utils.set_random_seed(config.seed)
    train, validation, test = (
        make_batches(texts, tokenizer, model_config, config)
        for texts in (corpus.train, corpus.validation, corpus.test)
    )
    model = tft.TransformerClassifier(model_config, dtype=config.precision)
    print(tft.training_plan(model, config, train))
    some, labels = corpus.validation.texts[:8], corpus.validation.labels[:8]
    samples = tft.tensorboard.Samples.of_classifier(
        tft.TextClassifier(model, tokenizer, corpus.classes),
        some,
        [corpus.classes[label] for label in labels],
    )
    checkpoints = tft.training.train_classifier(
        model,
        config,
        train,
        validation,
        run=run,
        samples=samples,
        images=tft.tensorboard.AttentionImages.of_texts(model, tokenizer, some),
        histograms=FLAGS.histograms,
        profile=FLAGS.profile,
    )
    model = tft.load_model(checkpoints.best)
    tft.tensorboard.write_embeddings(run.log_dir, model, tokenizer)
    best = checkpoints.best_epoch
    found = model.evaluate(test.one_pass(), verbose=0, return_dict=True)
    metrics = {"accuracy": found["accuracy"], "validation_accuracy": best["val_accuracy"]}
    run.save_metrics("test", metrics, None, model.count_params(), checkpoints.epochs)
    return model, metrics | {"step": best["step"]}


# %% [markdown]
# ## How good is it?
#
# The share of test texts whose class is right: the mean over the seeds, and the deviation between
# them, which says how much of a difference between two such figures is chance.


# %%
def say_accuracy(metrics):
    """Return in words how good the models are."""
    shares = [100 * each["accuracy"] for each in metrics]
    if len(shares) == 1:
        return f"{shares[0]:.2f} % of the test's texts are classified right."
    deviation = statistics.stdev(shares)
    each = ", ".join(f"{share:.2f}" for share in shares)
    return (
        f"{statistics.mean(shares):.2f} % of the test's texts are classified right, the mean over "
        f"{len(shares)} seeds ({each}), with a standard deviation of {deviation:.2f}."
    )


# %% [markdown]
# ## What does it go by?
#
# Hide a word, and see how far the answer's log-odds fall: that much the word added. Words that
# speak for the answer are blue, those against it orange. Below, in grey, is where attention leads,
# rolled out through all layers (Abnar & Zuidema 2020): what is looked at need not decide.


# %%
def explain(model, corpus, tokenizer, run_dir, count=12):
    """Draw what the words of some test texts add, as a picture and as a page."""
    rows = range(0, len(corpus.test), max(1, len(corpus.test) // count))[:count]
    found = [tft.attribute(model, tokenizer, corpus.test.texts[row]) for row in rows]
    picture = FLAGS.words_png or run_dir / "words.png"
    page = FLAGS.words_html or run_dir / "words.html"
    title = f"What the words add to the answer ({corpus.name})"
    tft.save_attribution_figure(picture, found, corpus.classes, title)
    tft.save_attribution_page(page, found, corpus.classes, title)
    print(f"What the words add is drawn in {picture} and {page}.")


def classify_with(model_dir):
    """Classify --text with a SavedModel."""
    if not FLAGS.text:
        raise tft.UserError("nothing to classify: give --text=….")
    model = tft.load_classifier(model_dir)
    found = tft.map_texts(model.classify, FLAGS.text)
    for text, label, share in zip(FLAGS.text, found["label"], found["probability"], strict=True):
        print(f"{label}\t{share:.1%}\t{text}")


# %% [markdown]
# ## All together


# %%
def main():
    if FLAGS.model_dir:
        classify_with(FLAGS.model_dir)
        return
    run_dir, export_dir = directories()
    tft.Run.require_free(run_dir, can_resume=False)
    corpus = tft.load_labelled(FLAGS.dataset, FLAGS.data_dir)
    model_config, config = configure(corpus)
    print(f"Learning a vocabulary from {len(corpus.train):,} texts of {corpus.name} …")
    texts = corpus.train.texts
    tokenizer, _ = tft.train_tokenizers(texts, [], config.tokenizer, config.vocab_size)
    model_config = model_config.replace(vocab_size=tokenizer.vocab_size)

    models, metrics = [], []
    for seed in range(config.seed, config.seed + FLAGS.seeds):
        directory = run_dir / f"seed-{seed}" if FLAGS.seeds > 1 else run_dir
        seeded = config.replace(seed=seed)
        model, found = train_model(directory, corpus, tokenizer, model_config, seeded)
        print(f"Seed {seed}: {found['accuracy']:.2%} of the test.")
        models.append(model)
        metrics.append(found)
    chosen = max(range(len(models)), key=lambda i: metrics[i]["validation_accuracy"])
    model = models[chosen]
    explain(model, corpus, tokenizer, run_dir)

    card = tft.TextModelCard(
        kind="Classifier of texts",
        output="label",
        dataset=corpus.name,
        license=corpus.license,
        scores={
            "classes": ", ".join(corpus.classes),
            "accuracy on `test`": f"{metrics[chosen]['accuracy']:.2%}",
        },
        model_config=model_config,
        training_config=config.replace(seed=config.seed + chosen),
        parameters=model.count_params(),
        steps=metrics[chosen]["step"],
    )
    classifier = tft.TextClassifier(model, tokenizer, corpus.classes)
    path = tft.export_classifier(classifier, export_dir, card)
    print(f"\n{say_accuracy(metrics)} The SavedModel is {path}.\nWhat to try next:\n")
    again = [f"--model_dir={export_dir}", f"--text={corpus.test.texts[0]}"]
    print(f"  python recipes/10_classify.py {shlex.join(again)}")
    print(f"  tensorboard --logdir {run_dir.parent}")


if __name__ == "__main__":
    command_line.run(main)
