"""The exported page translates as Python does, with the real ONNX Runtime Web, in Node.js."""

import pytest

import tf_transformer as tft
from tests.page.javascript import NODE, NPM_DIR, RUNTIME, needs_runtime, run_javascript

SENTENCES = 300

pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif(NODE is None, reason="there is no Node.js"),
    needs_runtime,
]

SCRIPTS = ("tokenizer", "rules", "search", "confidence", "engine", "translator", "model/settings")
FILES = ("model/encoder.onnx", "model/step.onnx")

# As `page.js`, but Node.js imports no module from a blob.
_TRANSLATE = """
const ort = require(given.runtime);
ort.env.wasm.numThreads = 1;
const models = { encoder: await unpack("encoder.onnx"), step: await unpack("step.onnx") };
const translator = new Translator(settings, await OnnxEngine.load(ort, models));
const translated = async (piece) => {
  if (typeof piece === "string") return piece;
  if (!piece.ids.length) return piece.text;
  let last;
  for await (last of translator.search(piece, { beamSize: 1, alpha: 0 }));
  return translator.textOf(piece, pathTo(last.found[0].end).map(({ id }) => id));
};
const found = [];
for (const text of given.texts) {
  const pieces = [];
  for (const piece of translator.read(text)) pieces.push(await translated(piece));
  found.push(pieces.join(" "));
}
return found;
"""


@pytest.fixture(scope="module")
def translator():
    return tft.from_pretrained("pt_en")


@pytest.mark.parametrize(
    ("quantization", "least"),
    [("float32", 0.99), ("int8", 0.8)],  # rounding changes a word here and there
)
def test_greedy_translations_are_those_of_python(translator, tmp_path, quantization, least):
    page = tft.page.export_page(translator, tmp_path / "page", quantization, npm_dir=NPM_DIR)
    texts = tft.load_corpus("everyday").pairs("validation").sources[:SENTENCES]
    given = {"texts": texts, "runtime": str(RUNTIME / "ort.wasm.min.js")}
    scripts = [page / f"{name}.js" for name in (*SCRIPTS, *FILES)]
    found = run_javascript(scripts, _TRANSLATE, given, timeout=1_200)
    expected = translator(texts, beam_size=1)
    different = [pair for pair in zip(texts, expected, found, strict=True) if len({*pair[1:]}) > 1]
    print(f"{quantization}: {1 - len(different) / len(texts):.1%} of {len(texts)} are the same")
    assert len(different) <= (1 - least) * len(texts), different
