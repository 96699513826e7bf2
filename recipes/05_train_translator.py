# %% [markdown]
# # Train a translator
#
# From parallel text to a served translation model: the whole of *Attention Is All You Need* in one
# script. Run it as it is, and it learns to translate the built-in phrasebook from Portuguese to
# English in minutes:
#
#     python recipes/05_train_translator.py
#
# Or name your own text (`--dataset=mine.tsv`, or `--dataset=train.pt,train.en`), any translation
# set of TensorFlow Datasets (`--dataset=ted_hrlr_translate/pt_to_en`), or a recipe file, which says
# all that was chosen for some result (`--config=recipes/configs/ted_laptop.toml`).

# %%
from tf_transformer.cli import command_line  # first: it keeps TensorFlow's start-up quiet

# isort: split
import shlex
import sys
from pathlib import Path

import keras
import tensorflow as tf
from absl import flags

import tf_transformer as tft
from tf_transformer.config import read_config_file

_BACKEND = keras.backend.backend()
_SEARCH = {"beam_size": 4, "alpha": 0.6}  # after training, unless flags say otherwise

FLAGS = flags.FLAGS
flags.DEFINE_string("config", None, "a recipe file; other flags win over what it says")
flags.DEFINE_string(
    "dataset", "phrasebook", "phrasebook, a TFDS translation set, FILE.tsv, or FILE.pt,FILE.en"
)
flags.DEFINE_string("data_dir", None, "where TFDS keeps its sets; default: TFDS's own folder")
flags.DEFINE_string("preset", "tiny", "size and training plan: tiny, tutorial, base or big")
flags.DEFINE_string("run_dir", None, "all about this run; default: runs/CONFIG or DATASET-PRESET")
flags.DEFINE_string("export_dir", None, "of the SavedModel; default: saved_models/RUN")
flags.DEFINE_bool("resume", False, "go on with the run in --run_dir, as it was configured")
flags.DEFINE_bool("train", True, "or else score and export what the run has")
flags.DEFINE_integer("epochs", None, "passes over the data, at most")
flags.DEFINE_float("max_minutes", None, "stop training cleanly after so long")
flags.DEFINE_integer("seed", None, "of weights, dropout and the order of the pairs")
flags.DEFINE_integer("batch_tokens", None, "padded tokens of a batch, at most")
flags.DEFINE_multi_string("set", [], "NAME=VALUE: set any other field of the configuration")
flags.DEFINE_string("split", None, "to score in the end; default: test, else validation")
flags.DEFINE_integer("beam_size", _SEARCH["beam_size"], "of the final search", lower_bound=1)
flags.DEFINE_float("alpha", _SEARCH["alpha"], "its length penalty; 0 for none", lower_bound=0)
flags.DEFINE_bool("histograms", False, "show histograms of the weights in TensorBoard, too")
flags.DEFINE_bool("profile", False, "record a few steps for TensorBoard's profiler")


# %% [markdown]
# ## The plan
#
# A preset gives the shape of the model and the plan of its training. A recipe file changes fields
# of it, a value a line, and flags change what the file says. Everything that is chosen is kept in
# `config.json` in the run's directory, beside the vocabulary, the checkpoints and what TensorBoard
# reads.
#
# Text may be written in a form of its own, such as lower-cased words with spaces between them
# (`--set text_form=treebank`). The tokenizers then turn ordinary text into it and back, so that the
# model takes and gives what people write.


# %%
_FILE_FLAGS = ("dataset", "data_dir", "preset", "run_dir", "export_dir", "split", *_SEARCH)


def read_config():
    """Set what --config says of flags, unless the command line does; return its other fields."""
    if FLAGS.config is None:
        return {}
    known = {*tft.TransformerConfig.field_names(), *tft.config.TranslatorTraining.field_names()}
    fields = read_config_file(FLAGS.config, known.union(_FILE_FLAGS))
    try:
        for name in fields.keys() & set(_FILE_FLAGS):
            FLAGS.set_default(name, fields.pop(name))
        tft.preset(FLAGS.preset, **fields)  # mistakes show with the name of the file
    except (tft.UserError, flags.Error) as error:
        raise tft.UserError(f"config={FLAGS.config}: {error}") from error
    return fields


def overrides():
    """Return the configuration fields that the command line sets."""
    names = ("epochs", "max_minutes", "seed", "batch_tokens")
    fields = {name: FLAGS[name].value for name in names if FLAGS[name].value is not None}
    return fields | command_line.settings(FLAGS.set)


