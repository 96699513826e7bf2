"""Takes the pictures of docs/tensorboard.md: TensorBoard's real pages, of real runs.

    python docs/take_screenshots.py --logdir=runs --run=phrasebook-tiny
    python docs/take_screenshots.py --attention_html=look.html --word=cooked
    python docs/take_screenshots.py --page=pages/pt_en

They need Chromium, `xprof`, and a run of recipe 05 with --histograms and --profile; the second a
page of recipe 06, the third one of recipe 13.
"""

import io
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

from absl import app, flags
from browser import Browser
from PIL import Image

FLAGS = flags.FLAGS
flags.DEFINE_string("logdir", "runs", "what TensorBoard is shown")
flags.DEFINE_string("run", "phrasebook-tiny", "the run, in logdir, that pictures of one run are of")
flags.DEFINE_string("attention_html", None, "take a picture of this page, in place of TensorBoard")
flags.DEFINE_string(
    "page", None, "take a picture of the page in this folder, in place of TensorBoard"
)
flags.DEFINE_string("word", "house", "whose neighbours the projector shows, or that is pointed at")
flags.DEFINE_string("to", str(Path(__file__).with_name("images")), "the folder of the pictures")
flags.DEFINE_list("only", [], "names of pictures; default: all")
flags.DEFINE_float("seconds", 8, "to wait for each page")

_SENTENCE = "#text=O gato que dorme na cadeira é preto."
_COLOURS = 96  # enough for these pages, and the files are a third as large

# In the page: elements within others' shadow trees and frames, too.
_DEEP = """
const deep = (selector, root = document) => {
  const found = [...root.querySelectorAll(selector)];
  for (const element of root.querySelectorAll("*")) {
    const inside = element.shadowRoot || element.contentDocument;
    if (inside) found.push(...deep(selector, inside));
  }
  return found;
};
const withText = (selector, text) =>
  deep(selector).find((element) => element.textContent.trim() === text);
"""

_CHOOSE_COLUMNS = """
const wanted = ["model", "d_model", "learning_rate"];
for (const box of deep("paper-checkbox.hparam-checkbox")) {
  const isWanted = wanted.includes(box.textContent.trim());
  if (box.checked !== isWanted) box.click();
}
"""
_SEARCH = """
const search = deep("vz-projector-input").find((each) => each.label === "Search");
search.paperInput.value = "WORD";
search.paperInput.dispatchEvent(new Event("input", {bubbles: true}));
"""
_CHOOSE_FOUND = "deep('.list .label')[0]?.click()"  # a single one is chosen at once

# name: (address within TensorBoard, width, height, scripts); RUN stands for --run, WORD for --word
_PAGES = {
    "scalars": (
        "?tagFilter=%5E(accuracy%7Cbleu%7Cgradient_norm%7Clearning_rate%7Closs%7Cpadding"
        "%7Cperplexity%7Ctokens_per_second)%24#timeseries",
        1800,
        1080,
        ["deep('[aria-label=\"Close side pane\"]')[0].click()"],
    ),
    "text": ("#text", 1280, 700, []),
    "images": ("#images", 1280, 900, []),
    "graph": (
        "#graphs",
        1280,
        900,
        [
            "withText('paper-item', 'RUN/logs/train').click()",
            "deep('g.node.meta .nodeshape')[0]"
            ".dispatchEvent(new MouseEvent('dblclick', {bubbles: true}))",
            "withText('paper-button', 'Fit to screen').click()",
        ],
    ),
    "hparams": ("#hparams", 1800, 500, [_CHOOSE_COLUMNS]),
    "projector": (
        "#projector",
        1280,
        800,
        ["withText('paper-item', 'RUN/logs/train').click()", _SEARCH, _CHOOSE_FOUND],
    ),
    "histograms": ("#histograms", 1280, 800, []),
    "profile": ("#profile", 1280, 900, []),
}


_POINT = """
[...document.querySelectorAll("#queries [data-i]")].find((token) => token.textContent === "WORD")
  .dispatchEvent(new PointerEvent("pointerover", {bubbles: true}))
"""


def main(arguments):
    del arguments
    if FLAGS.attention_html:
        take_attention_page()
    elif FLAGS.page:
        take_translating_page()
    else:
        take_tensorboard()


def take_attention_page():
    """Point at a word of a page of recipe 06."""
    with Browser(1100, 810) as browser:
        browser.open(Path(FLAGS.attention_html).resolve().as_uri(), 1)
        browser.run(_fill(_POINT), 1)
        _save(Path(FLAGS.to) / "attention_page.png", browser.screenshot())


def take_translating_page():
    """Let a page of recipe 13 translate a sentence, and wait until it has."""
    with Browser(1100, 1240) as browser:
        browser.open(Path(FLAGS.page, "index.html").resolve().as_uri() + _SENTENCE, 1)
        while browser.run("byId('go').disabled || document.querySelector('.running') !== null"):
            print(browser.run("byId('status').textContent", 0))
        _save(Path(FLAGS.to) / "translating_page.png", browser.screenshot())


def take_tensorboard():
    """Start TensorBoard, and take a picture of each of its pages."""
    port = _free_port()
    command = [sys.executable, "-m", "tensorboard.main", f"--logdir={FLAGS.logdir}"]
    board = subprocess.Popen(
        [*command, f"--port={port}", "--host=127.0.0.1", "--load_fast=false"],
        stderr=subprocess.DEVNULL,
    )
    try:
        _wait_for(f"http://127.0.0.1:{port}/data/runs")
        for name, (place, width, height, scripts) in _PAGES.items():
            if not FLAGS.only or name in FLAGS.only:
                with Browser(width, height) as browser:
                    browser.open(f"http://127.0.0.1:{port}/{place}", FLAGS.seconds)
                    for script in scripts:
                        browser.run(f"{{{_DEEP}{_fill(script)}}}", 4)
                    _save(Path(FLAGS.to) / f"tensorboard_{name}.png", browser.screenshot())
    finally:
        board.terminate()
        board.wait()


def _fill(script):
    return script.replace("RUN", FLAGS.run).replace("WORD", FLAGS.word)


def _free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def _wait_for(url, seconds=60):
    for _ in range(seconds):
        try:
            with urllib.request.urlopen(url) as answer:
                if answer.read() != b"[]":
                    return
        except OSError:
            pass
        time.sleep(1)
    raise SystemExit(f"TensorBoard shows no run in {FLAGS.logdir}.")


def _save(path, png):
    image = Image.open(io.BytesIO(png)).convert("RGB")
    image.quantize(_COLOURS, dither=Image.Dither.NONE).save(path, optimize=True)
    print(f"{path}: {path.stat().st_size / 1024:.0f} KB")


if __name__ == "__main__":
    app.run(main)
