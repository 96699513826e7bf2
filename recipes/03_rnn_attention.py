# %% [markdown]
# # Recurrent networks with attention
#
# What the Transformer replaced. One recurrent network reads the source, in both directions; another
# writes the translation, a word at a time. At first all that passed from one to the other was a
# single vector, whatever the length of the sentence. Attention took that bottleneck away: before
# each word the writer looks back at all that was read, and takes a mean of it, weighted by what it
# needs just then.
#
# Two ways to weigh are built here, and beside them a Transformer is trained on the same batches, so
# that you see what changed in 2017, and what did not:
#
#     python recipes/03_rnn_attention.py
#
# Both ways, on more pairs; or on a larger set, for as long as you like:
#
#     python recipes/03_rnn_attention.py --models=additive,multiplicative,transformer --pairs=16000
#     python recipes/03_rnn_attention.py --dataset=ted_hrlr_translate/pt_to_en --pairs=0 \
#         --epochs=10 --d_model=256 --run_dir=runs/rnn_ted

# %%
from tf_transformer.cli import command_line, training_flags  # first: it quiets TensorFlow

from absl import flags

FLAGS = flags.FLAGS
training_flags.define_pairs("learn from")
training_flags.define_data_dir()
flags.DEFINE_string("run_dir", "runs/rnn_attention", "Where a run of each model is kept.")
flags.DEFINE_string("export_dir", "saved_models/rnn_attention", "Where a SavedModel of each goes.")
flags.DEFINE_list(
    "models", "additive,transformer", "Models to train; there is multiplicative, too."
)
flags.DEFINE_enum("cell", "gru", ["gru", "lstm"], "Cell of the recurrent networks.")
flags.DEFINE_integer("d_model", 192, "Width of the recurrent networks.", lower_bound=2)
flags.DEFINE_integer("pairs", 12_000, "Training pairs to learn from; 0 for all.", lower_bound=0)
flags.DEFINE_integer("epochs", None, "Passes over them; default: what fits them.", lower_bound=1)
flags.DEFINE_float("max_minutes", 0.0, "Stop training each model after so long; 0 for no limit.")
training_flags.define_seed("pairs", 1)
training_flags.define_extras()
if __name__ == "__main__":  # before what takes seconds to import
    command_line.answer_early(
        "train recurrent networks with attention, and a Transformer beside them",
        "--models=additive,multiplicative --pairs=16000",
    )

# isort: split
import tf_transformer as tft

import json
import sys
from pathlib import Path

import keras
import tensorflow as tf

# %% [markdown]
# ## Two ways to weigh
#
# When the writer is in state $s_t$, it gives each annotation $h_j$ of the source a score:
#
# * additive (Bahdanau, Cho & Bengio 2015): $v \cdot \tanh(W s_t + U h_j)$, a small network;
# * multiplicative (Luong, Pham & Manning 2015): $s_t \cdot W h_j$, one matrix product.
#
# A softmax over the scores makes weights that add up to 1, and the weights a mean, the context. The
# multiplicative score needs no $d$ numbers for each pair of words, and so won: divide it by
# $\sqrt{d}$, give it several heads, let the words of one sentence look at each other too, and leave
# out the recurrence. What is left is the Transformer.
#
# In both models here $s_t$ is the state after the word before has been read, as of Luong et al.:
# so all states of a training batch are made first, and all words look side by side. Bahdanau et al.
# let the state take in what was seen, too.

# %%
_MODELS = ("additive", "multiplicative", "transformer")


def model_configs(vocab_size):
    """Return the configuration of each model, of about the same number of weights."""
    sizes = {"source_vocab_size": vocab_size, "target_vocab_size": vocab_size}
    transformer, _ = tft.preset("tiny", **sizes)
    recurrent = {"cell": FLAGS.cell, "d_model": FLAGS.d_model, "dropout": transformer.dropout}
    return {
        name: transformer
        if name == "transformer"
        else tft.RNNConfig(attention=name, **recurrent, **sizes)
        for name in FLAGS.models
    }


