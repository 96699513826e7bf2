# %% [markdown]
# # Words as vectors
#
# "You shall know a word by the company it keeps" (Firth 1957). word2vec (Mikolov et al. 2013) takes
# that literally. It gives each word a vector, and adjusts the vectors until they can tell the words
# that stand near a word from words drawn at random. Nobody tells it what a word means, and yet
# words of like meaning get vectors of like direction.
#
# Run the cells in VS Code, Jupyter or Colab. The first one has the values to play with. As a
# script, this page takes them as flags (`--help` lists them) and saves its pictures. What has a ✓
# was checked just before it was printed.

# %%
import tf_transformer as tft

epochs = 10  # passes over the text; try 2
width = 100  # numbers in a vector; try 10
window = 5  # how many words to either side a word looks, at most; try 1
words = []  # words whose neighbours you want to see, such as ["cheese", "yesterday"]
min_count = 5  # words that occur less often are left out
lines = 60_000  # sentences to learn from
dataset = "phrasebook"  # text to learn from: phrasebook, a TFDS translation set, or FILE.tsv
text_file = ""  # file of yours, one sentence a line, in place of the dataset
tft.cli.take_flags(globals())  # a script takes these values as flags

from tf_transformer.cli.table import print_table
from tf_transformer.data.skip_grams import near_pairs
from tf_transformer.evaluation import WordVectors, overlap, rank_correlation
from tf_transformer.files import write_json, write_text
from tf_transformer.phrasebook.word_lists import analogies, noun_classes, similar_words
from tf_transformer.tensorboard import write_projector

import importlib.util
import logging
import os
import time

import keras
import numpy as np

folder = tft.training.free_directory("runs/word2vec")
pictures = tft.plots.Gallery(folder)
rng = np.random.default_rng(0)
settings = [epochs, width, window, min_count, lines, dataset, text_file]
is_as_written = settings == [10, 100, 5, 5, 60_000, "phrasebook", ""]


def check(holds, claim, is_claimed=True):
    """Print a claim that has just been checked. With other settings it may not hold."""
    if is_claimed:
        assert holds, claim
        print(f"✓ {claim}")


# %% [markdown]
# ## Words
#
# All words are in lower case. A word that occurs less than five times has too little company to be
# known by. Very frequent words say little about their neighbours: "the" stands before everything.
# Most of their occurrences are left out at random. A word that makes up a share $f$ of the text is
# kept with the probability
#
# $$p = \sqrt{t / f} + t / f, \qquad t = 0.001$$

# %%
text, _ = tft.data.load_sentences(dataset, text_file=text_file)
sentences = [tft.text.words_of(line) for line in text[:lines]]
vocabulary = tft.text.Vocabulary(sentences, min_count)
for word in words:
    if word.lower() not in vocabulary:
        raise tft.UserError(f"words: {word!r} occurs less than {min_count} times in this text.")

