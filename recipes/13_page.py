# %% [markdown]
# # A page that translates
#
# This page takes a translator into the browser. The encoder and one step of the decoder become two
# ONNX files, which ONNX Runtime Web runs there. All the rest is plain JavaScript that one can read:
# the cleaning of text, the tokenizer in a hundred lines, and the beam search. It shows how each
# token came about: where every head looked, what else was probable, and which beginnings the beam
# has dropped.
#
# The file is a program too:
#
#     npm install onnxruntime-web@1.30.0
#     python recipes/13_page.py --export=pages/mine
#     python -m http.server --directory=pages/mine
#
# The program is `tf_transformer/cli/page.py`, which the command `tft page` runs, too. It needs
# `pip install '.[onnx]'`. npm is needed once, for the files of ONNX Runtime Web: the page loads
# nothing from the network. It opens from a disk as well as from a server.

# %%
import tf_transformer as tft

tft.cli.run_as_script("page")  # a script runs the program, and ends here

# %% [markdown]
# ## A model
#
# The page takes the newest translator in `runs`. Where there is none, it takes the one that comes
# with the package.

# %%
run_dir = tft.training.newest_run("translator")
translator = tft.load(run_dir) if run_dir else tft.from_pretrained("pt_en")

# %% [markdown]
# ## A tokenizer that is a table
#
# A unigram vocabulary gives each piece a log-probability. Of all ways to split a text, the
# tokenizer takes the one with the largest sum. Viterbi's algorithm finds it from left to right: at
# each place it needs only the best way to get there. That is all that `tokenizer.js` does, and this
# table is all that it needs. The tests compare it with SentencePiece on a thousand sentences.

# %%
from tf_transformer.page.page_settings import unigram_model

text = "O gato que dorme na cadeira é preto."  # try one of your own

tokenizer = translator.source_tokenizer
table = unigram_model(tokenizer.model)
(ids,) = tokenizer.tokenize([text]).to_list()
pieces = [table["labels"][i] for i in ids]
costs = [-table["scores"][i] for i in ids]
print(*pieces, f"  log-probability {-sum(costs):.1f}")

pictures = tft.plots.Gallery("runs/page")
figure = tft.plots.bar_figure({"cost": costs}, names=pieces, x="piece", y="−log p, in nats")
pictures.show("pieces", figure)

# %% [markdown]
# ## The page
#
# The weights are rounded to 8 bits, which makes the files a quarter as large. Binary files are
# packed into JavaScript: browsers refuse to read others from a disk. If ONNX Runtime Web is not
# here, the line below says how to get it.

# %%
from pathlib import Path

folder = tft.training.free_directory(f"pages/{run_dir.name if run_dir else 'pt_en'}")
try:
    tft.page.export_page(translator, folder)
except tft.UserError as error:
    print(error)
for file in sorted(Path(folder).rglob("*.*")):
    print(f"{file.stat().st_size / 1e3:10,.1f} kB  {file}")

# %% [markdown]
# ## Three exercises
#
# 1. Translate a sentence at the pace "slowly", and watch the maps. Check: in some heads of the last
#    layer the blue squares run along the diagonal, and step aside where the order of words differs.
# 2. Choose a beam of 1, and then of 8. Check: the blue line of the tree is the same for most
#    sentences. Find one for which it is not.
# 3. Click the second most probable token of a word that the model was not sure of. Check: the rest
#    of the sentence follows suit.