def make_model(config, precision):
    """Return a new model of the kind that a configuration is of."""
    model_class = tft.RNNTranslator if isinstance(config, tft.RNNConfig) else tft.Transformer
    return model_class(config, dtype=precision)


# %% [markdown]
# ## The same for all
#
# Vocabulary, batches, loss, optimizer, schedule, search and scores know nothing of what is inside a
# model: all that they need is that it encodes a source, takes a step from one word to the next, and
# keeps between steps what it likes. For a Transformer that is the keys and values of all words so
# far, which grow with each; for a recurrent network its state, which does not.


# %%
def read_data():
    """Return the corpus, the plan of training, tokenizers, and batches for the two splits."""
    chosen = {"epochs": FLAGS.epochs} if FLAGS.epochs else {}
    _, config = tft.preset("tiny", seed=FLAGS.seed, max_minutes=FLAGS.max_minutes, **chosen)
    corpus = tft.load_corpus(FLAGS.dataset, FLAGS.data_dir)
    config = config.replace(text_form=corpus.text_form)
    pairs = corpus.pairs("train")[: FLAGS.pairs or None]
    print(f"Learning a vocabulary from {len(pairs):,} sentence pairs of {corpus.name} …")
    tokenizers = tft.train_tokenizers(
        pairs.sources, pairs.targets, vocab_size=config.vocab_size, form=corpus.text_form
    )

    def batches(pairs):
        tokenized = tft.data.tokenize_pairs(pairs, *tokenizers, max_length=config.max_length)
        return tft.data.BucketedBatches(tokenized, config.batch_tokens, seed=config.seed)

    train, validation = batches(pairs), batches(corpus.pairs("validation"))
    print(f"{train.report()}.")
    usual = tft.training.USUAL["recurrent"]
    config = tft.training.fit_plan(config, chosen, train.steps_per_epoch, usual, FLAGS.d_model)
    passes = config.epochs * config.passes
    sixth = passes * train.steps_per_epoch // 6  # the preset's plan is for more steps
    config = config.replace(warmup_steps=max(min(config.warmup_steps, sixth), 1))
    return corpus, config, tokenizers, train, validation


def train_model(name, model_config, corpus, config, tokenizers, batches, validation):
    """Train a model as recipe 05 does; return its translator, and what it cost."""
    keras.utils.set_random_seed(config.seed)
    run = tft.Run.create(Path(FLAGS.run_dir) / name)
    tft.save_tokenizers(run.tokenizer_dir, *tokenizers)
    run.save_config(FLAGS.dataset, model_config, config, corpus=corpus.facts)
    model = make_model(model_config, config.precision)
    sample = corpus.pairs("validation").without_blanks()[: config.bleu_sentences]
    print(f"\n## {name}: {tft.training.training_plan(model, config, batches)}")
    checkpoints = tft.training.train_translator(
        model,
        config,
        batches,
        validation,
        run=run,
        translator=tft.Translator(model, *tokenizers),
        sample=sample,
        bleu_tokenize=corpus.bleu_tokenize,
        histograms=FLAGS.histograms,
        profile=FLAGS.profile,
    )
    model = tft.training.load_model(checkpoints.best)
    tft.tensorboard.write_embeddings(run.log_dir, model, *tokenizers)
    return run, tft.Translator(model, *tokenizers), model, checkpoints.epochs


# %% [markdown]
# ## How good, how fast
#
# Each model translates the same sentences, which none has seen, by beam search. Those that are
# clearly better than no model at all are exported: recipes 06 and 07 take any of them.

# %%
_SEARCH = {"beam_size": 4, "alpha": 0.6}


def evaluate(run, translator, model, epochs, corpus, config):
    """Score a model, keep its metrics, and return them and its card."""
    split = corpus.evaluation_split
    pairs = corpus.pairs_to_score(split)
    translate = tf.function(
        lambda text: translator.translate_beam(text, **_SEARCH),
        input_signature=[tf.TensorSpec([None], tf.string)],
        autograph=False,
    )
    scores, found = tft.evaluate(translate, pairs, corpus.bleu_tokenize, sys.stdout.isatty())
    baselines = tft.evaluation.judge_translations(
        translate,
        pairs,
        [row[0] for row in found["translations"]],
        corpus.pairs("train").without_blanks(),
        corpus.bleu_tokenize,
    )
    print(f"\n{scores}\n{baselines}")
    run.save_metrics(split, scores, _SEARCH, model.count_params(), epochs, baselines)
    card = tft.export.ModelCard.of(
        model,
        corpus=run.corpus,
        split=split,
        scores=scores,
        baselines=baselines,
        search=_SEARCH,
        training_config=config,
    )
    return json.loads(run.metrics_path.read_text(encoding="utf-8")), card


