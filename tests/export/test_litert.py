"""LiteRT runs our searches: the same graph, in another engine."""

import re

import numpy as np
import pytest
import tensorflow as tf

from tests import reference
from tests.engine_exports import FIELDS, SHAPE, TEXTS, batches, tokenizers_of, translated
from tf_transformer import UserError
from tf_transformer.config import TransformerConfig
from tf_transformer.export import export_litert, litert
from tf_transformer.models import Transformer
from tf_transformer.text import load_tokenizers


@pytest.fixture
def interpreter():
    return pytest.importorskip("ai_edge_litert.interpreter")


@pytest.mark.long
@pytest.mark.parametrize("fields", FIELDS, ids=lambda fields: "-".join(map(str, fields.values())))
def test_both_searches_find_the_same_in_batches_of_any_shape(fields, interpreter):
    model = reference.randomize(Transformer(TransformerConfig(60, 60, **(SHAPE | fields))))
    searches = litert._searches(model)
    converted = litert._convert(model, searches, "float32")
    theirs = interpreter.Interpreter(model_content=converted, num_threads=1)
    for ids, limits, beam_size in batches(least_limit=0):
        inputs = {"source_ids": ids, "limits": limits}
        beam = {"beam_size": np.int32(beam_size), "alpha": np.float32(0.7)}
        for name, options in {"greedy": {}, "beam": beam}.items():
            found = theirs.get_signature_runner(name)(**inputs, **options)
            ours = searches[name](*map(tf.constant, (inputs | options).values()))
            np.testing.assert_array_equal(found["ids"], ours["ids"])
            np.testing.assert_array_equal(found["truncated"], ours["truncated"])
            np.testing.assert_allclose(found["scores"], ours["scores"], rtol=1e-4, atol=1e-4)


@pytest.mark.long
def test_a_trained_model_translates_the_same(trained, card, tmp_path, interpreter):
    texts = [*trained.pairs.sources, *TEXTS]
    small, large = (
        export_litert(trained.model, *trained.tokenizers, tmp_path / name, card, quantization=name)
        for name in ("int8", "float32")
    )
    for options in ({}, {"beam_size": 4}):
        ours = trained.translator(texts, **options)
        assert translated(large, texts, **options) == ours
        theirs = translated(small, texts, **options)
        assert np.mean([a == b for a, b in zip(theirs, ours, strict=True)]) > 0.9
    sizes = [(directory / "model.tflite").stat().st_size for directory in (small, large)]
    assert sizes[0] < sizes[1]
    assert {path.name for path in large.iterdir()} == {
        *("model.tflite", "config.json", "tokenizer", "translate.py", "README.md")
    }
    assert load_tokenizers(large / "tokenizer")[0].vocab_size == trained.tokenizers[0].vocab_size
    text = (large / "README.md").read_text(encoding="utf-8")
    for words in ("pt → en", "float32", "34.57", "pip install ai-edge-litert sentencepiece"):
        assert words in text, words


@pytest.mark.long
def test_a_model_of_mixed_precision_and_wordpiece(separate, tmp_path, interpreter):
    config = separate._model().config
    model = Transformer(config, dtype="mixed_bfloat16")
    model.set_weights(separate._model().get_weights())
    directory = export_litert(model, *tokenizers_of(separate), tmp_path / "model")
    texts = ["o gato vê a porta azul.", "não há   cães aqui!"]
    assert translated(directory, texts) == separate(texts)


@pytest.mark.long
def test_what_computes_something_else_is_not_exported(joint, tmp_path, monkeypatch, interpreter):
    convert = litert._convert

    def damaged(model, searches, quantization):
        other = reference.randomize(Transformer(model.config))
        return convert(other, litert._searches(other), quantization)

    monkeypatch.setattr(litert, "_convert", damaged)
    with pytest.raises(UserError, match=re.escape("LiteRT does not compute what the model")):
        export_litert(joint._model(), *tokenizers_of(joint), tmp_path / "model")
    assert not (tmp_path / "model").exists()
