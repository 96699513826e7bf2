# %% [markdown]
# # Translate
#
# A trained model gives a probability to every next token. It does not say which translation to
# take: that is the work of a search. This page compares three ways to find a translation, and looks
# into the model while it writes.
#
# The file is a program too. It translates its arguments, lines on standard input, or what you type:
#
#     python recipes/06_translate.py "Quem vendeu a casa azul?"
#     python recipes/06_translate.py --model_dir=saved_models/mine < sentences.txt
#     python recipes/06_translate.py --model_dir=saved_models/both --to=pt "Who sold the house?"
#     python recipes/06_translate.py --attention_html=look.html "Quem vendeu a casa azul?"
#
# The program is `tf_transformer/cli/translate.py`, which the command `tft translate` runs, too.

# %%
import tf_transformer as tft

tft.cli.run_as_script("translate")  # a script runs the program, and ends here

# %% [markdown]
# ## A model
#
# The page takes the newest translator in `runs`, such as [recipe 05](05_train_translator.py)
# leaves. Where there is none, it takes the one that comes with the package.

# %%
run_dir = tft.training.newest_run("translator")
translator = tft.load(run_dir) if run_dir else tft.from_pretrained("pt_en")
run_name = run_dir.name if run_dir else "pt_en"
print(f"{run_name}: BLEU {translator.card.scores.bleu:.1f}")

# %% [markdown]
# ## One sentence, or many
#
# A `str` gives a `str`, a list gives a list. A text may hold several sentences, or lines: each is
# translated by itself. A word with a letter that training has never shown, as in "Zoë", is copied
# whole, and so is what has no letters.

# %%
text = "Quem vendeu a casa azul?"
print(translator(text))
for line in translator([text, "A Zoë comprou um livro. Ela não o leu.", "… 3,14 …", ""]):
    print(repr(line))

# %% [markdown]
# ## Greedy search
#
# Greedy search takes the most probable token at each step, until that is END. The score is the
# log-probability of the whole translation, the sum over its tokens:
#
# $$\log p(y \mid x) = \sum_t \log p(y_t \mid y_1 … y_{t-1}, x)$$

# %%
found = translator(text, details=True)
for name, value in found.items():
    print(f"{name:12} {value}")

# %% [markdown]
# ## Beam search
#
# The most probable first word may lead to an improbable sentence. Beam search keeps the best few
# beginnings and compares them at each step. A longer sentence has a smaller probability, whatever
# it says. The score is therefore divided by a penalty that grows with the length (Wu et al. 2016):
#
# $$score(y) = \log p(y \mid x) \Big/ \left(\frac{5 + |y|}{6}\right)^\alpha$$
#
# The list shows what else the model considered. Look at how the scores fall, and where: often one
# word differs.

# %%
found = translator(text, beam_size=4, n_best=4, details=True)
for score, translation in zip(found["scores"], found["translations"], strict=True):
    print(f"{score:7.3f}  {translation}")

# %% [markdown]
# ## Is a wider beam better?
#
# The test has sentences for which the two searches differ. Where they do, beam search nearly always
# found the more probable sentence, but not always the better one: the model is what decides, and a
# wide beam finds its mistakes, too.

# %%
n = 200  # sentences to compare on; try 1000

corpus = tft.load_corpus(tft.Run(run_dir).load_config()[0] if run_dir else "phrasebook")
pairs = corpus.pairs(corpus.evaluation_split)[:n]
greedy, beam = translator(pairs.sources), translator(pairs.sources, beam_size=4)
differ = [i for i in range(len(pairs)) if greedy[i] != beam[i]]
print(f"{len(differ)} of {len(pairs)} translations differ.")
for i in differ[:4]:
    print(f"\n  {pairs.sources[i]}\n= {pairs.targets[i]}")
    print(f"  greedy  {greedy[i]}\n  beam    {beam[i]}")

# %% [markdown]
# ## Drawing at random
#
# A translation can also be drawn, token by token, from the model's probabilities. The temperature
# divides the logits before the softmax: below 1 the draws keep to what is probable, above 1 they
# are wild. After three epochs of training, the model is so sure of this sentence that temperature 1
# hardly changes it; after one epoch it is not. At
# temperature 2 expect nonsense: improbable pieces are many, and together they win.

# %%
for temperature in (0.5, 1.0, 2.0):
    print(f"\ntemperature {temperature}")
    for seed in range(3):
        print(" ", translator(text, seed=seed, temperature=temperature))

# %% [markdown]
# ## Where it looks
#
# While it writes a token, each head of each decoder layer mixes what the encoder says of the source
# by weights that sum to 1. A row is a token that was written, a column one that was read. Some
# heads look at the word that is translated, others at a neighbour, or at the end of the sentence.

# %%
pictures = tft.plots.Gallery("runs/translate")
found = translator.attention(text)
sources, targets = found["source_tokens"], found["target_tokens"]
title = "Where each head of the decoder looks while it writes"
figure = tft.plots.attention_figure(found["attention"], sources, targets, title=title)
pictures.show("attention", figure)

# %% [markdown]
# ## A page to explore
#
# The page below has all heads, of encoder and decoder, too. Open it in a browser and point at a
# word: it needs no network.

# %%
kinds = {"cross": "attention", "encoder": "encoder_attention", "decoder": "decoder_attention"}
attention = {kind: found[name] for kind, name in kinds.items() if name in found}
tft.plots.save_attention_page("runs/translate/attention.html", attention, sources, targets)
print("wrote runs/translate/attention.html")

# %% [markdown]
# ## Three exercises
#
# 1. Take the sentences whose greedy and beam translations differ, and print both scores, the beam's
#    with `alpha=0`. Check: beam search should have the higher one nearly always.
# 2. Set `alpha` to 0, 1 and 3 in a beam of 8. Check: the translations should get longer on average,
#    not shorter.
# 3. Draw the attention of a relative clause, "O rapaz que vendeu a casa azul está a dormir." Check:
#    when it writes "who", a head looks at "que".
