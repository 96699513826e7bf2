# %% [markdown]
# # Export
#
# This page takes a trained model to where it is used. It exports a SavedModel, which takes text and
# gives text: tokenizer, Transformer and search are one graph. It needs TensorFlow and
# tensorflow-text, and nothing of this package. TensorFlow Serving answers with it over HTTP.
#
# The file is a program too. It also exports to engines that need no TensorFlow: CTranslate2,
# LiteRT, ONNX and OpenVINO ([Engines](../docs/engines.md)):
#
#     python recipes/08_export.py
#     python recipes/08_export.py --run_dir=runs/mine --format=ctranslate2 --quantization=int8
#     python recipes/08_export.py --run_dir=runs/mine --format=onnx --quantization=int8
#
# The program is `tf_transformer/cli/export.py`, which the command `tft export` runs, too.

# %%
import tf_transformer as tft

tft.cli.run_as_script("export")  # a script runs the program, and ends here

# %% [markdown]
# ## A model
#
# The page takes the newest translator in `runs`, such as [recipe 05](05_train_translator.py)
# leaves. Where there is none, it takes the one that comes with the package.

# %%
run_dir = tft.training.newest_run("translator")
translator = tft.load(run_dir) if run_dir else tft.from_pretrained("pt_en")
run_name = run_dir.name if run_dir else "pt_en"

# %% [markdown]
# ## The export
#
# Each export becomes the next version in its directory: 1, 2, … None is ever overwritten, so you
# can run this cell again. TensorFlow Serving serves the newest. A model that is not clearly better
# than copying its input is refused, unless you ask for it anyway.

# %%
export_anyway = False  # whether a model that has learned little is exported, too

path = translator.export(f"saved_models/{run_name}", export_anyway=export_anyway)
for file in sorted(path.rglob("*")):
    if file.is_file():
        print(f"{file.stat().st_size / 1e3:10,.1f} kB  {file}")

# %% [markdown]
# ## The card
#
# A model travels with its card: what it was trained on, how it scores and beside what, the licence
# of the data. The card is the `README.md` of the export. These are its first lines.

# %%
card = (path / "README.md").read_text(encoding="utf-8")
print(card.partition("## Use")[0])

# %% [markdown]
# ## Signatures
#
# From here on the page does without the package, as a server does. A signature is a function of
# tensors, with names. Each of these takes any number of texts: `None` is the size of a batch, or a
# length.

# %%
import tensorflow as tf
import tensorflow_text  # noqa: F401  registers the tokenizer's operations

model = tf.saved_model.load(str(path))
for name, signature in model.signatures.items():
    _, inputs = signature.structured_input_signature
    print(f"\n{name} takes {', '.join(inputs)}, and gives")
    for output, spec in sorted(signature.structured_outputs.items()):
        print(f"    {output:20} {spec.dtype.name:8} {tuple(spec.shape)}")

# %% [markdown]
# ## A request and its answer
#
# `serving_default` translates greedily, `translate_beam` by the beam search that the model was
# scored with. Any bytes may come in: an empty text gives an empty one, and a text of several
# sentences is translated sentence by sentence.

# %%
requests = ["Quem vendeu a casa azul?", "Ela não gosta do café. Vendeste a casa?", ""]

answer = model.signatures["serving_default"](tf.constant(requests))
for request, translation, score in zip(
    requests, answer["translation"].numpy(), answer["score"].numpy(), strict=True
):
    print(f"{request!r} → {translation.decode()!r}, score {score:.2f}")

answer = model.signatures["translate_beam"](tf.constant(requests[:1]))
print("\nby beam search:")
for translation, score in zip(answer["translations"][0], answer["scores"][0], strict=True):
    print(f"{score:8.3f}  {translation.numpy().decode()}")

# %% [markdown]
# `attend` shows where the model looked, and `embed` gives a vector for each sentence: the mean of
# what the encoder says of its tokens. The picture has the cosines of four of them. Sentences that
# share words are near each other, whatever they mean: a sentence and its negation, too. The model
# was trained to translate, which needs both, and not to tell meanings apart.

# %%
answer = model.signatures["attend"](tf.constant(requests[:1]))
print(*(token.decode() for token in answer["target_tokens"][0].numpy()))
print("attention", answer["attention"].shape, "for (text, layer, head, target, source)")

sentences = ["O gato dorme.", "Um gato dorme.", "O gato não dorme.", "Ela vendeu a casa."]
vectors = tf.nn.l2_normalize(model.signatures["embed"](tf.constant(sentences))["embedding"], axis=1)
title = "Shared words bring sentences near"
cosines = {title: tf.matmul(vectors, vectors, transpose_b=True).numpy()}
pictures = tft.plots.Gallery("runs/export")
pictures.matrices("embed", cosines, rows=sentences, columns=sentences, numbers=".2f")

# %% [markdown]
# ## Over HTTP
#
# TensorFlow Serving comes as a Docker image, and knows the operations of tensorflow-text:
#
# ```
# docker run -p 8501:8501 -v $PWD/saved_models/phrasebook-tiny:/models/pt_en \
#     -e MODEL_NAME=pt_en tensorflow/serving
# curl http://localhost:8501/v1/models/pt_en:predict -d '{"inputs": {"text": ["Bom dia."]}}'
# ```
#
# The request has the inputs of a signature by their names, the answer its outputs. The server is
# not started here: this is the body of a request, and of the answer that the signature gives to it.

# %%
import json

request = {"signature_name": "serving_default", "inputs": {"text": requests[:1]}}
answer = model.signatures[request["signature_name"]](tf.constant(request["inputs"]["text"]))
outputs = {name: x.numpy().tolist() for name, x in answer.items()}
print(json.dumps(request, ensure_ascii=False))
print(json.dumps({"outputs": outputs}, ensure_ascii=False, default=bytes.decode, indent=2))

# %% [markdown]
# ## Three exercises
#
# 1. Load the export with `tft.load(path)` and translate the test's first 100 sentences with it and
#    with `translator`. Check: all translations are the same.
# 2. Export once more with `beam_size=8`, and ask `translate_beam` again. Check: the answer has
#    eight translations; the version before still has four.
# 3. Let XLA compile the searches: `python recipes/08_export.py --jit_compile`. Load the export, and
#    time the first request of a length and the second. Check: the export has a warm-up file for the
#    server, in `assets.extra`.
