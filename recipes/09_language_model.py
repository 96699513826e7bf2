# %% [markdown]
# # A language model
#
# A Transformer's decoder alone, without anything to translate, learns one thing: which token comes
# next. That is enough to go on with any text. GPT is this model, made large.
#
# Run it as it is, and it learns from what Python's `help()` says of Python, character by character,
# in minutes:
#
#     python recipes/09_language_model.py
#
# Or name your own text (`--dataset=mine.txt`) or a set of TensorFlow Datasets whose examples have
# a text (`--dataset=imdb_reviews`). The defaults are nanoGPT's small setting for a CPU: 4 layers of
# 4 heads, 128 wide, which see 64 tokens and learn from 2,000 batches of 12 blocks. On Shakespeare's
# plays nanoGPT comes to a validation loss of 1.88 so:
#
#     python recipes/09_language_model.py --dataset=tiny_shakespeare/input.txt --prompt="ROMEO:"
#
# A model that has been trained goes on with other prompts:
#
#     python recipes/09_language_model.py --model_dir=saved_models/input --prompt="JULIET:"

# %%
from tf_transformer.cli import command_line  # first: it keeps TensorFlow's start-up quiet

# isort: split
import math
import shlex
from pathlib import Path

import keras
import tensorflow as tf
from absl import flags

import tf_transformer as tft
from tf_transformer.config import make_configs

FLAGS = flags.FLAGS
flags.DEFINE_string(
    "dataset", "python_help", "python_help, phrasebook, FILE.txt, or a TFDS set of texts"
)
flags.DEFINE_string("data_dir", None, "where TFDS keeps its sets; default: TFDS's own folder")
flags.DEFINE_string("run_dir", None, "all about this run; default: runs/DATASET-lm")
flags.DEFINE_string("export_dir", None, "of the SavedModel; default: saved_models/DATASET")
flags.DEFINE_string("model_dir", None, "a SavedModel to complete --prompt with: nothing is trained")
flags.DEFINE_bool("resume", False, "go on with the run in --run_dir, as it was configured")
flags.DEFINE_integer("epochs", None, "of --set=steps_per_epoch=250 batches each, at most")
flags.DEFINE_float("max_minutes", None, "stop training cleanly after so long")
flags.DEFINE_integer("seed", None, "of weights, dropout and the order of the blocks")
flags.DEFINE_multi_string("set", [], "NAME=VALUE: set any other field of the configuration")
flags.DEFINE_bool("histograms", False, "show histograms of the weights in TensorBoard, too")
flags.DEFINE_bool("profile", False, "record a few steps for TensorBoard's profiler")
flags.DEFINE_multi_string("prompt", [], "what to complete; may be given several times")
flags.DEFINE_integer("max_tokens", 300, "tokens of a completion", lower_bound=1)
flags.DEFINE_float("temperature", 0.8, "of the draws; 0 for the most probable", lower_bound=0)
flags.DEFINE_integer("top_k", 0, "draw from so many best tokens; 0 for all", lower_bound=0)
flags.DEFINE_float("top_p", 1.0, "draw from the best tokens that hold this share", 0.0, 1.0)


# %% [markdown]
# ## The plan
#
# What can be chosen stands in two configurations, of the model and of its training: for subwords in
# place of characters, say, `--set=tokenizer=sentencepiece --set=vocab_size=2000`; for GPT-2's
# learned positions in place of rotary ones, `--set=positions=learned`.


# %%
def directories():
    """Return where the run and its SavedModel go."""
    name = Path(FLAGS.dataset.removesuffix(".gz")).stem if "." in FLAGS.dataset else FLAGS.dataset
    name = name.replace("/", "-")
    run_dir = Path(FLAGS.run_dir or f"runs/{name}-lm")
    export_dir = Path(FLAGS.export_dir or f"saved_models/{name}")
    if export_dir.is_file():
        raise tft.UserError(f"export_dir={export_dir} is a file: choose another export_dir.")
    return run_dir, export_dir


def overrides():
    """Return the configuration fields that the command line sets."""
    names = ("epochs", "max_minutes", "seed")
    fields = {name: FLAGS[name].value for name in names if FLAGS[name].value is not None}
    return fields | command_line.settings(FLAGS.set)


def configure(directory):
    """Return the text, and the run, new or resumed, with its configurations."""
    classes = (tft.CausalLMConfig, tft.LanguageModelTraining)
    if FLAGS.resume:
        run = tft.Run.open(directory)
        dataset, model_config, config = run.resume_config(overrides(), *classes)
        return tft.load_text(dataset, FLAGS.data_dir), run, model_config, config
    tft.Run.require_free(directory)
    model_config, config = make_configs({cls: {} for cls in classes}, overrides())
    text = tft.load_text(FLAGS.dataset, FLAGS.data_dir)
    tokenizer = learn_vocabulary(text, config)
    run = tft.Run.create(directory)
    tft.save_tokenizers(run.tokenizer_dir, tokenizer, tokenizer)
    model_config = model_config.replace(vocab_size=tokenizer.vocab_size)
    run.save_config(FLAGS.dataset, model_config, config)
    return text, run, model_config, config


# %% [markdown]
# ## From text to blocks
#
# A vocabulary of characters is as small as can be: some hundred. The text becomes one long row of
# their ids, with an END before each document. Blocks of it are what the model learns from: from
# each of a block's positions it is to say the token after it, without looking ahead. So one block
# of 64 tokens holds 64 exercises, from one with a single token before it to one with 64.


# %%
def learn_vocabulary(text, config):
    """Return the tokenizer of a new run."""
    characters = sum(map(len, text.train))
    print(f"Learning a vocabulary from {characters:,} characters of {text.name} …")
    tokenizer, _ = tft.train_tokenizers(text.train, [], config.tokenizer, config.vocab_size)
    return tokenizer