shares = vocabulary.counts / vocabulary.counts.sum()
keep = np.minimum(1, np.sqrt(0.001 / shares) + 0.001 / shares)
print(f"{vocabulary.counts.sum():,} words, {len(vocabulary):,} different ones.")
some = {0, 1, 2, len(vocabulary) // 100, len(vocabulary) // 10, len(vocabulary) // 2}
table = [
    [vocabulary.tokens[i], f"{vocabulary.counts[i]:,}", f"{keep[i]:.0%}"] for i in sorted(some)
]
print_table(["word", "times", "kept"], table)

# %% [markdown]
# ## Pairs
#
# Each word looks at those around it. How far it looks is drawn each time, from 1 to 5 words, so it
# sees the nearest words most often. In this example it is always two words to either side.


# %%
def pairs_of(sentence, reach):
    """Return each word with the words that it sees."""
    return [
        (word, sentence[j])
        for i, word in enumerate(sentence)
        for j in range(max(0, i - reach), min(len(sentence), i + reach + 1))
        if j != i
    ]


sentence = min(sentences, key=lambda each: abs(len(each) - 5))
print(*sentence, end=":\n")
print(*(f"({word}, {seen})" for word, seen in pairs_of(sentence, 2)))
places, zeros = np.arange(len(sentence)), np.zeros(len(sentence), int)
theirs = near_pairs(places, zeros, zeros + 2)
same = sorted(map(tuple, theirs.tolist())) == pairs_of([*range(len(sentence))], 2)
check(same, "tft.data.SkipGrams makes the same pairs")

# %% [markdown]
# ## The loss
#
# Each word has two vectors: $w$ as itself, and $c$ as the company of another. For a pair that
# stands in the text, the loss pulls $w \cdot c$ up. It pulls $w \cdot n$ down for the noise: $N$
# words drawn at random, in proportion to their frequency to the power of 3/4. All noise together
# counts as much as $k = 5$ pairs.
#
# $$L = -\log \sigma(w \cdot c) - \frac{k}{N} \sum_{n} \log \sigma(-w \cdot n)$$
#
# A whole batch of 2,048 pairs shares 32 words of noise. The mean of the loss stays the same, and
# 10,000 scattered dot products become one product of matrices.


# %%
def loss_of(w, c, noise, k=5):
    """Return the mean loss of pairs `(batch, width)` beside noise `(N, width)`."""

    def minus_log_sigmoid(x):
        return np.log1p(np.exp(-x))

    true = minus_log_sigmoid((w * c).sum(axis=-1))  # (batch,)
    false = minus_log_sigmoid(-w @ noise.T)  # (batch, N)
    return (true + k * false.mean(axis=-1)).mean()


batches = tft.data.SkipGrams(sentences, vocabulary, 2048, noise=32, window=window, seed=0)
keras.utils.set_random_seed(0)
model = tft.SkipGram(vocab_size=1000, width=width)
model.contexts.assign(rng.standard_normal(model.contexts.shape))
one, other, noise = rng.permutation(1000)[:90].reshape(3, 30)
w, c = model.words.numpy(), model.contexts.numpy()
theirs = model.compute_loss(y_pred=model((one, other, noise)))
check(abs(loss_of(w[one], c[other], c[noise]) - theirs) < 1e-3, "tft.SkipGram has the same loss")

# %% [markdown]
# ## Learning
#
# The rest is stochastic gradient descent, as in 2013. Each pair moves its vectors by 0.025 of their
# gradient, and by less and less towards the end.

# %%
keras.utils.set_random_seed(0)
model = tft.SkipGram(len(vocabulary), width)
before = WordVectors(vocabulary.tokens, model.words.numpy())
steps = batches.steps_per_epoch
rate = 0.025 * batches.batch_pairs  # since the loss is a mean over pairs
schedule = keras.optimizers.schedules.PolynomialDecay(rate, steps * epochs, end_learning_rate=0.0)
model.compile(keras.optimizers.SGD(schedule), steps_per_execution=min(20, steps))
print(f"Batches in a pass: {steps:,}; passes: {epochs} …")
started = time.perf_counter()
losses = model.fit(
    batches.dataset(), epochs=epochs, steps_per_epoch=steps, shuffle=False, verbose=0
).history["loss"]
speed = {"this": batches.words * epochs / (time.perf_counter() - started)}
vectors = WordVectors(vocabulary.tokens, model.words.numpy())
guessing = np.log(2) * 6  # of one pair and k = 5 of noise, if nothing is known
print(f"The loss falls from {guessing:.2f} to {losses[-1]:.2f}.")
if not is_as_written:
    print("These settings are yours, so nothing below is claimed. A little text teaches little.")
pictures.lines("loss", {"loss": losses}, title="It learns", x="pass", y="loss")

# %% [markdown]
# ## Neighbours
#
# The cosine of two vectors is the dot product of their directions: lengths do not count. The words
# nearest to a word turn out to be those that could stand in its place.

# %%
usual = ("dog", "cheese", "teacher", "kitchen", "piano", "wrote", "often")
usual = [word for word in usual if word in vocabulary] or vocabulary.tokens[50:56]
chosen = [word.lower() for word in words] or usual
print_table(
    ["word", *(6 * [""])],
    [
        [word, *(f"{near} {cosine:.2f}" for near, cosine in row)]
        for word, row in zip(chosen, vectors.nearest(chosen, 6), strict=True)
    ],
)

# %% [markdown]
# ## Classes that nobody told it
#
# The phrasebook is made from a lexicon whose nouns have classes, such as animals and drinks. The
# vectors never saw these classes. How many of a noun's five nearest nouns are of its own class?

# %%
known = set(vocabulary.tokens)
classes = {name: members for name, members in noun_classes(known).items() if len(members) > 5}
class_of = {noun: name for name, members in classes.items() for noun in members}


def same_class(vectors):
    """Return for each noun the share of its five nearest nouns that are of its class."""
    nouns = WordVectors(list(class_of), vectors.unit[vectors.rows(class_of)])
    near = dict(zip(nouns.words, nouns.nearest(nouns.words, 5), strict=True))
    same = [[class_of[each] == class_of[noun] for each, _ in row] for noun, row in near.items()]
    return np.mean(same, axis=1)


if classes:
    of_noun = same_class(vectors)
    of_class = {name: of_noun[[c == name for c in class_of.values()]].mean() for name in classes}
    sizes = np.array([len(classes[name]) for name in class_of.values()])
    share, chance = of_noun.mean(), (sizes - 1).mean() / (len(class_of) - 1)
    title = f"{share:.0%} of a noun's nearest nouns are of its class; by chance, {chance:.0%}"
    bars = {title: 100 * np.array(list(of_class.values()))}
    axes = {"x": "class of the noun", "y": "% of the same class"}
    pictures.show("classes", tft.plots.bar_figure(bars, names=list(of_class), **axes))
    check(share > 5 * chance, f"{share:.0%} of the nearest nouns are of the class", is_as_written)

# %% [markdown]
# The map shows the vectors in two of their hundred directions: those in which these words differ
# most. The matrices show all cosines of some of the words. Before training, any two words are about
# as alike as any others.

# %%
drawn = ("animal", "drink", "clothes", "family", "building", "subject")
rank = {word: i for i, word in enumerate(vocabulary.tokens)}  # 0 is the most frequent
groups = {name: sorted(classes[name], key=rank.get) for name in drawn if name in classes}
if groups:
    shown = {name: nouns[:6] for name, nouns in groups.items()}
    figure = tft.plots.word_map_figure(vectors, shown, "Words of a class keep the same company")
    pictures.show("map", figure)

# %%
if groups:
    few = [noun for nouns in groups.values() for noun in nouns[:4]]
    units = {"before": before.unit[before.rows(few)], "after": vectors.unit[vectors.rows(few)]}
    panels = {f"{name} training": unit @ unit.T for name, unit in units.items()}
    title = "Cosines: training makes a dark square of each class"
    pictures.matrices("cosines", panels, rows=few, columns=few, title=title)

# %% [markdown]
# ## Grades of similarity
#
# People would say that a cat is more like a dog than like a proposal. Here the lexicon grades pairs
# of words. Two nouns of one class get 3, of classes that belong together (food and drink) 2, and
# any other two nouns 1. A noun and a verb or adjective get 0. Spearman's ρ tells whether cosines
# put the pairs in this order: it is 1 if they do, and about 0 for random vectors.

# %%
graded = similar_words(known)
first, second, grades = zip(*graded, strict=True) if graded else ((), (), ())
if graded:
    cosines = vectors.similarity(first, second)
    examples = {grade: f"{a}, {b}" for a, b, grade in graded}
    mean_of = {grade: cosines[np.array(grades) == grade].mean() for grade in examples}
    table = [[grade, examples[grade], f"{mean_of[grade]:.2f}"] for grade in examples]
    print_table(["grade", "such as", "mean cosine"], table)
    rho = rank_correlation(cosines, grades)
    check(rho > 0.6, f"cosines follow the grades: ρ = {rho:.3f}", is_as_written)

# %% [markdown]
# ## Analogies, and what to expect of them
#
# "dog is to dogs as cat is to …" asks for the word closest to dogs - dog + cat. The famous answers
# come from vectors that learned from billions of words. From 400,000 words, expect less: about one
# answer in five is the very word, and gensim's vectors of the same text do no better (see below).
# Look at the column "right form" instead: three answers in four have it. The difference of two
# vectors has learned what an ending means. Which word it is added to gets lost.

# %%
questions = {sort: rows for sort, rows in analogies(known).items() if len(rows) >= 20}
forms = {sort: {row[3] for row in rows} for sort, rows in analogies(known, 100_000).items()}


def answers(vectors):
    """Return by sorts the shares of answers: the word, the word among ten, the form."""
    shares = {}
    for sort, rows in questions.items():
        found = vectors.analogies([row[:3] for row in rows], count=10)
        best = [row[0][0] for row in found]
        word = [a == row[3] for a, row in zip(best, rows, strict=True)]
        among = [row[3] in dict(ten) for ten, row in zip(found, rows, strict=True)]
        shares[sort] = [np.mean(word), np.mean(among), np.mean([a in forms[sort] for a in best])]
    return shares


if questions:
    asked = [[sort, *row] for sort, rows in questions.items() for row in rows[:2]]
    given = [row[0][0] for row in vectors.analogies([row[1:4] for row in asked])]
    table = [[*row[:4], answer, row[4]] for row, answer in zip(asked, given, strict=True)]
    print_table(["sort", "a", "is to b", "as c", "is to (answer)", "right word"], table)
    found = answers(vectors)
    chance = {sort: len(forms[sort]) / len(vocabulary) for sort in questions}
    table = [[sort, *(f"{x:.0%}" for x in (*found[sort], chance[sort]))] for sort in questions]
    print()
    print_table(["sort", "right word", "among ten", "right form", "form by chance"], table)
    is_form = all(found[sort][2] > 3 * chance[sort] for sort in questions)
    check(is_form, "the form is right far more often than by chance", is_as_written)

# %% [markdown]
# ## Beside gensim
#
# Most people use gensim's word2vec, which is C code after that of Mikolov et al. It gets the same
# sentences and settings, and starts from two seeds. No two runs of word2vec find the same
# neighbours, so we cannot ask ours to agree with gensim more than gensim does with itself.


# %%
def measure(vectors):
    """Return ρ, the share of nearest nouns of the same class, and those of right analogies."""
    figures = {sort: float(shares[0]) for sort, shares in answers(vectors).items()}
    if classes:
        figures = {"same class": float(same_class(vectors).mean())} | figures
    if graded:
        figures = {"ρ": rank_correlation(vectors.similarity(first, second), grades)} | figures
    return figures


figures, common = {"this": measure(vectors)}, {}
if importlib.util.find_spec("gensim") is None:
    print("gensim is not installed (pip install gensim): this page goes on without it.")
else:
    from gensim.models import Word2Vec

    logging.getLogger("gensim").setLevel(logging.WARNING)
    options = {"sg": 1, "vector_size": width, "window": window, "negative": 5, "sample": 1e-3}
    options |= {"min_count": min_count, "epochs": epochs, "workers": os.cpu_count()}
    theirs = []
    for name, seed in (("gensim", 1), ("gensim, seed 2", 2)):
        started = time.perf_counter()
        trained = Word2Vec(sentences, seed=seed, **options).wv
        speed[name] = batches.words * epochs / (time.perf_counter() - started)
        theirs.append(WordVectors(trained.index_to_key, trained.vectors))
        figures[name] = measure(theirs[-1])
    columns = list(figures["this"])
    rows = [
        [name, *(f"{row[column]:.2f}" for column in columns), f"{speed[name]:,.0f}"]
        for name, row in figures.items()
    ]
    print_table(["", *columns, "words/s"], rows)
    most = vectors.words[20:1020] or vectors.words
    common = {"this and gensim": overlap(vectors, theirs[0], most)}
    common["gensim from two seeds"] = overlap(*theirs, most)
    for pair, share in common.items():
        print(f"{pair}: {share:.0%} of the ten nearest words are the same")
    near = common["this and gensim"] > common["gensim from two seeds"] - 0.05
    check(near, "our neighbours are gensim's, nearly as much as gensim's own", is_as_written)

# %% [markdown]
# ## To keep
#
# `vectors.txt` is word2vec's own format, which gensim, spaCy and others read. TensorBoard's
# projector shows all words as points that can be turned, searched and coloured:
#
#     tensorboard --logdir runs

# %%
rows = zip(vectors.words, vectors.unit, strict=True)
table = [f"{word} {' '.join(f'{x:.5f}' for x in row)}" for word, row in rows]
write_text(folder / "vectors.txt", "\n".join([f"{len(vectors.words)} {width}", *table]) + "\n")
labels = {
    "word": vectors.words,
    "times": vocabulary.counts.tolist(),
    "class": [class_of.get(word, "-") for word in vectors.words],
}
write_projector(folder / "logs" / "words", "words", vectors.unit, labels)
write_json(folder / "metrics.json", {"figures": figures, "common": common, "words/s": speed})
print(f"Vectors, projector and figures are in {folder}.")

# %% [markdown]
# ## Three exercises
#
# 1. Set `window = 1`, then 10. Which words come near "dog" and "wrote" each time? Narrow windows
#    find words of the same form, wide ones of the same subject. Does ρ agree with you?
# 2. How few numbers does a word need? Halve `width` until the share of the same class falls below
#    80 %.
# 3. Add a word's two vectors, $w + c$, in place of $w$ alone (`model.contexts` has the second). Do
#    neighbours, ρ and analogies get better or worse? What does the second vector know?
#
# Go on with [a translator that looks back](03_rnn_attention.py).
