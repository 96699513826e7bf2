# %% [markdown]
# # Words as vectors
#
# "You shall know a word by the company it keeps" (Firth 1957). word2vec takes that literally. It
# gives each word a vector, and adjusts the vectors until they can tell the words that stand near a
# word from words drawn at random. Nobody tells it what a word means, and yet words of like meaning
# get vectors of like direction.
#
#     python recipes/02_word2vec.py
#     python recipes/02_word2vec.py --word=cheese --word=yesterday
#     python recipes/02_word2vec.py --text_file=mine.txt
#
# It learns from the built-in phrasebook's English, from another corpus (`--dataset=…`), or from a
# file of yours. Where gensim is installed (`pip install gensim`), gensim's own
# word2vec learns from the same text, and both are measured. What it says with a ✓, it has checked.

# %%
from tf_transformer.cli import command_line, training_flags  # first: it quiets TensorFlow

from absl import flags

FLAGS = flags.FLAGS
training_flags.define_sentences("target")
flags.DEFINE_string("run_dir", "runs/word2vec", "Where vectors, pictures and logs go.")
flags.DEFINE_integer("width", 100, "Width of the vectors.", lower_bound=2)
flags.DEFINE_integer("window", 5, "How many words to either side a word looks.", lower_bound=1)
flags.DEFINE_integer("negatives", 5, "How much noise counts beside a pair.", lower_bound=1)
flags.DEFINE_float("subsample", 1e-3, "Share above which words are thinned.", lower_bound=0)
flags.DEFINE_integer("min_count", 5, "Words that are rarer are left out.", lower_bound=1)
flags.DEFINE_integer("epochs", 10, "Passes over the text.", lower_bound=1)
flags.DEFINE_integer("batch_pairs", 2048, "Pairs in a batch.", lower_bound=1)
flags.DEFINE_integer("noise", 32, "Words of noise in a batch.", lower_bound=1)
flags.DEFINE_float(
    "learning_rate", 0.025, "Learning rate of a pair, at the start; it falls to zero."
)
flags.DEFINE_multi_string("word", [], "Show the neighbours of this word; may be repeated.")
flags.DEFINE_string(
    "similarity_file", None, "List to measure by, of lines word TAB word TAB grade."
)
flags.DEFINE_bool("gensim", True, "Measure gensim's word2vec, too, where it is installed.")
flags.DEFINE_integer("seed", 0, "Seed of weights, pairs and noise.")
if __name__ == "__main__":  # before what takes seconds to import
    command_line.answer_early(
        "learn vectors of words, and look at them",
        "--word=cheese --word=yesterday",
    )

# isort: split
import tf_transformer as tft
from tf_transformer.cli.command_line import claim
from tf_transformer.cli.table import print_table
from tf_transformer.data import SkipGrams, load_sentences
from tf_transformer.data.skip_grams import keep_probabilities
from tf_transformer.data.text_files import read_lines
from tf_transformer.errors import counted
from tf_transformer.evaluation import WordVectors, overlap, rank_correlation
from tf_transformer.files import write_json, write_text
from tf_transformer.models import SkipGram
from tf_transformer.phrasebook.word_lists import analogies, noun_classes, similar_words
from tf_transformer.plots.drawing import (
    COLOURS,
    FAINT,
    INK,
    SIGNED,
    dress,
    heat_map,
    new_figure,
    save_png,
)
from tf_transformer.tensorboard import write_projector
from tf_transformer.text import Vocabulary, words_of

import importlib.util
import math
import os
import time

import keras
import numpy as np

# %% [markdown]
# ## Words
#
# All in lower case; a word that occurs less than five times has too little company to be known by.
# Very frequent words say little about their neighbours ("the" stands before everything), so most of
# their occurrences are left out at random: a word that makes up a share f of the text is kept with
# probability √(t/f) + t/f, where t = 0.001.


