"""LiteRT runs our searches: the same graph, in another engine."""

import json
import re
import subprocess
import sys

import numpy as np
import pytest
import tensorflow as tf

from tests import reference
from tests.small import MODERN
from tf_transformer import UserError
from tf_transformer.config import RNNConfig, TransformerConfig
from tf_transformer.export import export_litert, litert
from tf_transformer.models import CausalLM, RNNTranslator, Transformer
from tf_transformer.text import load_tokenizers


def tokenizers_of(translator):
    return translator.source_tokenizer, translator.target_tokenizer


# Refusals


@pytest.fixture
def refused(joint, tmp_path):
    """Exports, which must be refused with one line, and returns that line."""

    def export(model=None, tokenizers=None, export_dir=tmp_path / "model", **options):
        before = sorted(tmp_path.rglob("*"))
        model, tokenizers = model or joint._model(), tokenizers or tokenizers_of(joint)
        with pytest.raises(UserError) as error:
            export_litert(model, *tokenizers, export_dir, **options)
        assert sorted(tmp_path.rglob("*")) == before
        assert "\n" not in str(error.value)
        return str(error.value)

    return export


def test_other_models(refused):
    shape = {"num_layers": 1, "d_model": 16}
    rnn = RNNTranslator(RNNConfig(90, 90, **shape))
    assert "is for Transformers that translate, not for a RNNTranslator" in refused(rnn)
    language_model = CausalLM({"vocab_size": 90, "num_heads": 2, **shape})
    assert "is for Transformers that translate, not for a CausalLM" in refused(language_model)


def test_nothing_that_exists_is_overwritten(refused, tmp_path):
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "file").write_text("mine")
    assert "folder exists already" in refused(export_dir=tmp_path / "folder")


def test_an_unknown_quantization(refused):
    assert "'int9' is unknown: did you mean int8" in refused(quantization="int9")


def test_tokenizers_of_another_model(refused, separate):
    assert "the tokenizers have (" in refused(tokenizers=tokenizers_of(separate))


def test_a_missing_package(refused, monkeypatch):
    monkeypatch.setitem(sys.modules, "ai_edge_litert.interpreter", None)
    assert "pip install 'tf-transformer[litert]'" in refused()


# The same numbers


@pytest.fixture
def interpreter():
    return pytest.importorskip("ai_edge_litert.interpreter")


FIELDS = [
    {},
    {"positions": "learned", "norm": "post", "activation": "gelu", "tie": "target"},
    {"activation": "relu2", "positions": "rotary", "num_heads": 1},
    {"activation": "geglu", "normalization": "rms_norm", "tie": "none"},
    {**MODERN, "d_model": 32, "num_heads": 4, "encoder_layers": 2},
]


@pytest.mark.long
@pytest.mark.parametrize("fields", FIELDS, ids=lambda fields: "-".join(map(str, fields.values())))
def test_both_searches_find_the_same_in_batches_of_any_shape(fields, interpreter):
    shape = {"num_layers": 1, "d_model": 24, "num_heads": 3, "d_ff": 40, "max_length": 24}
    model = reference.randomize(Transformer(TransformerConfig(60, 60, **(shape | fields))))
    searches = litert._searches(model)
    converted = litert._convert(model, searches, "float32")
    theirs = interpreter.Interpreter(model_content=converted, num_threads=1)
    rng = np.random.default_rng(3)
    for rows, length, beam_size in [(1, 5, 4), (20, 9, 2), (3, 1, 5)]:
        ids = rng.integers(4, 60, [rows, length]).astype("i4")
        for row, end in zip(ids, rng.integers(0, length, rows), strict=True):
            row[end:] = [3, *[0] * (length - end - 1)]
        inputs = {"source_ids": ids, "limits": rng.integers(0, 15, rows).astype("i4")}
        beam = {"beam_size": np.int32(beam_size), "alpha": np.float32(0.7)}
        for name, options in {"greedy": {}, "beam": beam}.items():
            found = theirs.get_signature_runner(name)(**inputs, **options)
            ours = searches[name](*map(tf.constant, (inputs | options).values()))
            np.testing.assert_array_equal(found["ids"], ours["ids"])
            np.testing.assert_array_equal(found["truncated"], ours["truncated"])
            np.testing.assert_allclose(found["scores"], ours["scores"], rtol=1e-4, atol=1e-4)


def translated(directory, texts, **options):
    """Translate where neither TensorFlow nor this package can be imported."""
    code = (
        "import json, sys; sys.modules['tensorflow'] = sys.modules['tf_transformer'] = None; "
        "sys.path.insert(0, sys.argv[1]); from translate import load; "
        "texts, options = json.load(sys.stdin); print(json.dumps(load(2)(texts, **options)))"
    )
    command = [sys.executable, "-I", "-B", "-c", code, str(directory)]
    stdin = json.dumps([texts, options])
    finished = subprocess.run(command, input=stdin, capture_output=True, text=True, check=False)
    assert (finished.returncode, finished.stderr) == (0, "")
    return json.loads(finished.stdout)


TEXTS = ["Bom dia. Onde fica a praia?", "ONDE FICA A PRAIA?\n\n- praia", "", "漢 x", "gato " * 100]


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
