"""What exports to LiteRT, ONNX and OpenVINO refuse, and all in the same way."""

import importlib
import sys

import pytest

from tests.engine_exports import tokenizers_of
from tests.small import SMALL
from tf_transformer import UserError, export
from tf_transformer.config import RNNConfig
from tf_transformer.models import CausalLM, RNNTranslator

PACKAGES = {"litert": "ai_edge_litert.interpreter", "onnx": "onnxruntime", "openvino": "openvino"}


@pytest.fixture(params=PACKAGES)
def engine(request):
    return request.param


@pytest.fixture
def refused(engine, joint, tmp_path):
    """Exports, which must be refused with one line, and returns that line."""

    def refuse(model=None, tokenizers=None, export_dir=tmp_path / "model", **options):
        before = sorted(tmp_path.rglob("*"))
        model, tokenizers = model or joint._model(), tokenizers or tokenizers_of(joint)
        with pytest.raises(UserError) as error:
            getattr(export, f"export_{engine}")(model, *tokenizers, export_dir, **options)
        assert sorted(tmp_path.rglob("*")) == before
        assert "\n" not in str(error.value)
        return str(error.value)

    return refuse


def test_other_models(refused):
    rnn = RNNTranslator(RNNConfig(90, 90, num_layers=1, d_model=16))
    assert "is for Transformers that translate, not for a RNNTranslator" in refused(rnn)
    language_model = CausalLM({"vocab_size": 90, **SMALL})
    assert "is for Transformers that translate, not for a CausalLM" in refused(language_model)


def test_nothing_that_exists_is_overwritten(refused, tmp_path):
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "file").write_text("mine")
    assert "folder exists already" in refused(export_dir=tmp_path / "folder")


def test_an_unknown_quantization(refused):
    assert "'int9' is unknown: did you mean int8" in refused(quantization="int9")


def test_tokenizers_of_another_model(refused, separate):
    assert "the tokenizers have (" in refused(tokenizers=tokenizers_of(separate))


def test_a_missing_package(engine, refused, monkeypatch):
    monkeypatch.setitem(sys.modules, PACKAGES[engine], None)
    monkeypatch.delitem(sys.modules, f"tf_transformer.export.{engine}_script", raising=False)
    assert f"pip install 'tf-transformer[{engine}]'" in refused()


@pytest.mark.parametrize("missing", ["onnx", "tf2onnx"])
def test_a_package_that_only_the_export_needs(missing, joint, tmp_path, monkeypatch):
    for package in ("onnx", "onnxruntime", "tf2onnx"):
        monkeypatch.setitem(sys.modules, package, None if package == missing else importlib)
    with pytest.raises(UserError, match="pip install 'tf-transformer"):
        export.save_onnx(joint._model(), tmp_path)
    assert not list(tmp_path.iterdir())
