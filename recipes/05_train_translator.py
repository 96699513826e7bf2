# %% [markdown]
# # Train a translator
#
# From parallel text to a served translation model: the whole of *Attention Is All You Need* in one
# script. Run it as it is, and it learns to translate the built-in phrasebook from Portuguese to
# English in minutes:
#
#     python recipes/05_train_translator.py --export_dir=saved_models/pt_en
#
# Or name your own text (`--dataset=mine.tsv`, or `--dataset=train.pt,train.en`), or any translation
# set of TensorFlow Datasets (`--dataset=ted_hrlr_translate/pt_to_en`).

# %%
from tf_transformer import command_line  # first: it keeps TensorFlow's start-up quiet

# isort: split
import json
import shlex
import sys
from pathlib import Path

import keras
import tensorflow as tf
from absl import flags

import tf_transformer as tft

FLAGS = flags.FLAGS
flags.DEFINE_string(
    "dataset", "phrasebook", "phrasebook, a TFDS translation set, FILE.tsv, or FILE.pt,FILE.en"
)
flags.DEFINE_string("data_dir", None, "where TFDS keeps its sets; default: TFDS's own folder")
flags.DEFINE_string("preset", "tiny", "size and training plan: tiny, tutorial, base or big")
flags.DEFINE_string("run_dir", None, "everything about this run; default: runs/DATASET-PRESET")
flags.DEFINE_string("export_dir", None, "of the SavedModel; default: saved_models/RUN")
flags.DEFINE_bool("resume", False, "go on with the run in --run_dir, as it was configured")
flags.DEFINE_integer("epochs", None, "passes over the data, at most")
flags.DEFINE_float("max_minutes", None, "stop training cleanly after so long")
flags.DEFINE_integer("seed", None, "of weights, dropout and the order of the pairs")
flags.DEFINE_integer("batch_tokens", None, "padded tokens of a batch, at most")
flags.DEFINE_multi_string("set", [], "NAME=VALUE: set any other field of the configuration")


# %% [markdown]
# ## The plan
#
# A preset gives the shape of the model and the plan of its training; flags change single fields.
# Everything that is chosen is kept in `config.json` in the run's directory, beside the vocabulary,
# the checkpoints and what TensorBoard reads.


# %%
def overrides():
    """Return the configuration fields that the flags set."""
    names = ("epochs", "max_minutes", "seed", "batch_tokens")
    fields = {name: FLAGS[name].value for name in names if FLAGS[name].value is not None}
    for setting in FLAGS.set:
        name, equals, value = setting.partition("=")
        if not equals:
            raise tft.UserError(f"--set={setting}: write --set=NAME=VALUE.")
        try:
            fields[name] = json.loads(value)
        except json.JSONDecodeError:
            fields[name] = value
    return fields


def new_run(directory, corpus):
    """Start a run: configure it and learn its vocabulary."""
    model_config, config = tft.preset(FLAGS.preset, **overrides())
    pairs = corpus.pairs("train")
    print(f"Learning a vocabulary from {len(pairs):,} sentence pairs of {corpus.name} …")
    tokenizers = tft.train_tokenizers(
        pairs.sources, pairs.targets, config.tokenizer, config.vocab_size, config.joint_vocabulary
    )
    source, target = tokenizers
    sizes = {"source_vocab_size": source.vocab_size, "target_vocab_size": target.vocab_size}
    model_config = model_config.replace(**sizes)

    run = tft.Run.create(directory)
    tft.save_tokenizers(run.tokenizer_dir, *tokenizers)
    run.save_config(FLAGS.dataset, model_config, config)
    return run, model_config, config


def directories():
    """Return where the run and its SavedModel go."""
    run_dir = Path(FLAGS.run_dir or f"runs/{FLAGS.dataset.replace('/', '-')}-{FLAGS.preset}")
    export_dir = Path(FLAGS.export_dir or f"saved_models/{run_dir.name}")
    if export_dir.is_file():
        raise tft.UserError(f"export_dir={export_dir} is a file: choose another export_dir.")
    return run_dir, export_dir