def export(trained):
    """Export the models; those that have learned nothing are refused, after the others."""
    for run, translator, card in sorted(trained, key=lambda each: bool(each[2].baselines.doubt)):
        card.require_learned(FLAGS.export_anyway)
        directory = Path(FLAGS.export_dir) / run.directory.name
        tft.export_saved_model(translator, directory, card, **_SEARCH)


def show_table(rows):
    """Print what the models cost and how good they are."""
    print(f"\n{'':14}   weights  minutes  CPU minutes  tokens/s   BLEU   chrF")
    for name, row in rows.items():
        print(
            f"{name:14} {row['parameters']:9,} {row['minutes']:8.1f} {row['cpu_minutes']:12.1f} "
            f"{row['tokens_per_second']:9,.0f} {row['bleu']:6.2f} {row['chrf']:6.2f}"
        )
    print(f"\nBLEU {row['bleu_signature']}\nchrF {row['chrf_signature']}")


# %% [markdown]
# ## Who looks where
#
# Bahdanau's figure 3: a row for each word that is written, a column for each that was read. Nobody
# told the models which word translates which. All are made to write the same translation, the
# reference, so that their pictures compare. Of the Transformer's many maps the mean over the heads
# of the last layer is shown: what one map did is spread over all of them.


# %%
def draw_alignment(run, translator, source, target):
    """Draw the alignment matrix, and print where each token's writer looks most."""
    found = translator.align(tf.constant([source]), tf.constant([target]))
    sources, targets = (
        [token.decode(errors="replace") for token in found[f"{side}_tokens"][0].numpy()]
        for side in ("source", "target")
    )
    attention = found["attention"][0, -1:].numpy().mean(axis=1, keepdims=True)
    path = run.directory / "alignment.png"
    tft.plots.save_attention_figure(path, attention, sources, targets)
    best = attention[0, 0].argmax(axis=-1)
    print(f"\n## {run.directory.name}: {path}")
    print("  ".join(f"{token} ← {sources[i]}" for token, i in zip(targets, best, strict=True)))


def example(corpus):
    """Return a sentence pair of middling length."""
    pairs = corpus.pairs("validation")
    order = sorted(range(len(pairs)), key=lambda i: len(pairs.sources[i]))
    middle = order[len(order) // 2]
    return pairs.sources[middle], pairs.targets[middle]


# %% [markdown]
# ## All together


# %%
def check_flags():
    """Raise `UserError` for what cannot be trained, before anything is."""
    for name in FLAGS.models:
        if name not in _MODELS:
            raise tft.UserError(f"--models={name}: choose from {', '.join(_MODELS)}.")
        tft.Run.require_free(Path(FLAGS.run_dir) / name, can_resume=False)
    if not FLAGS.models:
        raise tft.UserError(f"--models is empty: choose from {', '.join(_MODELS)}.")


def main():
    check_flags()
    corpus, config, tokenizers, *batches = read_data()
    rows, trained = {}, []
    for name, model_config in model_configs(tokenizers[0].vocab_size).items():
        run, *learned = train_model(name, model_config, corpus, config, tokenizers, *batches)
        rows[name], card = evaluate(run, *learned, corpus, config)
        trained.append((run, learned[0], card))
    source, target = example(corpus)
    print(f"\n{source}\n{target}")
    for run, translator, _ in trained:
        draw_alignment(run, translator, source, target)
    show_table(rows)
    export(trained)
    print(f"\nSee also: tensorboard --logdir {FLAGS.run_dir}")


if __name__ == "__main__":
    command_line.run(main)