def new_run(directory, corpus, model_config, config):
    """Start a run: learn its vocabulary and keep its configuration."""
    pairs = corpus.pairs("train")
    print(f"Learning a vocabulary from {len(pairs):,} sentence pairs of {corpus.name} …")
    tokenizers = tft.train_tokenizers(
        pairs.sources,
        pairs.targets,
        config.tokenizer,
        config.vocab_size,
        config.joint_vocabulary,
        corpus.text_form,
    )
    source, target = tokenizers
    sizes = {"source_vocab_size": source.vocab_size, "target_vocab_size": target.vocab_size}
    model_config = model_config.replace(**sizes)
    config = config.replace(text_form=corpus.text_form)

    run = tft.Run.create(directory)
    tft.save_tokenizers(run.tokenizer_dir, *tokenizers)
    recipe = FLAGS.config and Path(FLAGS.config).name
    run.save_config(FLAGS.dataset, model_config, config, recipe)
    return run, model_config, config


def directories():
    """Return where the run and its SavedModel go."""
    name = f"{FLAGS.dataset.replace('/', '-')}-{FLAGS.preset}"
    name = Path(FLAGS.config).stem if FLAGS.config else name
    run_dir = Path(FLAGS.run_dir or f"runs/{name}")
    export_dir = Path(FLAGS.export_dir or f"saved_models/{run_dir.name}")
    if export_dir.is_file():
        raise tft.UserError(f"export_dir={export_dir} is a file: choose another export_dir.")
    return run_dir, export_dir


def load_corpus(dataset, text_form):
    """Return the corpus, which must have the split that is to be scored in the end."""
    corpus = tft.load_corpus(dataset, FLAGS.data_dir, text_form)
    corpus.require_split(FLAGS.split or corpus.evaluation_split)
    return corpus


def configure(directory, fields):
    """Return the corpus, and the run, new or resumed, with its configurations.

    Args:
        directory: of the run.
        fields: of a new run's configurations, those on the command line aside.
    """
    if not FLAGS.resume:
        tft.Run.require_free(directory)
        model_config, config = tft.preset(FLAGS.preset, **fields | overrides())
        corpus = load_corpus(FLAGS.dataset, config.text_form)
        return corpus, *new_run(directory, corpus, model_config, config)
    run = tft.Run.open(directory)
    dataset, model_config, config = run.resume_config(overrides())
    corpus = load_corpus(dataset, config.text_form)
    return corpus, run, model_config, config


# %% [markdown]
# ## From text to batches
#
# Each sentence becomes a row of token ids. Pairs of like length share a batch, so that little of it
# is padding; what cannot be used is counted and said.


# %%
def make_batches(pairs, tokenizers, config, sampling=0.0):
    """Return the batches of some pairs, and say what they are like."""
    tokenized = tft.tokenize_pairs(
        pairs, *tokenizers, max_length=config.max_length, sampling=sampling, seed=config.seed
    )
    batches = tft.BucketedBatches(tokenized, config.batch_tokens, seed=config.seed)
    print(f"{tokenized.report()}; {batches.report()}.")
    return batches


# %% [markdown]
# ## Training
#
# The model is an ordinary Keras model and learns with `model.fit`. After each epoch it translates
# some validation sentences: the weights with the best BLEU are the ones to keep. Every few minutes
# a checkpoint is saved. Whatever ends the run (a power cut, too), `--resume` goes on from there to
# the weights that it would have had.
#
# `KERAS_BACKEND=jax` trains on JAX, the fast way on a GPU. The best weights are then those of the
# least validation loss. To translate and to export is TensorFlow's part: the script goes on with
# that backend.


# %%
def train_model(run, corpus, tokenizers, model_config, config):
    """Train, and keep in the run what is best."""
    validation_pairs = corpus.pairs("validation")
    train_pairs = corpus.pairs("train")
    batches = make_batches(train_pairs, tokenizers, config, config.subword_sampling)
    validation = make_batches(validation_pairs, tokenizers, config)

    model = tft.Transformer(model_config, dtype=config.precision)
    print(tft.training_plan(model, config, batches))
    tft.training.train_translator(
        model,
        config,
        batches,
        validation,
        run=run,
        translator=tft.Translator(model, *tokenizers) if _BACKEND == "tensorflow" else None,
        sample=validation_pairs[: config.bleu_sentences],
        bleu_tokenize=corpus.bleu_tokenize,
        histograms=FLAGS.histograms,
        profile=FLAGS.profile,
    )