def configure(directory):
    """Return the corpus, and the run, new or resumed, with its configurations."""
    if not FLAGS.resume:
        tft.Run.require_free(directory)
        tft.preset(FLAGS.preset, **overrides())  # mistakes show before the work begins
        corpus = tft.load_corpus(FLAGS.dataset, FLAGS.data_dir)
        return corpus, *new_run(directory, corpus)
    run = tft.Run.open(directory)
    dataset, model_config, config = run.load_config()
    corpus = tft.load_corpus(dataset, FLAGS.data_dir)
    config = config.replace(**overrides())
    run.save_config(dataset, model_config, config)  # to be resumed so
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


# %%
def train_model(run, corpus, tokenizers, model_config, config):
    """Train; return the best model, and the run's checkpoints."""
    validation_pairs = corpus.pairs("validation")
    train_pairs = corpus.pairs("train")
    batches = make_batches(train_pairs, tokenizers, config, config.subword_sampling)
    validation = make_batches(validation_pairs, tokenizers, config)

    model = tft.Transformer(model_config, dtype=config.precision)
    print(tft.training_plan(model, config, batches))
    checkpoints = tft.train(
        model,
        config,
        batches,
        validation,
        tft.Translator(model, *tokenizers),
        validation_pairs[: config.bleu_sentences],
        run,
        corpus.bleu_tokenize,
    )
    return tft.load_model(checkpoints.best), checkpoints


# %% [markdown]
# ## How good is it?
#
# BLEU and chrF compare its translations of sentences that it has never seen with a person's. A
# score without its signature compares to nothing.


# %%
def evaluate(translator, corpus, config):
    """Translate the evaluation split with beam search; return its scores and translations."""
    pairs = corpus.pairs(corpus.evaluation_split)
    print(f"Translating the {len(pairs):,} sentences of {corpus.name}, {corpus.evaluation_split}:")
    translate = tf.function(
        translator.translate_beam,
        input_signature=[tf.TensorSpec([None], tf.string)],
        autograph=False,
    )
    found = tft.translate_all(translate, pairs.sources, progress=sys.stdout.isatty())
    translations = [row[0] for row in found["translations"]]
    return tft.score(translations, pairs.targets, corpus.bleu_tokenize), translations


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
    run_dir, export_dir = directories()
    corpus, run, model_config, config = configure(run_dir)
    keras.utils.set_random_seed(config.seed)
    tokenizers = tft.load_tokenizers(run.tokenizer_dir)
    data_dir = [f"--data_dir={FLAGS.data_dir}"] if FLAGS.data_dir else []
    try:
        model, checkpoints = train_model(run, corpus, tokenizers, model_config, config)
    except KeyboardInterrupt:
        print("\nStopped; what is trained is kept. Go on with:\n")
        here = [f"--run_dir={run_dir}", f"--export_dir={export_dir}"]
        show_commands(["python recipes/05_train_translator.py", *here, *data_dir, "--resume"])
        raise
    minutes = checkpoints.minutes

    translator = tft.Translator(model, *tokenizers)
    scores, translations = evaluate(translator, corpus, config)
    run.save_metrics(corpus, scores, checkpoints.epochs, minutes)
    card = tft.ModelCard(
        corpus=corpus,
        split=corpus.evaluation_split,
        scores=scores,
        search="beam 4",
        model_config=model_config,
        training_config=config,
        parameters=model.count_params(),
        steps=int(model.optimizer.iterations),
    )
    path = tft.export_saved_model(translator, export_dir, card)

    show_examples(corpus.pairs(corpus.evaluation_split), translations)
    print(f"\n{scores}\n\nTrained for {minutes:.1f} minutes. The SavedModel is {path}.")
    print("What to try next:\n")
    model_dir, sentence = f"--model_dir={export_dir}", corpus.pairs("validation").sources[0]
    show_commands(
        ["python recipes/06_translate.py", model_dir, sentence],
        ["python recipes/07_evaluate.py", model_dir, f"--dataset={corpus.name}", *data_dir],
        ["tensorboard", "--logdir", str(run_dir.parent)],
    )


if __name__ == "__main__":
    command_line.run(main)
