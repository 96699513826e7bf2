"""A page whose ONNX Runtime Web is a stub: the rest of it is real."""

import json
from pathlib import Path

import pytest

from tests.export.conftest import make_card, make_translator
from tf_transformer.page import export_page, runtime
from tf_transformer.tasks.confidence import Confidence


@pytest.fixture(scope="module")
def npm_dir(tmp_path_factory):
    """Where a package was installed that has all files of ONNX Runtime Web."""
    home = tmp_path_factory.mktemp("npm")
    dist = home / "node_modules" / "onnxruntime-web" / "dist"
    dist.mkdir(parents=True)
    version = json.dumps({"version": f"{runtime.TESTED}"})
    (dist.parent / "package.json").write_text(version)
    stub = Path(__file__).with_name("stub_runtime.js").read_text(encoding="utf-8")
    (dist / "ort.wasm.min.js").write_text(f"{stub}\n//# sourceMappingURL=ort.wasm.min.js.map\n")
    for name in ("mjs", "wasm"):
        (dist / f"ort-wasm-simd-threaded.{name}").write_text(f"the {name}")
    return home


@pytest.fixture(scope="module")
def translator():
    made = make_translator("sentencepiece", 300, joint=True, tie="all")
    made.confidence = Confidence(counts=[9] * made.source_tokenizer.vocab_size, weights=[1] * 5)
    made.card = make_card()
    return made


@pytest.fixture(scope="module")
def export(translator, npm_dir):
    """Exports a page, without a conversion to ONNX."""

    def save_onnx(model, directory, quantization, attention):
        assert attention
        for name in ("encoder", "step"):
            (Path(directory) / f"{name}.onnx").write_bytes(name.encode())

    def export(directory, translator=translator, **options):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("tf_transformer.page.page_folder.save_onnx", save_onnx)
            return export_page(translator, directory, **{"npm_dir": npm_dir} | options)

    return export


@pytest.fixture(scope="module")
def page(export, tmp_path_factory):
    return export(tmp_path_factory.mktemp("pages") / "pt_en")