def go_on_with_tensorflow(arguments):
    """Become a process of Keras's TensorFlow backend, which scores and exports."""
    print(f"\nTrained with {_BACKEND}. TensorFlow goes on:")
    command_line.run_again([*arguments, "--resume", "--notrain"], KERAS_BACKEND="tensorflow")


# %% [markdown]
# ## How good is it?
#
# BLEU and chrF compare its translations of sentences that it has never seen with a person's. A
# score without its signature compares to nothing.


# %%
def evaluate(translator, corpus, split):
    """Translate a split with beam search; return its scores, and show some translations."""
    pairs = corpus.pairs(split)
    print(f"Translating the {len(pairs):,} sentences of {corpus.name}, {split}:")
    translate = tf.function(
        lambda text: translator.translate_beam(text, FLAGS.beam_size, FLAGS.alpha),
        input_signature=[tf.TensorSpec([None], tf.string)],
        autograph=False,
    )
    scores, found = tft.evaluate(translate, pairs, corpus.bleu_tokenize, sys.stdout.isatty())
    show_examples(pairs, [row[0] for row in found["translations"]])
    return scores


def show_examples(pairs, translations, count=8):
    """Print translations beside their references, spread over the split."""
    for i in range(0, len(pairs), max(1, len(pairs) // count))[:count]:
        print(f"\n  {pairs.sources[i]}\n  → {translations[i]}\n  = {pairs.targets[i]}")


def show_commands(*commands):
    """Print commands to copy: each a script or program, and its arguments."""
    print(*(f"  {name} {shlex.join(arguments)}" for name, *arguments in commands), sep="\n")


# %% [markdown]
# ## All together


# %%
def main():
    fields = read_config()
    run_dir, export_dir = directories()
    corpus, run, model_config, config = configure(run_dir, fields)
    keras.utils.set_random_seed(config.seed)
    tokenizers = tft.load_tokenizers(run.tokenizer_dir)
    split = FLAGS.split or corpus.evaluation_split
    search = {name: FLAGS[name].value for name in _SEARCH}
    here = [f"--run_dir={run_dir}", f"--export_dir={export_dir}"]
    changed = {"data_dir": FLAGS.data_dir or None, "split": FLAGS.split} | search
    options = [f"--{name}={value}" for name, value in changed.items() if value != _SEARCH.get(name)]
    try:
        if FLAGS.train:
            train_model(run, corpus, tokenizers, model_config, config)
    except KeyboardInterrupt:
        print("\nStopped; what is trained is kept. Go on with:\n")
        show_commands(["python recipes/05_train_translator.py", *here, *options, "--resume"])
        raise
    if _BACKEND != "tensorflow":
        run.save_environment()
        go_on_with_tensorflow([*here, *options])
    checkpoints = tft.Checkpoints(run.checkpoint_dir)
    if not checkpoints.best:
        raise tft.UserError(f"run_dir={run_dir} has no trained model yet: train it first.")
    model, minutes = tft.load_model(checkpoints.best), checkpoints.epochs[-1]["minutes"]
    tft.tensorboard.write_embeddings(run.log_dir, model, *tokenizers)

    translator = tft.Translator(model, *tokenizers)
    scores = evaluate(translator, corpus, split)
    run.save_metrics(split, scores, search, model.count_params(), checkpoints.epochs)
    card = tft.ModelCard.of(model, config, corpus, split, scores, search)
    path = tft.export_saved_model(translator, export_dir, card, **search)

    print(f"\n{scores}\n\nTrained for {minutes:.1f} minutes. The SavedModel is {path}.")
    print("What to try next:\n")
    model_dir, sentence = f"--model_dir={export_dir}", corpus.pairs("validation").sources[0]
    form = [f"--text_form={corpus.text_form}"] if corpus.text_form != "plain" else []
    show_commands(
        ["python recipes/06_translate.py", model_dir, sentence],
        ["python recipes/07_evaluate.py", model_dir, f"--dataset={corpus.name}", *form, *options],
        ["tensorboard", "--logdir", str(run_dir.parent)],
    )


if __name__ == "__main__":
    command_line.run(main)
