"""How quick the page is in a browser: the first answer, and the tokens of a second.

    python -m benchmarks.page --page=pages/pt_en

Each round is a new Chromium without a cache, which opens the page from the disk. The first answer
is a translation of its first sentence with a beam of 4: the time until it stands there includes the
start of ONNX Runtime Web and reading the model. Then all sentences that the page has to choose from
are translated, with nothing else running, and shown at each step as a person sees them.
"""

from __future__ import annotations

import json
import statistics
import sys
import time
from pathlib import Path

from absl import flags

from docs.browser import Browser
from tf_transformer.files import write_json

FLAGS = flags.FLAGS
flags.DEFINE_string("page", "pages/pt_en", "folder of a page, of recipe 13")
flags.DEFINE_integer("rounds", 3, "browsers, one after the other")
flags.DEFINE_string("json", "runs/benchmarks/page.json", "where the figures go")

_SECONDS = 300  # most for a round
_MOTION = {"name": "prefers-reduced-motion", "value": "reduce"}  # the page makes no pauses
_FIRST = """
document.getElementById("go").disabled || document.querySelector(".running")
  || !document.getElementById("translation").textContent ? null : performance.now() / 1000
"""
_FAILED = 'document.getElementById("status").textContent'
_START = """
globalThis.rate = null;
(async () => {
  let tokens = 0;
  byId("beam").value = BEAM;
  const began = performance.now();
  for (const text of settings.examples) {
    byId("text").value = text;
    await translate();
    for (const run of runs) if (run.state) tokens += pathOf(run).length;
  }
  globalThis.rate = 1000 * tokens / (performance.now() - began);
})();
"""


def measure(page):
    """Return the figures of a round: `first_answer`, in seconds, and tokens/s by size of the beam.

    Args:
        page: path of the page's folder.
    """
    with Browser(1100, 1240) as browser:
        browser.call("Emulation.setEmulatedMedia", features=[_MOTION])
        browser.open((page / "index.html").resolve().as_uri(), 0)
        figures = {"first_answer": _wait(browser, _FIRST)}
        for beam in (1, 4):
            browser.run(_START.replace("BEAM", str(beam)), 0)
            figures[f"tokens_per_second_beam_{beam}"] = _wait(browser, "globalThis.rate")
    return figures


def _wait(browser, script):
    """Return the value of a script as soon as it has one."""
    end = time.monotonic() + _SECONDS
    while time.monotonic() < end:
        try:
            value = browser.run(script, 0.02)
        except RuntimeError:  # the page is not there yet
            value = None
        if value is not None:
            return value
    raise SystemExit(f"There was no answer in {_SECONDS} s. {browser.run(_FAILED, 0)}")


def main():
    page = Path(FLAGS.page)
    if not (page / "index.html").is_file():
        sys.exit(f"page={page} has no index.html: make a page with tft page --export={page}.")
    rounds = []
    for turn in range(FLAGS.rounds):
        rounds.append(measure(page))
        print(f"  {turn + 1}/{FLAGS.rounds}: {json.dumps(rounds[-1])}", flush=True)
    medians = {name: statistics.median(each[name] for each in rounds) for name in rounds[0]}
    Path(FLAGS.json).parent.mkdir(parents=True, exist_ok=True)
    write_json(FLAGS.json, {"medians": medians, "rounds": rounds})
    print(f"First answer after {medians['first_answer']:.2f} s")
    for beam in (1, 4):
        print(f"Beam {beam}: {medians[f'tokens_per_second_beam_{beam}']:,.0f} tokens a second")


if __name__ == "__main__":
    from tf_transformer.cli import command_line  # keeps TensorFlow's start-up quiet

    command_line.run(main)