# %%
def read_words():
    """Return the sentences as rows of words, and their vocabulary."""
    train, _ = load_sentences(FLAGS.dataset, FLAGS.data_dir, FLAGS.text_file, FLAGS.side)
    rows = [words_of(line) for line in train]
    vocabulary = Vocabulary(rows, FLAGS.min_count)
    total = int(vocabulary.counts.sum())
    print(f"{counted(total, 'word')}, {len(vocabulary):,} different ones.\n")
    keep = keep_probabilities(vocabulary.counts, FLAGS.subsample)
    shown = [*range(4), len(vocabulary) // 10, len(vocabulary) // 2]
    print_table(
        ["word", "times", "kept"],
        [
            [vocabulary.tokens[i], f"{vocabulary.counts[i]:,}", f"{keep[i]:.0%}"]
            for i in shown
            if i < len(vocabulary)
        ],
    )
    return rows, vocabulary


# %% [markdown]
# ## Pairs
#
# Each word looks at those around it, one to five to either side, how many being drawn each time: so
# the nearest are seen most. From "the cat drinks milk" come (cat, the), (cat, drinks) and so on.
#
# For each word w and its context c, the loss pulls w · c up, and w · n down for words
# n drawn at random, by frequency to the power of 3/4:
#
#     loss = -log σ(w · c) - 5 · mean over noise n of log σ(-w · n)
#
# A batch shares its words of noise, 32 for 2,048 pairs. That is the same loss on average, and what
# would be 10,000 scattered dot products becomes one product of matrices. The rest is stochastic
# gradient descent as in 2013: a pair moves its vectors by 0.025 of their gradient, at first.


# %%
def learn(rows, vocabulary, run):
    """Train the model; return the vectors, and what it took."""
    keras.utils.set_random_seed(FLAGS.seed)
    source = SkipGrams(
        rows,
        vocabulary,
        batch_pairs=FLAGS.batch_pairs,
        noise=FLAGS.noise,
        window=FLAGS.window,
        subsample=FLAGS.subsample,
        seed=FLAGS.seed,
    )
    started = time.process_time()
    pairs = len(source.pairs(0))
    speed = source.words / (time.process_time() - started)
    print(f"\n{counted(pairs, 'pair')} in a pass, made at {speed / 1e6:.1f} M words a CPU second.")

    steps = source.steps_per_epoch
    model = SkipGram(len(vocabulary), FLAGS.width, FLAGS.negatives)
    rate = FLAGS.learning_rate * FLAGS.batch_pairs  # as the loss is a mean over pairs
    schedule = keras.optimizers.schedules.PolynomialDecay(rate, steps * FLAGS.epochs, 0.0)
    model.compile(keras.optimizers.SGD(schedule), steps_per_execution=min(20, steps))
    board = keras.callbacks.TensorBoard(run.log_dir, write_graph=False)
    tell = keras.callbacks.LambdaCallback(
        on_epoch_end=lambda epoch, logs: print(f"  pass {epoch + 1:2}: loss {logs['loss']:.3f}")
    )
    clocks = time.perf_counter(), time.process_time()
    model.fit(
        source.dataset(),
        epochs=FLAGS.epochs,
        steps_per_epoch=steps,
        shuffle=False,  # it is
        callbacks=[board, tell],
        verbose=0,
    )
    took = time.perf_counter() - clocks[0], time.process_time() - clocks[1]
    model.save(run.directory / "model.keras")
    vectors = WordVectors(vocabulary.tokens, keras.ops.convert_to_numpy(model.words))
    return vectors, cost(source.words * FLAGS.epochs, *took)


def cost(words, seconds, cpu_seconds):
    """Return how long so many words took, in the machine's time and the processor's."""
    return {
        "seconds": seconds,
        "cpu_seconds": cpu_seconds,
        "words_per_second": words / seconds,
        "words_per_cpu_second": words / cpu_seconds,
    }


# %% [markdown]
# ## The same from gensim
#
# gensim's word2vec is the one that most people use: C code after that of Mikolov et al. It gets the
# same sentences and settings, and starts from two seeds. No two runs of word2vec give the same
# neighbours, and how much two of its own agree is the most that could be asked of another.


# %%
def learn_with_gensim(rows, seed):
    """Return gensim's vectors of the same text, and what they took."""
    from gensim.models import Word2Vec

    clocks = time.perf_counter(), time.process_time()
    model = Word2Vec(
        rows,
        sg=1,
        vector_size=FLAGS.width,
        window=FLAGS.window,
        negative=FLAGS.negatives,
        sample=FLAGS.subsample,
        min_count=FLAGS.min_count,
        epochs=FLAGS.epochs,
        workers=os.cpu_count(),
        seed=seed,
    )
    took = time.perf_counter() - clocks[0], time.process_time() - clocks[1]
    vectors = WordVectors(model.wv.index_to_key, model.wv.vectors)
    words = sum(model.wv.get_vecattr(word, "count") for word in model.wv.index_to_key)
    return vectors, cost(FLAGS.epochs * words, *took)


# %% [markdown]
# ## What do they know?
#
# *Similarity.* People would say that a cat is more like a dog than like a proposal. In the
# phrasebook it is the lexicon that says: its nouns have classes, such as animals and food, and
# classes belong together, such as food and drink. From it comes a list of pairs with grades: the
# same class 3, classes that belong together 2, any two nouns 1, a noun and a verb or adjective 0.
# Spearman's ρ tells whether cosines put the pairs in that order: 1 if they do, 0 for vectors at
# random. (Cosine similarity is the dot product of two vectors of length 1: it sees their
# directions alone.)
#
# *Analogies.* "dog is to dogs as cat is to …": the word closest to dogs - dog + cat. That is the
# famous test, and an instructive one: it works as far as the company that words keep differs in the
# same way, and in a text as small as this, plurals hardly differ so.


# %%
def measure(vectors, similar, questions):
    """Return Spearman's ρ on a list, and the share of right answers to each sort of question."""
    figures = {}
    if len(similar) >= 20:
        first, second, grades = zip(*similar, strict=True)
        figures["ρ"] = rank_correlation(vectors.similarity(first, second), grades)
    for sort, rows in questions.items():
        if len(rows) >= 20:
            answers = vectors.analogies([row[:3] for row in rows])
            right = [found[0][0] == row[3] for found, row in zip(answers, rows, strict=True)]
            figures[sort] = float(np.mean(right))
    return figures


def read_similarities(known):
    """Return the list to measure by: the user's, or the lexicon's."""
    if not FLAGS.similarity_file:
        return similar_words(known)
    rows = [line.split("\t") for line in read_lines(FLAGS.similarity_file)]
    found = []
    for number, row in enumerate(rows, start=1):
        try:
            first, second, grade = row[0].lower(), row[1].lower(), float(row[2])
        except (IndexError, ValueError):
            if number > 1 and not row[0].startswith("#"):  # there may be a title
                raise tft.UserError(
                    f"{FLAGS.similarity_file}, line {number}: wanted word TAB word TAB grade."
                ) from None
            continue
        if first in known and second in known:
            found.append((first, second, grade))
    print(
        f"{len(found):,} of {counted(len(rows), 'pair')} of {FLAGS.similarity_file} are known here."
    )
    return found


# %%
def show_neighbours(vectors, chosen):
    """Print the nearest words of some, with cosines."""
    print("\nNearest words, by cosine:\n")
    found = vectors.nearest(chosen, 6)
    print_table(
        ["word", "", "", "", "", "", ""],
        [
            [word, *(f"{near} {cosine:.2f}" for near, cosine in row)]
            for word, row in zip(chosen, found, strict=True)
        ],
    )


def show_analogies(vectors, questions, count=3):
    """Print some questions of each sort, and the answers."""
    some = [
        [sort, *row]
        for sort, rows in questions.items()
        for row in rows[:: max(1, len(rows) // count)][:count]
    ]
    answers = vectors.analogies([row[1:4] for row in some])
    print("\nAnalogies: a is to b as c is to …\n")
    print_table(
        ["sort", "a", "b", "c", "answer", "wanted"],
        [
            [*row[:4], f"{found[0][0]} {found[0][1]:.2f}", row[4]]
            for row, found in zip(some, answers, strict=True)
        ],
    )


def choose_words(vocabulary):
    """Return the words to show: those asked for, or some that most English texts have."""
    for word in FLAGS.word:
        if word.lower() not in vocabulary:
            raise tft.UserError(
                f"--word={word}: it is not in this text, or less than {FLAGS.min_count} times."
            )
    usual = ("dog", "cheese", "teacher", "kitchen", "blue", "wrote", "tomorrow")
    known = [word for word in usual if word in vocabulary]
    return [word.lower() for word in FLAGS.word] or known or vocabulary.tokens[50:56]


def same_class_share(vectors, classes, count=5):
    """Return how many of a noun's nearest nouns are of its class, and how many by chance."""
    class_of = {word: name for name, words in classes.items() for word in words}
    nouns = WordVectors(list(class_of), vectors.unit[vectors.rows(class_of)])
    found = nouns.nearest(nouns.words, count)
    hits = [
        class_of[near] == class_of[word]
        for word, row in zip(nouns.words, found, strict=True)
        for near, _ in row
    ]
    sizes = np.array([len(words) for words in classes.values()])
    chance = (sizes * (sizes - 1)).sum() / (sizes.sum() * (sizes.sum() - 1))
    return float(np.mean(hits)), float(chance)


# %%
def compare(results, costs, words):
    """Print the figures of all vectors, and what they have in common; return the latter."""
    print("\nWhat they know, and what it took:\n")
    figures = {name: measured for name, (_, measured) in results.items()}
    columns = list(dict.fromkeys(column for row in figures.values() for column in row))
    header = ["", *columns, "words/s", "words/CPU-s"]
    rows = [
        [
            name,
            *(f"{row[c]:.3f}" if c == "ρ" else f"{row[c]:.0%}" for c in columns),
            f"{costs[name]['words_per_second']:,.0f}",
            f"{costs[name]['words_per_cpu_second']:,.0f}",
        ]
        for name, row in figures.items()
    ]
    print_table(header, rows)
    if len(results) == 1:
        return {}
    here, there, again = (vectors for vectors, _ in results.values())
    ours, theirs = overlap(here, there, words), overlap(there, again, words)
    print()
    rows = [["this and gensim", f"{ours:.0%}"], ["gensim from two seeds", f"{theirs:.0%}"]]
    print_table([f"the ten nearest of {len(words):,} words", "in common"], rows)
    return {"with gensim": ours, "gensim's own": theirs}


# %% [markdown]
# ## Pictures
#
# The map shows a hundred directions in two: those in which the words shown differ most (principal
# components). Words of one class stand together, and the classes that belong together are
# neighbours. The matrix shows all cosines among them, without any loss: each dark square is a class
# that the model found by itself.

# %%
SHOWN = ("animal", "food", "drink", "clothes", "profession", "body", "family", "building")


def words_to_draw(vocabulary, classes, count=9):
    """Return the most frequent words of some classes."""
    rank = {word: i for i, word in enumerate(vocabulary.tokens)}
    return {
        name: sorted(classes[name], key=rank.get)[:count] for name in SHOWN if classes.get(name)
    }


def project(points):
    """Return points in the two directions in which they differ most, and the share of variance."""
    centred = points - points.mean(axis=0)
    _, sizes, directions = np.linalg.svd(centred, full_matrices=False)
    return centred @ directions[:2].T, (sizes[:2] ** 2).sum() / (sizes**2).sum()


def draw_map(path, vectors, shown):
    """Draw words of several classes on the plane that shows most of their differences."""
    words = [word for members in shown.values() for word in members]
    points, share = project(vectors.unit[vectors.rows(words)])
    figure = new_figure(11, 8)
    figure.set_layout_engine("none")
    axis = figure.add_axes((0.02, 0.07, 0.96, 0.87))
    dress(axis, f"Words by the company they keep: {share:.0%} of their variance in two directions")
    axis.set(xticks=[], yticks=[])
    colours = np.repeat(COLOURS[: len(shown)], list(map(len, shown.values())))
    start = 0
    for (name, members), colour in zip(shown.items(), COLOURS, strict=False):
        own = points[start : start + len(members)]
        axis.scatter(*own.T, color=colour, s=18, label=name, zorder=3)
        start += len(members)
    axis.margins(0.07)
    label_points(axis, points, words, colours)
    figure.legend(loc="lower center", ncols=len(shown), frameon=False, labelcolor=INK)
    save_png(figure, path)


def label_points(axis, points, words, colours, size=9.5):
    """Write each word beside its point, where it hides the least of other words and points."""
    scale = 72 / axis.figure.dpi
    places = axis.transData.transform(points) * scale  # in typographic points
    taken = [(x - 3, y - 3, x + 3, y + 3) for x, y in places]
    ways = [(r * math.cos(a), r * math.sin(a)) for r in (5, 13, 22, 32) for a in ANGLES]
    for (x, y), point, word, colour in zip(places, points, words, colours, strict=True):
        width, height = 0.6 * size * len(word), 1.1 * size

        def box(way, x=x, y=y, width=width, height=height):
            left = x + way[0] - (width if way[0] < -2 else 0 if way[0] > 2 else width / 2)
            return left, y + way[1] - height / 2, left + width, y + way[1] + height / 2

        best = min(ways, key=lambda way: sum(shared_area(box(way), other) for other in taken))
        taken.append(box(best))
        axis.annotate(
            word,
            point,
            xytext=best,
            textcoords="offset points",
            ha="right" if best[0] < -2 else "left" if best[0] > 2 else "center",
            va="center",
            color=colour,
            fontsize=size,
            arrowprops={"arrowstyle": "-", "color": FAINT, "linewidth": 0.6, "shrinkA": 0},
        )


ANGLES = [math.radians(angle) for angle in (0, 180, 90, 270, 45, 135, 225, 315)]


def shared_area(one, other):
    """Return how much of two boxes (left, low, right, high) lies in both."""
    width = min(one[2], other[2]) - max(one[0], other[0])
    height = min(one[3], other[3]) - max(one[1], other[1])
    return max(width, 0) * max(height, 0)


def draw_cosines(path, vectors, shown):
    """Draw the cosine of each pair of words, class by class."""
    words = [word for members in shown.values() for word in members]
    unit = vectors.unit[vectors.rows(words)]
    figure = new_figure(9.5, 8.6)
    axis = figure.subplots()
    image = heat_map(axis, unit @ unit.T, words, words, cmap=SIGNED, vmin=-1, vmax=1)
    axis.tick_params(labelsize=6.5)
    edges = np.cumsum([0, *map(len, shown.values())]) - 0.5
    for start, end, name in zip(edges, edges[1:], shown, strict=False):
        box = [start, end, end, start, start], [start, start, end, end, start]
        axis.plot(*box, color=INK, linewidth=0.9)
        axis.text(edges[-1] + 0.4, (start + end) / 2, name, va="center", fontsize=10, color=INK)
    bar = figure.colorbar(image, ax=axis, fraction=0.03, pad=0.1, label="cosine")
    bar.outline.set_visible(False)
    axis.set_title("How alike two words are", color=INK, fontsize=11, loc="left")
    save_png(figure, path)


def draw_agreement(path, results, similar):
    """Draw the cosines of each grade of the list, for each set of vectors."""
    first, second, grades = zip(*similar, strict=True)
    grades = np.array(grades)
    figure = new_figure(4.6 * len(results), 4)
    axes = np.atleast_1d(figure.subplots(1, len(results), sharey=True))
    rng = np.random.default_rng(0)
    for axis, (name, (vectors, measured)), colour in zip(
        axes, results.items(), COLOURS, strict=False
    ):
        cosines = vectors.similarity(first, second)
        dress(axis, f"{name}: ρ = {measured['ρ']:.3f}", "grade", "cosine")
        axis.scatter(
            grades + rng.uniform(-0.18, 0.18, len(grades)), cosines, s=9, alpha=0.5, color=colour
        )
        for grade in np.unique(grades) if len(np.unique(grades)) < 8 else ():
            middle = np.median(cosines[grades == grade])
            axis.plot([grade - 0.3, grade + 0.3], [middle, middle], color=INK, linewidth=2)
        axis.axhline(0, color=FAINT, linewidth=0.8)
        if len(np.unique(grades)) < 8:
            axis.set_xticks(np.unique(grades))
    save_png(figure, path)


# %% [markdown]
# ## To keep
#
# `vectors.txt` is word2vec's own format, which gensim, spaCy and others read. TensorBoard's
# projector shows all words as points that can be turned, searched and coloured:
#
#     tensorboard --logdir runs


# %%
def keep_vectors(run, vectors, vocabulary, classes):
    """Write the vectors for other programs, and for TensorBoard's projector."""
    lines = [f"{len(vectors.words)} {vectors.unit.shape[1]}"]
    lines += [
        f"{word} {' '.join(f'{x:.5f}' for x in row)}"
        for word, row in zip(vectors.words, vectors.unit, strict=True)
    ]
    write_text(run.directory / "vectors.txt", "\n".join(lines) + "\n")
    class_of = {word: name for name, words in classes.items() for word in words}
    labels = {
        "word": vectors.words,
        "times": vocabulary.counts.tolist(),
        "class": [class_of.get(word, "-") for word in vectors.words],
    }
    write_projector(run.log_dir / "words", "words", vectors.unit, labels)


# %% [markdown]
# ## All together


# %%
def main():
    tft.Run.require_free(FLAGS.run_dir)
    rows, vocabulary = read_words()
    known = set(vocabulary.tokens)
    similar, questions, classes = read_similarities(known), analogies(known), noun_classes(known)
    chosen = choose_words(vocabulary)
    run = tft.Run.create(FLAGS.run_dir)
    vectors, took = learn(rows, vocabulary, run)
    results = {"this": (vectors, measure(vectors, similar, questions))}
    costs = {"this": took}
    if not FLAGS.gensim or importlib.util.find_spec("gensim") is None:
        print("\nLeft out: the comparison with gensim (pip install gensim).")
    else:
        for name, seed in (("gensim", 1), ("gensim, seed 2", 2)):
            theirs, costs[name] = learn_with_gensim(rows, seed)
            results[name] = theirs, measure(theirs, similar, questions)

    if chosen:
        show_neighbours(vectors, chosen)
    if any(questions.values()):
        show_analogies(vectors, questions)
    common = compare(results, costs, vectors.words[20:1020] or vectors.words)
    check(results, common, vectors, classes)

    keep_vectors(run, vectors, vocabulary, classes)
    shown = words_to_draw(vocabulary, classes)
    if shown:
        draw_map(run.directory / "map.png", vectors, shown)
        draw_cosines(run.directory / "cosines.png", vectors, shown)
    if "ρ" in results["this"][1]:
        draw_agreement(run.directory / "similarity.png", results, similar)
    figures = {name: measured for name, (_, measured) in results.items()}
    write_json(run.metrics_path, {"figures": figures, "costs": costs, "common": common})
    tft.tensorboard.write_images(run.log_dir, sorted(run.directory.glob("*.png")))
    print(f"\nVectors and pictures are in {run.directory}. What to try next:\n")
    print(f"  tensorboard --logdir {run.directory.parent}")


# %% [markdown]
# What is claimed of what was learned is claimed of the phrasebook and enough passes over it. Other
# texts, and shorter training, get the same figures and no claims.


# %%
def check(results, common, vectors, classes):
    """Check what should hold after a full training on the phrasebook."""
    if FLAGS.text_file or FLAGS.dataset != "phrasebook" or FLAGS.epochs < 10:
        print("\nNothing is claimed of this text, or of so few passes over it.")
        return
    print()
    share, chance = same_class_share(vectors, classes)
    claim(
        share > 5 * chance,
        f"{share:.0%} of a noun's nearest nouns are of its class, by chance {chance:.0%}",
    )
    rho = results["this"][1]["ρ"]
    claim(rho > 0.6, f"cosines follow the grades of the lexicon: ρ = {rho:.3f}")
    if common:
        theirs = [measured["ρ"] for name, (_, measured) in results.items() if name != "this"]
        claim(
            rho > min(theirs) - 0.02,
            f"as well as gensim's: ρ = {min(theirs):.3f}, {max(theirs):.3f}",
        )
        claim(
            common["with gensim"] > common["gensim's own"] - 0.05,
            "and its neighbours are gensim's, nearly as much as gensim's own are",
        )


if __name__ == "__main__":
    command_line.run(main)
