"""The page with the real ONNX Runtime Web, in Chromium: from a server for files and from the disk.

The other tests in a browser have a stub in its place, which needs neither a model nor WebAssembly.
"""

import base64
import contextlib
import gzip
import re
import shutil
import subprocess
import sys
import time

import pytest

import tf_transformer as tft
from docs.browser import Browser
from tests.page.javascript import NPM_DIR, needs_browser, needs_runtime
from tf_transformer.page.packed_files import write_packed

pytestmark = [pytest.mark.long, needs_browser, needs_runtime]

MOTION = {"name": "prefers-reduced-motion", "value": "reduce"}  # all tokens come at once
SECONDS = 300  # most for an answer
SENTENCES = [
    "Quem vendeu a casa azul?",
    "O gato que dorme na cadeira é preto.",
    "A minha irmã comprou um livro.",
    "Ela não gosta do café.",
    "Onde fica a estação?",
]
LEAST = 4  # of them are translated in int8 as in Python: rounding changes a word here and there

_STATE = """
const status = document.getElementById("status")?.textContent ?? "";
const written = document.getElementById("translation");
const isDone = document.getElementById("go")?.disabled === false
  && !written.classList.contains("running") && written.textContent !== "";
[status.startsWith("This browser cannot") ? status : "", isDone ? written.textContent : ""]
"""
_SELECT_ALL = 'byId("beam").value = "1"; byId("text").focus(); byId("text").select()'
_ASK = 'byId("translation").replaceChildren(); byId("go").click()'
_LOAD_FROM_ELSEWHERE = """
globalThis.refused = [];
addEventListener("securitypolicyviolation", (e) => refused.push(e.effectiveDirective));
fetch("http://127.0.0.1:9/").catch(() => {});
"""


@pytest.fixture(scope="module")
def translator():
    return tft.from_pretrained("pt_en")


@pytest.fixture(scope="module")
def page(translator, tmp_path_factory):
    """A page as recipe 13 makes it, in int8."""
    directory = tmp_path_factory.mktemp("pages") / "pt_en"
    return tft.page.export_page(translator, directory, npm_dir=NPM_DIR)


@contextlib.contextmanager
def served(directory):
    """Serve a folder as the book says; give the page's address."""
    command = [sys.executable, "-u", "-m", "http.server", "0", "--bind=127.0.0.1"]
    command.append(f"--directory={directory}")
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as server:
        try:
            yield re.search(r"http://[\d.:]+/", server.stdout.readline())[0]
        finally:
            server.terminate()


@contextlib.contextmanager
def opened(address):
    """Open a page in a browser of its own, and wait for its first translation."""
    with Browser(1100, 900) as browser:
        browser.call("Emulation.setEmulatedMedia", features=[MOTION])
        browser.open(address, 0)
        answer(browser)
        yield browser


def answer(browser):
    """Return the translation, as soon as it is complete."""
    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        failure, translation = "", ""
        with contextlib.suppress(RuntimeError):  # the page is not there yet
            failure, translation = browser.run(f"{{{_STATE}}}", 0.1)
        assert not failure, failure
        if translation:
            return translation
    raise AssertionError(f"there was no answer in {SECONDS} s")


def typed(browser, text):
    """Type a text, and return its translation."""
    browser.run(_SELECT_ALL, 0)
    browser.call("Input.insertText", text=text)
    assert browser.run('byId("text").value', 0) == text
    browser.run(_ASK, 0)
    return answer(browser)


@pytest.mark.parametrize("way", ["http.server", "file"])
def test_what_is_typed_is_translated_as_in_python(page, translator, way):
    served_or_not = served(page) if way == "http.server" else contextlib.nullcontext()
    with served_or_not as address, opened(address or (page / "index.html").as_uri()) as browser:
        found = [typed(browser, text) for text in SENTENCES]
        browser.run(_LOAD_FROM_ELSEWHERE, 0.5)
        assert browser.run("refused", 0) == ["connect-src"]
    assert same(found, translator) >= LEAST, found


def same(found, translator):
    """Return how many translations are those of Python's greedy search."""
    expected = translator(SENTENCES, beam_size=1)
    return sum(ours == theirs for ours, theirs in zip(expected, found, strict=True))


def test_a_policy_that_forbids_webassembly_would_be_found(page, tmp_path):
    broken = shutil.copytree(page, tmp_path / "page")
    index = broken / "index.html"
    text = index.read_text(encoding="utf-8")
    index.write_text(text.replace(" 'wasm-unsafe-eval'", ""), encoding="utf-8")
    said = "This browser cannot run the model"
    with pytest.raises(AssertionError, match=said), opened(index.as_uri()):
        pass


def test_a_model_with_other_weights_would_be_found(page, translator, tmp_path):
    onnx = pytest.importorskip("onnx")
    broken = shutil.copytree(page, tmp_path / "page")
    path = broken / "model" / "step.onnx"
    (packed,) = re.findall(r'= "(\S+)";', path.with_name("step.onnx.js").read_text())
    model = onnx.load_from_string(gzip.decompress(base64.b64decode(packed)))
    weights = max(model.graph.initializer, key=lambda each: len(each.raw_data))
    weights.raw_data = weights.raw_data[::-1]
    write_packed(path, model.SerializeToString())
    with opened((broken / "index.html").as_uri()) as browser:
        found = [typed(browser, text) for text in SENTENCES]
    assert same(found, translator) < LEAST, found