def make_batches(documents, tokenizer, model_config, config, steps_per_epoch=0):
    """Return the batches of some documents, and say what they are like."""
    stream = tft.tokenize_documents(documents, tokenizer)
    length, tokens = model_config.max_length, config.batch_tokens
    batches = tft.BlockBatches(stream, length, tokens, steps_per_epoch, config.seed)
    print(f"{batches.report()}.")
    return batches


# %% [markdown]
# ## Training
#
# The same `fit` as a translator's: checkpoints, a clean stop, TensorBoard. What is best is the
# least loss on text that is held out, the last tenth. The loss is in nats a token: its exponential,
# the perplexity, is among how many tokens the model wavers.


# %%
def train_model(run, text, tokenizer, model_config, config):
    """Train; return the best model, and the run's checkpoints."""
    batches = make_batches(text.train, tokenizer, model_config, config, config.steps_per_epoch)
    validation = make_batches(text.validation, tokenizer, model_config, config)
    model = tft.CausalLM(model_config, dtype=config.precision)
    print(tft.training_plan(model, config, batches))
    some = prompts(text)
    checkpoints = tft.training.fit(
        model,
        config,
        batches,
        validation,
        run=run,
        samples=tft.tensorboard.Samples.of_completer(tft.Completer(model, tokenizer), some),
        images=tft.tensorboard.AttentionImages.of_texts(
            model, tokenizer, [*some, text.validation[0]]
        ),
        histograms=FLAGS.histograms,
        profile=FLAGS.profile,
    )
    model = tft.load_model(checkpoints.best)
    tft.tensorboard.write_embeddings(run.log_dir, model, tokenizer)
    return model, checkpoints


def prompts(text):
    """Return --prompt, or words of the text that is held out."""
    held_out = " ".join(text.validation[0].split()[:4])
    return FLAGS.prompt or [held_out, "The ", "If you "]


def measure(checkpoints, text, tokenizer):
    """Return what is said of the model: its loss, and in bits a character, whatever its tokens."""
    best = checkpoints.best_epoch
    tokens = len(tft.tokenize_documents(text.validation, tokenizer)) - 1
    nats = best["val_loss"] * tokens / sum(map(len, text.validation))
    return {
        "loss": best["val_loss"],
        "perplexity": best["val_perplexity"],
        "accuracy": best["val_accuracy"],
        "bits_per_character": nats / math.log(2),
    }


# %% [markdown]
# ## Going on with a prompt
#
# The model reads the prompt once, keeps each layer's keys and values, and then draws token after
# token: one step each, over what was kept. A low temperature makes it bold and repetitive, a high
# one wild; `--top_k` and `--top_p` keep it from the improbable altogether.


# %%
def options():
    """Return how completions are drawn."""
    names = ("max_tokens", "temperature", "top_k", "top_p")
    return {name: FLAGS[name].value for name in names}


def show_completions(complete, texts):
    """Print prompts and what follows them."""
    found = tft.map_texts(lambda prompt: complete(prompt, **options()), texts)
    for prompt, completion in zip(texts, found["completion"], strict=True):
        print(f"\n--- {prompt!r} goes on:\n{prompt}{completion}")


def complete_with(model_dir):
    """Complete --prompt with a SavedModel."""
    model = tft.load_language_model(model_dir)
    seed = FLAGS.seed or 0
    show_completions(
        lambda prompt, max_tokens, temperature, top_k, top_p: model.complete(
            prompt, max_tokens, seed, temperature, top_k, top_p
        ),
        FLAGS.prompt or [""],
    )


# %% [markdown]
# ## All together


# %%
def main():
    if FLAGS.model_dir:
        complete_with(FLAGS.model_dir)
        return
    run_dir, export_dir = directories()
    text, run, model_config, config = configure(run_dir)
    keras.utils.set_random_seed(config.seed)
    tokenizer, _ = tft.load_tokenizers(run.tokenizer_dir)
    try:
        model, checkpoints = train_model(run, text, tokenizer, model_config, config)
    except KeyboardInterrupt:
        print("\nStopped; what is trained is kept. Go on with:\n")
        here = [f"--run_dir={run_dir}", f"--export_dir={export_dir}", "--resume"]
        print(f"  python recipes/09_language_model.py {shlex.join(here)}")
        raise
    found = measure(checkpoints, text, tokenizer)
    run.save_metrics("validation", found, None, model.count_params(), checkpoints.epochs)

    completer = tft.Completer(model, tokenizer)
    complete = tf.function(completer.complete, autograph=False)
    show_completions(complete, prompts(text))
    card = tft.TextModelCard(
        kind="Language model",
        output="completion",
        dataset=text.name,
        license=text.license,
        scores={f"{name} on `validation`": f"{value:.4g}" for name, value in found.items()},
        model_config=model_config,
        training_config=config,
        parameters=model.count_params(),
        steps=checkpoints.best_epoch["step"],
    )
    path = tft.export_language_model(completer, export_dir, card, **options())

    print(
        f"\nValidation loss {found['loss']:.4f} (perplexity {found['perplexity']:.2f}, "
        f"{found['bits_per_character']:.2f} bits a character) after "
        f"{checkpoints.epochs[-1]['minutes']:.1f} minutes. The SavedModel is {path}."
    )
    print("What to try next:\n")
    again = [f"--model_dir={export_dir}", f"--prompt={prompts(text)[0]}", "--temperature=0.5"]
    print(f"  python recipes/09_language_model.py {shlex.join(again)}")
    print(f"  tensorboard --logdir {run_dir.parent}")


if __name__ == "__main__":
    command_line.run(main)
