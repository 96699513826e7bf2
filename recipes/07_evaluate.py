# %% [markdown]
# # Evaluate
#
# How good is a translation? A person can tell, but not a thousand times a day. This page scores a
# model by BLEU and chrF, asks what the scores do not say, chooses a search by them, and checks
# whether the model knows when it is wrong.
#
# The file is a program too. Its last line is JSON:
#
#     python recipes/07_evaluate.py
#     python recipes/07_evaluate.py --model_dir=saved_models/mine --dataset=mine.tsv --split=test
#     python recipes/07_evaluate.py --tune
#
# The program is `tf_transformer/cli/evaluate.py`, which the command `tft evaluate` runs, too.

# %%
import tf_transformer as tft

tft.cli.run_as_script("evaluate")  # a script runs the program, and ends here

# %% [markdown]
# ## A model and its test
#
# The page takes the newest translator in `runs`, such as [recipe 05](05_train_translator.py)
# leaves. Where there is none, it takes the one that comes with the package.

# %%
n = 300  # sentences to score; try 1000

run_dir = tft.training.newest_run("translator")
translator = tft.load(run_dir) if run_dir else tft.from_pretrained("pt_en")
run_name = run_dir.name if run_dir else "pt_en"
corpus = tft.load_corpus(tft.Run(run_dir).load_config()[0] if run_dir else "phrasebook")
pairs = corpus.pairs(corpus.evaluation_split)[:n]
print(f"{run_name} on {corpus.name}, {corpus.evaluation_split}: sentences 1 to {len(pairs)}")

# %% [markdown]
# ## BLEU and chrF
#
# BLEU looks at runs of one to four words (n-grams). $p_n$ is the share of the translations' n-grams
# that stand in the references, too. A brevity penalty keeps a model from writing only what it is
# sure of. $c$ and $r$ are the lengths of all translations and references:
#
# $$\mathrm{BLEU} = 100 \cdot \min\left(1, e^{1 - r/c}\right) \cdot
# \left(p_1 \, p_2 \, p_3 \, p_4\right)^{1/4}$$
#
# chrF is a mean of precision and recall of runs of one to six characters, in which recall counts
# twice as much. It is kinder to a wrong ending. Both are scores of a corpus, not of a sentence.
#
# Behind each score stands sacreBLEU's signature: the number of references, how the case counts, how
# words are split (`tok`), the version. Scores with different signatures cannot be compared.

# %%
scores, found = tft.evaluate(translator.translate_beam, pairs, corpus.bleu_tokenize)
print(scores)
print(f"The translations have {scores.length_ratio:.3f} times the words of the references.")

# %% [markdown]
# ## What the score does not say
#
# The same translations, with their words split in other ways, have other scores, without being
# better or worse. And a high score is one within the corpus: this test has the grammar and the
# words of the training. [Recipe 05](05_train_translator.py) shows what becomes of a sentence from
# outside.

# %%
best = [row[0] for row in found["translations"]]
print(f"as it is            {tft.score(best, pairs.targets).bleu:6.2f}")
print(f"words by spaces     {tft.score(best, pairs.targets, 'none').bleu:6.2f}")
print(f"single characters   {tft.score(best, pairs.targets, 'char').bleu:6.2f}")
print(f"copying the source  {tft.score(pairs.sources, pairs.targets).bleu:6.2f}")

# %% [markdown]
# ## The worst translations
#
# One number hides what goes wrong. Read the sentences with the lowest chrF: are they wrong, or only
# different from the one reference?

# %%
chrf = tft.evaluation.chrf_of_each(best, pairs.targets, corpus.bleu_tokenize)
for i in chrf.argsort()[:5]:
    print(f"\n  {pairs.sources[i]}\n→ {best[i]}\n= {pairs.targets[i]}\n  chrF {chrf[i]:.0f}")

# %% [markdown]
# ## Which search?
#
# A wider beam finds more probable translations. A probability is a product, which shrinks with
# every token: left alone (α = 0), it favours the short. Look at the last column, and at how the
# length penalty makes up for it. Beam and penalty are chosen on validation sentences, because who
# chooses on the test has nothing left to test with. In so few sentences, differences of a few
# tenths are chance.

# %%
validation = corpus.pairs("validation")[:n]
print("beam  alpha   BLEU  length of the references")
for beam_size, alpha in [(1, 0), (4, 0), (4, 0.6), (4, 1.2), (8, 0), (8, 0.6), (8, 1.2)]:
    translations = translator(validation.sources, beam_size=beam_size, alpha=alpha)
    scores = tft.score(translations, validation.targets, corpus.bleu_tokenize)
    print(f"{beam_size:4}  {alpha:5.1f}  {scores.bleu:5.2f}  {scores.length_ratio:.3f} ×")

# %% [markdown]
# ## Does it know when it is wrong?
#
# A translation comes with a confidence: the chance that it is as good as usual. What is usual was
# learned from validation sentences: three of four had at least this chrF. Here the test sentences
# are sorted by their confidence, into ten groups of equal size. The picture compares what was said
# of each group with what held. On the diagonal the confidence can be taken at its word ([how sure
# the model is](../docs/confidence.md)). The area under the ROC curve is the chance that a good
# translation has a higher confidence than a bad one: 0.5 is guessing.

# %%
confidence = [float(row[0]) for row in found["confidence"]]
usual = translator.confidence.threshold
good = chrf >= usual
area = tft.evaluation.area_under_roc(confidence, good)
print(f"{good.sum()} of {len(good)} translations have a chrF of {usual:.0f} or more")
print(f"area under the ROC curve {'unknown: all are equal' if area is None else f'{area:.2f}'}")
groups = tft.evaluation.reliability(confidence, good)
pictures = tft.plots.Gallery("runs/evaluate")
title = "What the model is sure of mostly holds"
pictures.show("reliability", tft.plots.reliability_figure(groups, title))

# %% [markdown]
# ## Three exercises
#
# 1. Compute BLEU's precisions by hand for one pair of sentences, with `collections.Counter` over
#    the n-grams. Check: `sacrebleu.corpus_bleu` shows the same in its `precisions`.
# 2. Cut the last word off every translation. Which of BLEU and chrF falls more? Check: the brevity
#    penalty has its part in it: the length ratio falls, too.
# 3. Score the confidence on sentences of your own, from outside the phrasebook. Check: the points
#    of the picture should lie below the diagonal: it is too sure there.
