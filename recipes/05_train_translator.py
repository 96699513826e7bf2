# %% [markdown]
# # Train a translator
#
# This page trains the Transformer of *Attention Is All You Need* to translate Portuguese into
# English, and then looks at what it has learned. On two CPU cores it takes 4 to 8 minutes; with
# `epochs = 1`, about 2.
#
# The file is a program too, for text of your own. `--help` lists its flags, and
# [Training](../docs/training.md) explains them: your files and data sets, several corpora at once,
# both directions in one model, recipe files, resuming, GPUs.
#
#     python recipes/05_train_translator.py --dataset=mine.tsv
#
# The program is `tf_transformer/cli/train.py`, which the command `tft train` runs, too.

# %%
import tf_transformer as tft

tft.cli.run_as_script("train")  # a script runs the program, and ends here

# %% [markdown]
# ## Pairs of sentences
#
# A translator learns from pairs: a sentence, and what a person made of it. The built-in phrasebook
# is a bilingual grammar, which combines words into sentences. Its test sentences combine them as no
# training sentence does.

# %%
dataset = "phrasebook"  # or a file of yours, "mine.tsv": lines of source TAB target

corpus = tft.load_corpus(dataset)
for split, size in corpus.splits.items():
    print(f"pairs of {split}: {size:,}")
for source, target in corpus.pairs("train")[:4]:
    print(f"\n  {source}\n= {target}")

# %% [markdown]
# ## Training
#
# `tft.train` does all of it. First it learns a vocabulary of word pieces. Pairs of similar length
# then go into the same batch, so that little of it is padding, and `model.fit` does the rest. After
# each epoch the model translates 300 sentences that it does not learn from, and the weights with
# the best BLEU are kept. In the end it translates the test, by beam search. Some of its messages: a
# few pairs come twice, with names hidden, to teach it to copy names; pairs of very unequal length
# are left out; the area under the curve is explained in [recipe 07](07_evaluate.py).
#
# The preset `tiny` has 2 layers, 4 heads and vectors of 128 numbers: 1.4 million weights. The
# paper's model has 65 million.

# %%
epochs = 3  # passes over the pairs; try 1

run_dir = tft.training.free_directory("runs/phrasebook-tiny")
translator = tft.train(dataset, preset="tiny", epochs=epochs, run_dir=run_dir)

# %% [markdown]
# ## How it learned
#
# The loss is the surprise at each next token, in nats, with smoothed labels ([recipe
# 00](00_the_transformer.py)); the perplexity in Keras's lines leaves the smoothing out. BLEU
# compares the model's own translations with the references. The training loss is a mean over the
# whole epoch, and validation comes at its end: that is why the first point of training is the
# higher one. Were the validation loss to rise while the other falls, the model would be learning
# its pairs by heart.

# %%
pictures = tft.plots.Gallery("runs/train_translator")
pictures.show("learning_curve", tft.Run(run_dir).learning_curve())

# %% [markdown]
# ## What it has learned
#
# Three epochs give about 92 BLEU, one gives 56. No system has such a score on real text, where 35
# is good. Here the test has the grammar and the words of the training, and the score says no more
# than that: this model knows the phrasebook. The sentences below lie within its grammar, in
# combinations that training has not shown, and even so not all are right.
#
# chrF, from 0 to 100, counts the runs of characters that a translation shares with its reference.
# The confidence is the chance that a translation is as good as usual, as the model sees it ([how
# sure the model is](../docs/confidence.md)).


# %%
def show(pairs):
    """Print translations beside their references, and how good they are."""
    found = translator(pairs.sources, beam_size=4, details=True)
    translations = [each["translation"] for each in found]
    scores = tft.evaluation.chrf_of_each(translations, pairs.targets)
    for (source, target), each, chrf in zip(pairs, found, scores, strict=True):
        print(f"\n  {source}\n→ {each['translation']}\n= {target}")
        print(f"  chrF {chrf:.0f}, confidence {each['confidence']:.2f}")


print(translator.card.scores)
show(corpus.pairs(corpus.evaluation_split)[:4])

# %% [markdown]
# ## What it has not learned
#
# These are everyday sentences. The phrasebook has nearly all of their words, but it never puts them
# together like this. The model does not stay silent: it writes something fluent, and wrong. This is
# no mistake in the code, but what a small grammar gives. The confidence is near 0, as it should be,
# except for the last sentence: the model loses half of it, and does not notice. Real text in large
# amounts is the cure: with 50,000 pairs of TED talks and two hours, this package reaches 35 BLEU on
# such talks ([results](../docs/results.md)).

# %%
outside = {
    "Preciso de comprar pão e leite.": "I need to buy bread and milk.",
    "Posso pagar com cartão?": "Can I pay by card?",
    "Amanhã vou ao médico porque me dói a cabeça.": "I have a headache, so I'll see a doctor.",
    "O filme era tão chato que adormeci.": "The film was so boring that I fell asleep.",
}
show(tft.data.Pairs([*outside], [*outside.values()]))

# %% [markdown]
# ## Where it looks
#
# The picture has the mean over the heads of the last decoder layer. A row shows which pieces of the
# source it looks at while a token is written, and sums to 1; "▁" marks the beginning of a word, and
# a small ₂ the second time that a token occurs. Nobody told the model which words belong together.
# Look at "casa azul", which becomes "blue house": there the diagonal breaks. [Recipe
# 06](06_translate.py) shows each head by itself.

# %%
found = translator.attention("Quem vendeu a casa azul?")
sources, targets = found["source_tokens"], found["target_tokens"]
mean = found["attention"][-1:].mean(axis=1, keepdims=True)  # (layer, head, target, source)
title = "Each word looks at the words that it translates"
figure = tft.plots.attention_figure(mean, sources, targets, title=title)
pictures.show("attention", figure)
print(found["translation"])

# %% [markdown]
# ## Keep it
#
# The run's directory holds everything: vocabulary, weights, scores, and the logs for TensorBoard.
# `tft.load(run_dir)` opens it, in any process. [Recipe 06](06_translate.py) translates with it,
# [07](07_evaluate.py) scores it, and [08](08_export.py) exports it to where it is served.

# %% [markdown]
# ## Three exercises
#
# 1. Train one epoch, and then three. How many BLEU does each epoch add? Number to beat: 92.2 in
#    three epochs. Try `learning_rate=0.002` or `d_model=192`, as arguments of `tft.train`.
# 2. Write ten sentences of your own, and judge the translations before you look at the confidence.
#    Check: most of those below 0.5 should be wrong.
# 3. Train in both directions, with `directions="both"`, which takes twice as long. Translate test
#    sentences, and then the translations, with `to="pt"`. Check: most round trips should give the
#    sentence that you began with.
