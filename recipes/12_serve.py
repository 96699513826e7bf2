# %% [markdown]
# # Serve
#
# This page puts a model where others can ask it. It starts a server, asks it over HTTP as any
# program could, reads its figures, and stops it. The server speaks TensorFlow Serving's protocol:
# clients of the one are clients of the other.
#
# The file is a program too:
#
#     python recipes/12_serve.py
#     python recipes/12_serve.py --model_dir=saved_models/mine --rest_port=8501 --grpc_port=8500
#
# The program is `tf_transformer/cli/serve.py`, which the command `tft serve` runs, too. It needs
# `pip install '.[serving]'`. [Serving](../docs/serving.md) tells of versions, labels and limits.

# %%
import tf_transformer as tft

tft.cli.run_as_script("serve")  # a script runs the program, and ends here

# %% [markdown]
# ## A model
#
# The page serves an export of the newest translator in `runs`, such as
# [recipe 08](08_export.py) makes. Where there is no translator, it trains a small one on the
# phrasebook first, for a minute or two.

# %%
export_anyway = False  # whether a model that has learned little is exported, too

run_dir = tft.training.newest_run("translator")
if run_dir is None:
    run_dir = tft.training.free_directory("runs/phrasebook-tiny")
    tft.train("phrasebook", preset="tiny", epochs=1, run_dir=run_dir)
model_dir = f"saved_models/{run_dir.name}"
tft.load(run_dir).export(model_dir, export_anyway=export_anyway)

# %% [markdown]
# ## The server
#
# As a program it runs until Ctrl-C. Here it runs beside the page, on a free port, and keeps what it
# logs. It is ready when it has called each signature of the model once: the first user waits no
# longer than the second.

# %%
log = []
server = tft.serving.start_server(model_dir, log=log.append)
print(server.url)

# %% [markdown]
# ## A question and its answer
#
# Python's own library is enough to ask. A body with `instances` has one row for each text, and the
# answer has a row for each.

# %%
import json
import urllib.error
import urllib.request

url = f"{server.url}/v1/models/{run_dir.name}"


def ask(body, path=":predict"):
    """Return the status and the JSON of an answer."""
    try:
        with urllib.request.urlopen(url + path, body and json.dumps(body).encode()) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


status, answer = ask({"instances": ["Quem vendeu a casa azul?", "O gato dorme."]})
print(status, json.dumps(answer, ensure_ascii=False, indent=2))

# %% [markdown]
# A body with `inputs` has columns in place of rows. It may name another signature.

# %%
body = {"signature_name": "translate_beam", "inputs": {"text": ["Quem vendeu a casa azul?"]}}
status, answer = ask(body)
print(status)
for translation, score in zip(
    answer["outputs"]["translations"][0], answer["outputs"]["scores"][0], strict=True
):
    print(f"{score:8.3f}  {translation}")

# %% [markdown]
# ## What is wrong is said
#
# The status says whose mistake it is: 4xx means that the request has to change, 503 that the queue
# is full and a later request may find a place. The words are TensorFlow Serving's.

# %%
for body in ({"instances": [7]}, {"instances": []}, {"signature_name": "sing", "inputs": []}):
    status, answer = ask(body)
    print(status, answer["error"], end="\n\n")

# %% [markdown]
# ## Many at once
#
# Sixty clients ask at the same moment. What waits together is translated together: the log has the
# size of the batch in which each request was answered. The first find a free thread and go alone,
# the others share.

# %%
from concurrent.futures import ThreadPoolExecutor

before = len(log)
with ThreadPoolExecutor(60) as clients:
    answers = list(clients.map(ask, [{"instances": ["O gato dorme."]}] * 60))
print({status for status, _ in answers}, "is the status of all of them")

lines = [json.loads(line) for line in log[before:]]
sizes = sorted({line["batch_rows"] for line in lines})
counts = [sum(line["batch_rows"] == size for line in lines) for size in sizes]
pictures = tft.plots.Gallery("runs/serve")
figure = tft.plots.bar_figure(
    {"Together": counts}, names=[str(size) for size in sizes], x="texts in a batch", y="requests"
)
pictures.show("batches", figure)

# %% [markdown]
# ## Figures
#
# Prometheus reads these, under TensorFlow Serving's names where it has the same figure. Each
# request is also a line of the log, without its text.

# %%
names = (":tensorflow:serving:request_count{", "tft_rows_total", "tft_text_bytes_total")
with urllib.request.urlopen(f"{server.url}/monitoring/prometheus/metrics") as metrics:
    figures = metrics.read().decode().splitlines()
print(*(line for line in figures if line.startswith(names)), sep="\n")
print(log[0])

# %% [markdown]
# ## The end
#
# A server that is told to stop takes no new requests, and answers those that have begun.

# %%
server.stop()

# %% [markdown]
# ## Three exercises
#
# 1. Start the server again, export the model once more while it runs, and ask
#    `ask(None, path="")` until it tells of version 2. Check: no request fails in between.
# 2. Write `{"stable": 1, "canary": 2}` into `labels.json` in the model's directory, and ask
#    `ask(body, path="/labels/stable:predict")`. Check: version 1 answers.
# 3. Start it with `max_waiting_rows=10`, and let the sixty clients ask again. Check: some are
#    answered 503, at once.
