# %% [markdown]
# # A language model
#
# A Transformer's decoder alone, without a source to look at, learns one thing: which token comes
# next. That is enough to go on with any text. GPT is this model, made large. Here it is small. It
# reads what Python's `help()` says of Python, character by character, for two minutes.
#
# The file is a program too, for text of your own:
#
#     python recipes/09_language_model.py
#     python recipes/09_language_model.py --dataset=mine.txt --prompt="Once upon"
#     python recipes/09_language_model.py --model_dir=saved_models/mine --prompt="Once upon"
#
# Its defaults are nanoGPT's small setting for a CPU. On Shakespeare's plays, `--dataset=input.txt`,
# nanoGPT's validation loss is 1.88 ([results](../docs/results.md)). The program is
# `tf_transformer/cli/language_model.py`, which the command `tft complete` runs, too.

# %%
import tf_transformer as tft

tft.cli.run_as_script("complete")  # a script runs the program, and ends here

# %% [markdown]
# ## The text
#
# The last tenth of the documents is held out. The vocabulary is as small as can be: the characters
# of the text.

# %%
dataset = "python_help"  # or a file of yours, "mine.txt"

text = tft.data.load_text(dataset)
tokenizer = tft.text.Characters.train(text.train, vocab_size=300)
print(f"{sum(map(len, text.train)):,} characters, a vocabulary of {tokenizer.vocab_size}\n")
print(text.train[0][:400])

# %% [markdown]
# ## From text to blocks
#
# The text becomes one long row of ids. The model learns from blocks of 64: at each position it has
# to say the character that comes next, and may look only at those before. One block thus holds 64
# exercises. These are five of them.

# %%
steps_per_epoch = 250  # batches between two validations

train, held_out = (tft.data.tokenize_documents(x, tokenizer) for x in (text.train, text.validation))
batches = tft.data.BlockBatches(train, 64, batch_tokens=768, steps_per_epoch=steps_per_epoch)
validation = tft.data.BlockBatches(held_out, 64, batch_tokens=768)
token_ids, _ = next(iter(batches.dataset()))
block = tokenizer.detokenize(token_ids[:1]).numpy()[0].decode()
for end in (1, 2, 8, 16, 32):
    print(f"{block[:end]!r:45} → {block[end : end + 1]!r}")

# %% [markdown]
# ## The model and its training
#
# Four layers of four heads, 128 wide. The only difference from a translator's decoder is that it
# has no second attention, as there is nothing else to look at. The loss is the surprise at the next
# character, in nats:
#
# $$L = -\frac{1}{T} \sum_{t=1}^{T} \log p(x_t \mid x_1 … x_{t-1})$$

# %%
import keras

epochs = 8  # of 250 batches; try 2

keras.utils.set_random_seed(1)
config = tft.config.LanguageModelTraining(epochs=epochs, steps_per_epoch=steps_per_epoch)
model = tft.CausalLM(tft.CausalLMConfig(vocab_size=tokenizer.vocab_size))
print(f"{model.count_params():,} weights")
run = tft.Run.create(tft.training.free_directory("runs/python_help-lm"))
checkpoints = tft.training.fit(model, config, batches, validation, run=run)

# %% [markdown]
# ## How it learned
#
# At first the model learns how often each character comes, then how words are spelled. The
# perplexity, $e^L$, is the number of characters between which it wavers. Bits a character, $L / \ln
# 2$, are the measure by which models with different vocabularies can be compared.

# %%
import math

pictures = tft.plots.Gallery("runs/language_model")
best = checkpoints.best_epoch
pictures.show("learning_curve", tft.plots.learning_curve_figure(checkpoints.epochs, best))
loss, perplexity = best["val_loss"], best["val_perplexity"]
print(f"loss {loss:.3f}, perplexity {perplexity:.2f}, {loss / math.log(2):.2f} bits per character")
print(tft.evaluation.judge_perplexity(perplexity, train, held_out, tokenizer.vocab_size))

# %% [markdown]
# ## Where it is surprised
#
# Here is a line that the model has never read. Below each character stands how surprised it is, in
# bits, −log₂ p, at most 9. The high numbers are where words begin: the rest of a word often follows
# from its beginning.

# %%
line = "The only special operation on a module is attribute access."
model = run.model()  # the best one
ids = tokenizer.tokenize([line]).to_tensor()
log_p = keras.ops.log_softmax(model(ids)).numpy()[0]
bits = [-log_p[i, ids[0, i + 1]] / math.log(2) for i in range(len(line) - 1)]
print(line, " " + "".join(f"{min(bit, 9):.0f}" for bit in bits), sep="\n")

# %% [markdown]
# ## Going on with a prompt
#
# The model reads the prompt and then draws character after character from its own probabilities.
# The temperature divides the logits before the softmax. At 0 it always takes the most probable
# character, and soon repeats itself. At 0.5 it is careful, at 1 as the text is, at 1.5 wild.
#
# What to expect? This model has 0.8 million weights, has read 1.5 million characters, and looks
# back at 64 of them. It spells most words right, and it often sets brackets, quotes and indents as
# its text does. What it writes means nothing, and that is not a mistake: GPT-2 has two thousand
# times the weights, and has read 40 gigabytes.

# %%
prompt = "The following methods"  # a beginning that the text has, too

complete = tft.Completer(model, tokenizer)
for temperature in (0, 0.5, 1, 1.5):
    print(f"--- temperature {temperature}")
    print(prompt + complete(prompt, max_tokens=240, temperature=temperature), end="\n\n")

# %% [markdown]
# ## Three exercises
#
# 1. Train for 24 epochs. How low does the validation loss get before it rises again? Number to
#    beat: 1.65 bits per character after 8.
# 2. Use word pieces: `tft.text.SentencePiece.train(text.train, vocab_size=2000)` in place of the
#    characters. Its loss is not comparable. Check: bits a character are: divide the loss of all
#    tokens by the number of characters.
# 3. Draw with `top_k=5`, and with `top_p=0.9`, at temperature 1. Check: misspelled words should
#    become rare: the draws leave out what is improbable.
