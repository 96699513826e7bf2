# %% [markdown]
# # Export
#
# Takes the best checkpoint of a finished run to where it is used: a SavedModel, for Python and
# TensorFlow Serving, or a model for CTranslate2, a C++ engine that runs without TensorFlow.
#
#     python recipes/08_export.py
#     python recipes/08_export.py --run_dir=runs/mine --format=ctranslate2 --quantization=int8

# %% [markdown]
# ## The model and its card
#
# A model travels with its card: what it was trained on, how it scores, the licence of the data. The
# run's `config.json` and `metrics.json` know all that: the text it was trained on is not needed.

# %% [markdown]
# ## Where it goes
#
# A SavedModel becomes the next version in its directory. A CTranslate2 model has a directory of its
# own; with it lies `translate.py`, which needs nothing of this package.
#
# `--jit_compile` lets XLA compile the searches of a SavedModel, each for a few shapes. That takes
# seconds a shape, when it is first asked for: so TensorFlow Serving finds a warm-up file in the
# model, and plays it before it serves. In Python, `tft.load_saved_model(…, warm_up=True)` does.

# %% [markdown]
# ## The program
#
# It is `tf_transformer/cli/export.py`, which the command `tft export` runs, too.

# %%
from tf_transformer.cli import command_line

if __name__ == "__main__":
    command_line.run_program("export")
