"""The folder of the page: what is in it, and what is refused."""

import base64
import gzip
import json
import re

import pytest

from tests.export.conftest import make_translator
from tf_transformer import UserError
from tf_transformer.export.onnx import save_onnx
from tf_transformer.models import Transformer
from tf_transformer.page import runtime
from tf_transformer.page.packed_files import write_packed


def unpacked(path):
    found = re.fullmatch(
        r'\(globalThis\.packed \?\?= \{\}\)\["([\w.]+)"\] = "(.*)";\n', path.read_text()
    )
    assert f"{found[1]}.js" == path.name
    return gzip.decompress(base64.b64decode(found[2]))


def test_all_parts_are_there(page):
    index = (page / "index.html").read_text(encoding="utf-8")
    for name in re.findall(r'(?:src|href)="([^":]+)"', index):
        assert (page / name).is_file(), name
    assert unpacked(page / "model" / "encoder.onnx.js") == b"encoder"
    assert unpacked(page / "model" / "step.onnx.js") == b"step"
    assert unpacked(page / "runtime" / "runtime.wasm.js") == b"the wasm"
    assert "sourceMappingURL" not in (page / "runtime" / "ort.wasm.min.js").read_text()
    assert not list(page.parent.glob(".*"))


def test_nothing_is_loaded_from_elsewhere(page):
    for file in page.glob("*.*"):
        text = file.read_text(encoding="utf-8")
        assert not re.search(r"https?://(?!www\.w3\.org/2000/svg)", text), file
    assert "default-src 'none'" in (page / "index.html").read_text(encoding="utf-8")


def test_the_settings_are_those_of_the_model(page, translator):
    text = (page / "model" / "settings.js").read_text(encoding="utf-8")
    settings = json.loads(re.fullmatch(r"globalThis\.settings = (.*);\n", text)[1])
    tokenizer = translator.source_tokenizer
    assert len(settings["tokenizers"]["source"]["labels"]) == tokenizer.vocab_size
    assert settings["tokenizers"]["target"] is None  # one vocabulary for both sides
    assert settings["max_length"] == 20
    assert settings["languages"] == "pt → en"
    assert "Quem vendeu a casa azul?" in settings["examples"]
    assert settings["confidence"]["counts"] == [9] * tokenizer.vocab_size


@pytest.fixture
def refused(export, tmp_path):
    def refused(**options):
        before = sorted(tmp_path.rglob("*"))
        with pytest.raises(UserError) as error:
            export(**{"directory": tmp_path / "page"} | options)
        assert sorted(tmp_path.rglob("*")) == before
        assert "\n" not in str(error.value)
        return str(error.value)

    return refused


def test_without_onnx_runtime_web_the_command_is_named(refused, tmp_path, npm_dir):
    said = refused(npm_dir=tmp_path)
    assert f"run npm install onnxruntime-web@{runtime.TESTED} in {tmp_path}" in said
    home = tmp_path / "node_modules" / "onnxruntime-web"
    (home / "dist").mkdir(parents=True)
    (home / "package.json").write_text('{"version": "1.2.3"}')
    assert "lacks ort.wasm.min.js" in refused(npm_dir=tmp_path)
    for name in ("ort.wasm.min.js", "ort-wasm-simd-threaded.mjs", "ort-wasm-simd-threaded.wasm"):
        (home / "dist" / name).touch()
    assert f"is of release 1.2.3; the page was tried with {runtime.TESTED}" in refused(
        npm_dir=tmp_path
    )


def test_what_cannot_be_a_page_is_refused(refused, tmp_path):
    wordpiece = make_translator("wordpiece", 90, joint=False, tie="none")
    assert "not plain text with a wordpiece vocabulary" in refused(translator=wordpiece)
    assert "'int9' is unknown" in refused(quantization="int9")
    (tmp_path / "page").mkdir()
    (tmp_path / "page" / "mine").touch()
    assert "exists already" in refused()


@pytest.mark.long
def test_the_quick_starts_weights_take_less_than_6_mb(tmp_path):
    save_onnx(Transformer.from_preset("tiny", vocab_size=4000), tmp_path, "int8", attention=True)
    for file in [*tmp_path.iterdir()]:
        write_packed(file, file.read_bytes())
    sizes = {
        kind: sum(each.stat().st_size for each in tmp_path.glob(f"*.{kind}"))
        for kind in ("onnx", "js")
    }
    assert 1e6 < sizes["onnx"] < sizes["js"] < 6e6
