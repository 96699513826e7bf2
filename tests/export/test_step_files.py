"""ONNX Runtime and OpenVINO run the encoder and the steps, and translate as we do."""

import importlib
import re

import numpy as np
import pytest
import tensorflow as tf

from tests import reference
from tests.engine_exports import FIELDS, SHAPE, TEXTS, batches, tokenizers_of, translated
from tf_transformer import UserError, export
from tf_transformer.config import TransformerConfig
from tf_transformer.decoding import BeamSearch, GreedySearch
from tf_transformer.export import onnx, openvino
from tf_transformer.models import Transformer
from tf_transformer.text import load_tokenizers

pytestmark = pytest.mark.long

FILES = {
    "onnx": {"encoder.onnx", "step.onnx"},
    "openvino": {"encoder.xml", "encoder.bin", "step.xml", "step.bin"},
}


@pytest.fixture(params=FILES)
def engine(request):
    for package in ("tf2onnx", "onnxruntime", "onnx", request.param):
        pytest.importorskip(package)
    return request.param


@pytest.fixture
def export_to(engine):
    return getattr(export, f"export_{engine}")


@pytest.mark.parametrize("fields", FIELDS, ids=lambda fields: "-".join(map(str, fields.values())))
def test_both_searches_find_the_same_in_batches_of_any_shape(fields, engine, tmp_path):
    model = reference.randomize(Transformer(TransformerConfig(60, 60, **(SHAPE | fields))))
    save = {"onnx": onnx.save_onnx, "openvino": openvino._save}[engine]
    save(model, tmp_path, "float32")
    search = importlib.import_module(f"tf_transformer.export.{engine}_script").find_with(tmp_path)
    for source_ids, limits, beam_size in batches(least_limit=1):
        tensors = tf.constant(source_ids), tf.constant(limits)
        greedy = GreedySearch(min_length=1)(model, *tensors)
        beam = BeamSearch(beam_size, alpha=0.7, min_length=1)(model, *tensors)
        for size, ids, scores in [
            (1, greedy.ids, greedy.scores),
            (beam_size, beam.ids[:, 0], beam.scores[:, 0]),
        ]:
            found, found_scores = search(source_ids, limits, size, 0.7)
            np.testing.assert_array_equal(found, ids)
            np.testing.assert_allclose(found_scores, scores, rtol=1e-4, atol=1e-4)


def test_a_trained_model_translates_the_same(engine, export_to, trained, card, tmp_path):
    texts = [*trained.pairs.sources, *TEXTS]
    small, large = (
        export_to(trained.model, *trained.tokenizers, tmp_path / name, card, quantization=name)
        for name in ("int8", "float32")
    )
    for options in ({}, {"beam_size": 4}):
        ours = trained.translator(texts, **options)
        assert translated(large, texts, **options) == ours
        theirs = translated(small, texts, **options)
        assert np.mean([a == b for a, b in zip(theirs, ours, strict=True)]) > 0.9
    assert {path.name for path in large.iterdir()} == FILES[engine] | {
        *("config.json", "tokenizer", "translate.py", "README.md")
    }
    assert load_tokenizers(large / "tokenizer")[0].vocab_size == trained.tokenizers[0].vocab_size
    text = (large / "README.md").read_text(encoding="utf-8")
    package = {"onnx": "onnxruntime", "openvino": "openvino"}[engine]
    for words in ("pt → en", "float32", "34.57", f"pip install {package} sentencepiece", "past_"):
        assert words in text, words


def test_a_model_of_mixed_precision_and_wordpiece(export_to, separate, tmp_path):
    model = Transformer(separate._model().config, dtype="mixed_bfloat16")
    model.set_weights(separate._model().get_weights())
    directory = export_to(model, *tokenizers_of(separate), tmp_path / "model")
    texts = ["o gato vê a porta azul.", "não há   cães aqui!"]
    assert translated(directory, texts) == separate(texts)


def test_what_computes_something_else_is_not_exported(export_to, joint, tmp_path, monkeypatch):
    graphs = onnx.graphs
    other = reference.randomize(Transformer(joint._model().config))

    def damaged(model, attention):
        return graphs(other, attention)

    monkeypatch.setattr(onnx, "graphs", damaged)
    with pytest.raises(UserError, match=re.escape("does not compute what the model computes")):
        export_to(joint._model(), *tokenizers_of(joint), tmp_path / "model")
    assert not list(tmp_path.iterdir())


def test_what_onnx_cannot_express_is_not_exported(tmp_path, monkeypatch):
    pytest.importorskip("tf2onnx")
    monkeypatch.setattr(onnx, "_write_erfc", lambda *_: None)
    model = Transformer(TransformerConfig(60, 60, **SHAPE, activation="gelu"))
    with pytest.raises(UserError, match="Erfc"):
        export.save_onnx(model, tmp_path)
    assert not list(tmp_path.iterdir())


def test_the_quick_start_s_model_is_small_in_int8_and_its_tensors_have_names(tmp_path):
    onnxruntime = pytest.importorskip("onnxruntime")
    pytest.importorskip("tf2onnx")
    model = Transformer.from_preset("tiny", vocab_size=4000)
    export.save_onnx(model, tmp_path, "int8", attention=True)
    assert sum(path.stat().st_size for path in tmp_path.iterdir()) < 3.5e6
    encoder, step = (
        onnxruntime.InferenceSession(tmp_path / f"{name}.onnx") for name in ("encoder", "step")
    )
    shapes = {each.name: each.shape for each in [*encoder.get_outputs(), *step.get_outputs()]}
    assert shapes["encoder_attention"] == ["batch", 2, 4, "source_length", "source_length"]
    assert shapes["cross_attention"] == ["batch", 2, 4, 1, "source_length"]
    assert shapes["decoder_attention"] == ["batch", 2, 4, 1, "length"]
    assert shapes["memory_values_1"] == ["batch", 4, "source_length", 32]
    assert {each.name: each.shape for each in step.get_inputs()} == {
        "source_ids": ["batch", "source_length"],
        "token_ids": ["batch", 1],
        **{
            f"{kind}_{part}_{layer}": ["batch", 4, f"{length}_length", 32]
            for kind, length in (("memory", "source"), ("past", "past"))
            for part in ("keys", "values")
            for layer in (0, 1)
        },
    }
