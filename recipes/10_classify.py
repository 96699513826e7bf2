# %% [markdown]
# # Classify texts
#
# A Transformer's encoder alone, its output averaged over the words, says of what kind a text is.
# This page trains one, looks at its mistakes, and asks which words it goes by. It learns in a
# minute to tell affirmative sentences of the built-in phrasebook from negative ones and from
# questions, without the mark at their end.
#
# The file is a program too, for texts of your own: lines of label TAB text.
#
#     python recipes/10_classify.py --dataset=mine.tsv
#     python recipes/10_classify.py --dataset=reviews/train.tsv,reviews/test.tsv --seeds=5
#     python recipes/10_classify.py --model_dir=saved_models/phrasebook-classes --text="Do you sing"
#
# The program is `tf_transformer/cli/classify.py`, which the command `tft classify` runs, too.

# %%
import tf_transformer as tft

tft.cli.run_as_script("classify")  # a script runs the program, and ends here

# %% [markdown]
# ## Texts and their classes
#
# The texts are divided into three: those to learn from, those that say when to stop, and the test,
# which is looked at once, at the end.

# %%
dataset = "phrasebook"  # or a file of yours, "mine.tsv": lines of label TAB text

corpus = tft.data.load_labelled(dataset)
print(corpus.report())
for label, name in enumerate(corpus.classes):
    own = (i for i, each in enumerate(corpus.train.labels) if each == label)
    print(f"{name:12} {corpus.train.texts[next(own)]}")

# %% [markdown]
# ## The model
#
# Each text becomes a row of word pieces. Two encoder layers read them, without any mask but that of
# padding: every word sees every other. The mean of their outputs $h_t$ goes through one matrix to a
# probability for each class:
#
# $$p = \mathrm{softmax}\left(W \cdot \frac{1}{T} \sum_{t=1}^{T} h_t + b\right)$$
#
# A model soon knows a small set by heart. What helps: few layers, dropout, and words hidden at
# random (`word_dropout`), so that the model relies on no single one.

# %%
import keras

keras.utils.set_random_seed(1)
tokenizer, _ = tft.train_tokenizers(corpus.train.texts, [], "wordpiece", vocab_size=16000)
shape = tft.ClassifierConfig(vocab_size=tokenizer.vocab_size, num_classes=len(corpus.classes))
model = tft.TransformerClassifier(shape)
print(f"{model.count_params():,} weights, {tokenizer.vocab_size:,} word pieces")

# %% [markdown]
# ## Training
#
# After each epoch the model classifies the held-out texts. The weights that get most of them right
# are kept.

# %%
epochs = 10  # passes over the texts; try 3


def batches_of(texts):
    """Return batches of texts of like length."""
    return tft.data.LabelledBatches(
        texts, tokenizer, len(corpus.classes), shape.max_length, batch_tokens=2048
    )


config = tft.config.ClassifierTraining(epochs=epochs)
run = tft.Run.create(tft.training.free_directory("runs/phrasebook-classes"))
checkpoints = tft.training.train_classifier(
    model, config, batches_of(corpus.train), batches_of(corpus.validation), run=run
)

# %% [markdown]
# ## How it learned
#
# The accuracy comes near to 100 %, but the loss stays above 0: the labels are smoothed, so that
# even a right answer may not be too sure. In training words are hidden, which makes the task harder
# there than in validation.

# %%
pictures = tft.plots.Gallery("runs/classify")
best = checkpoints.best_epoch
pictures.show("learning_curve", tft.plots.learning_curve_figure(checkpoints.epochs, best))

# %% [markdown]
# ## What it takes for what
#
# A row is what a text is, a column what the model says; right answers are on the diagonal. The
# accuracy alone could hide a class that is never found. Whoever always says "affirmative" is right
# for three of four texts.

# %%
import numpy as np

model = run.model()  # the best one
classify = tft.TextClassifier(model, tokenizer, corpus.classes)
answers = classify(corpus.test.texts)
confusion = np.zeros((len(corpus.classes), len(corpus.classes)))
for label, answer in zip(corpus.test.labels, answers, strict=True):
    confusion[label, corpus.classes.index(answer)] += 1
title = f"{np.trace(confusion) / confusion.sum():.1%} of the test's texts are classified right"
names = {"rows": corpus.classes, "columns": corpus.classes}
axes = {"x": "what the model says", "y": "what the text is"}
pictures.matrices("confusion", {title: confusion}, numbers=".0f", **names, **axes)
print(tft.evaluation.judge_classes(classify.classify, corpus.classes, corpus.test, corpus.train))

# %% [markdown]
# ## Its mistakes
#
# So high a score says that the task is easy. The labels come from a rule: a question ends with its
# mark, which is cut off here, and any other sentence with "not" or "n't" is negative. The model
# only has to find these words, and those that questions begin with. Real texts are harder: of film
# reviews it classifies 77 % right ([results](../docs/results.md)).

# %%
texts, labels = corpus.test.texts, corpus.test.labels
wrong = [i for i, answer in enumerate(answers) if answer != corpus.classes[labels[i]]]
print(f"{len(wrong)} of {len(texts)} texts are wrong.")
for i in wrong[:5]:
    print(f"  {texts[i]!r} is {corpus.classes[labels[i]]}, not {answers[i]}")

# %% [markdown]
# ## What does it go by?
#
# Hide a word, and see how far the log-odds of the answer fall: that much the word added. Words that
# speak for the answer are blue, those against it orange. Below, in grey, is where attention leads,
# rolled out through all layers (Abnar & Zuidema 2020). What is looked at need not decide.
#
# In a negative sentence "not" should be the bluest, and "do" orange, since most questions have it.
# After three epochs the model may still take such a sentence for an affirmative one. Do not expect
# a strong colour in every sentence: where several words say the same, none of them is missed when
# it is hidden.

# %%
own = [
    "Do you sing in the garden",
    "You do not sing in the garden",
    "You sing in the garden",
    "Who does not sing in the garden",
]
for text, answer in zip(own, classify(own, details=True), strict=True):
    print(f"{answer['label']:12} {answer['probability']:6.1%}  {text}")
found = [tft.evaluation.attribute(model, tokenizer, text) for text in own]
title = "What each word adds to the answer"
pictures.show("words", tft.plots.attribution_figure(found, corpus.classes, title))

# %% [markdown]
# ## Three exercises
#
# 1. Write a statement that the model takes for a question. Which word misleads it? Check: the
#    picture shows it in blue.
# 2. Write the words of the test's sentences in reverse order, and classify them: the accuracy
#    hardly changes. Then make their first letters small. Check: about half of the questions are no
#    longer found. It was the capital of "Do" and "Who" that gave them away, and not the word order:
#    models take the shortcuts that their data leave open.
# 3. Train with three seeds, `set_random_seed(2)` and so on. How far apart are the accuracies? A
#    difference between two models that is smaller than that is chance.
