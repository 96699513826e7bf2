"""What has been learned since 2017, all together: nothing moves the outputs that should not."""

import functools
import gc

import keras
import numpy as np
import pytest
import tensorflow as tf

from tests import reference
from tests.small import DEEP, MODERN
from tf_transformer.config import CausalLMConfig, ClassifierConfig, TransformerConfig
from tf_transformer.decoding import BeamSearch, GreedySearch, Sampling, draws_for
from tf_transformer.errors import UserError
from tf_transformer.models import CausalLM, Transformer, TransformerClassifier
from tf_transformer.text import PAD, START

DEPTHS = {"encoder_layers": 3, "decoder_layers": 1}
OF_LAYERS = DEEP | MODERN | {"max_length": 12}
CONFIGS = {
    Transformer: TransformerConfig(23, 23, **OF_LAYERS, **DEPTHS, tie="none"),
    CausalLM: CausalLMConfig(23, **OF_LAYERS),
    TransformerClassifier: ClassifierConfig(23, num_classes=3, **OF_LAYERS),
}
REFERENCES = {
    Transformer: reference.transformer,
    CausalLM: reference.causal_lm,
    TransformerClassifier: reference.classifier,
}
SOURCE = np.array([[5, 9, 22, 4, 7, 3], [8, 6, 3, 0, 0, 0], [11, 3, 0, 0, 0, 0]])
TARGET = np.array([[2, 6, 7, 8, 9], [2, 5, 9, 0, 0], [2, 13, 14, 15, 0]])

every_model = pytest.mark.parametrize("cls", CONFIGS, ids=lambda cls: cls.__name__)


def make(cls, dtype="float32", **fields):
    return reference.randomize(cls(CONFIGS[cls].replace(**fields), dtype=dtype))


modern = functools.cache(make)  # for the tests that leave the weights alone


def answer(model, source=SOURCE, target=TARGET):
    """Return the logits at what is real: of the target, of the text, or of the row."""
    if isinstance(model, Transformer):
        return np.array(model((source, target)))[target != 0]
    logits = np.array(model(source))
    return logits[source != 0] if isinstance(model, CausalLM) else logits


@every_model
@pytest.mark.parametrize("activation", ["relu2", "swiglu", "geglu"])
def test_logits_equal_the_reference(cls, activation):
    model = modern(cls, activation=activation)
    inputs = (SOURCE, TARGET) if cls is Transformer else (SOURCE,)
    with np.errstate(invalid="ignore"):  # of padding alone
        expected = REFERENCES[cls](reference.weights_of(model), model.config, *inputs)
    is_real = {Transformer: TARGET != 0, CausalLM: SOURCE != 0}.get(cls, slice(None))
    assert np.std(expected[is_real]) > 0.1
    np.testing.assert_allclose(answer(model), expected[is_real], atol=1e-5)


@every_model
def test_padding_and_company_change_nothing(cls):
    model = modern(cls)
    together = answer(model)
    wide = answer(model, *(np.pad(ids, ((0, 0), (0, 5))) for ids in (SOURCE, TARGET)))
    np.testing.assert_allclose(wide, together, atol=1e-5)
    rows = zip(SOURCE, TARGET, strict=True)
    alone = [answer(model, s[s != 0][None], t[t != 0][None]) for s, t in rows]
    np.testing.assert_allclose(np.concatenate(alone), together, atol=1e-5)


@pytest.mark.parametrize("cls", [Transformer, CausalLM])
def test_later_tokens_do_not_change_earlier_logits(cls):
    model = modern(cls)
    call = (lambda ids: model((SOURCE, ids))) if cls is Transformer else model
    changed = np.where(np.arange(5) < 3, TARGET, 17)
    before, after = np.array(call(TARGET)), np.array(call(changed))
    np.testing.assert_allclose(after[:, :3], before[:, :3], atol=1e-5)
    assert np.abs(after[:, 3:] - before[:, 3:]).max() > 0.1


@pytest.mark.usefixtures("optimized_graphs")
def test_a_compiled_step_with_a_small_cache_equals_one_call():
    model = modern(Transformer)
    step = tf.function(model.decode, jit_compile=True)
    memory, cache = model.read(SOURCE), model.empty_cache(3, 7)
    assert len(cache.kept) == 1  # layers of the decoder
    assert {x.shape for pair in (cache.kept[0], memory.keys_values[0]) for x in pair} == {
        *((3, 2, 7, 4), (3, 2, 6, 4)),  # 2 heads in place of 4
    }
    logits = []
    for t in range(TARGET.shape[1]):
        token_ids, mask = tf.constant(TARGET[:, t : t + 1]), tf.range(7) <= t
        at = cache.at(tf.constant(t), tf.fill([3, 1], t))
        out, cache = step(token_ids, memory, at, mask)
        logits.append(out)
    logits = np.concatenate(logits, axis=1)[TARGET != 0]
    np.testing.assert_allclose(logits, answer(model), atol=1e-5)


def test_a_language_model_goes_on_from_a_prompt_as_in_one_call():
    model = modern(CausalLM)
    memory, cache = model.read(SOURCE[:1, :3]), model.empty_cache(1, 3)
    for t in range(3):
        at = cache.at(t, np.array([[t]]))
        logits, cache = model.decode(SOURCE[:1, 3 + t : 4 + t], memory, at, np.arange(3) <= t)
        np.testing.assert_allclose(logits[:, 0], model(SOURCE[:1])[:, 3 + t], atol=1e-5)


@pytest.mark.parametrize(
    "search",
    [GreedySearch(), BeamSearch(3, alpha=0.0), Sampling()],
    ids=lambda search: type(search).__name__,
)
def test_what_a_search_says_of_its_scores_is_what_one_call_says(search):
    model = modern(Transformer)
    # These draws take no padding, which a step would see and a call would not.
    rows = {"draws": draws_for(4, 3, 6)} if isinstance(search, Sampling) else {}
    found = search(model, tf.constant(SOURCE), tf.fill([3], 6), **rows)
    ids, scores = np.array(found.ids), np.array(found.scores)
    ids, scores = ids.reshape(3, -1, ids.shape[-1]), scores.reshape(3, -1)
    for source, row, row_scores in zip(SOURCE, ids, scores, strict=True):
        target = np.pad(row, ((0, 0), (1, 0)), constant_values=START)[:, :-1]
        logits = model((np.repeat(source[None], len(row), axis=0), target))
        log_probs = np.take_along_axis(np.array(tf.nn.log_softmax(logits)), row[..., None], -1)
        expected = (log_probs[..., 0] * (row != PAD)).sum(axis=1)
        np.testing.assert_allclose(row_scores, expected, atol=1e-4)


@every_model
def test_logits_stay_below_their_cap_and_keep_their_order(cls):
    free, capped = (answer(make(cls, logit_cap=cap)) for cap in (0.0, 0.5))  # of the same weights
    np.testing.assert_allclose(capped, 0.5 * np.tanh(free / 0.5), atol=1e-5)
    assert np.abs(capped).max() <= 0.5 < np.abs(free).max()


@every_model
@pytest.mark.parametrize("dtype", ["float32", "mixed_float16", "mixed_bfloat16"])
def test_a_row_of_padding_alone_gives_no_nan(cls, dtype):
    model = modern(cls, dtype)
    source, target = (np.where([[True], [False], [True]], ids, 0) for ids in (SOURCE, TARGET))
    with tf.GradientTape() as tape:
        logits = model((source, target) if cls is Transformer else source, training=True)
        loss = tf.reduce_mean(logits**2)
    gradients = tape.gradient(loss, model.trainable_weights)
    assert logits.dtype == tf.float32
    for tensor in (logits, *map(tf.convert_to_tensor, gradients)):
        assert np.isfinite(tensor).all()


@every_model
def test_every_weight_learns_though_sublayers_begin_at_zero(cls):
    keras.utils.set_random_seed(1)
    model = cls(CONFIGS[cls])
    inputs = (SOURCE, TARGET) if cls is Transformer else SOURCE
    model.compile("sgd", lambda _, y: keras.ops.sum(y[..., 5 % y.shape[-1]]), run_eagerly=True)
    before = [np.array(weight) for weight in model.trainable_weights]
    for _ in range(3):  # first the last matrices of sublayers, then those before them
        model.train_on_batch(inputs, SOURCE)
    for weight, value in zip(model.trainable_weights, before, strict=True):
        assert weight.path.endswith("key/bias") or np.abs(weight - value).max() > 0, weight.path


@every_model
def test_a_loaded_model_gives_the_same_logits(cls, tmp_path):
    model = modern(cls, "mixed_bfloat16")
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    assert loaded.config == model.config
    assert [w.path for w in loaded.weights] == [w.path for w in model.weights]
    np.testing.assert_array_equal(answer(loaded), answer(model))


@pytest.mark.filterwarnings("ignore:.*quantize")
def test_a_quantized_model_answers_nearly_the_same(monkeypatch):
    monkeypatch.setattr(gc, "collect", lambda: 0)  # Keras calls it for each layer: seconds in all
    model = make(Transformer)
    exact = answer(model)
    model.quantize("int8")
    assert 0 < np.abs(answer(model) - exact).max() < 0.1 * np.abs(exact).max()


def test_stacks_have_their_own_depths_and_attention_says_so():
    model = modern(Transformer)
    assert (len(model.encoder.layers), len(model.decoder.layers)) == (3, 1)
    shapes = {k: w.shape for k, w in model.attention_weights(SOURCE, TARGET).items()}
    assert shapes == {
        "encoder": (3, 3, 4, 6, 6),
        "decoder": (3, 1, 4, 5, 5),
        "cross": (3, 1, 4, 5, 6),
    }
    one = Transformer(CONFIGS[Transformer].replace(encoder_layers=0, decoder_layers=0))
    assert (len(one.encoder.layers), len(one.decoder.layers)) == (2, 2)


@every_model
def test_the_preset_gives_each_model_what_it_has_of_it(cls):
    config = cls.from_preset("modern", vocab_size=30, d_ff=24).config
    assert (config.normalization, config.zero_init) == ("rms_norm", True)


def test_what_cannot_be_is_refused_in_a_line():
    with pytest.raises(UserError, match=r"^num_heads=8 is not divisible by num_kv_heads=3: .*\.$"):
        TransformerConfig(num_kv_heads=3)
    with pytest.raises(UserError, match="num_kv_heads=-1: the value must be at least 0"):
        CausalLMConfig(num_kv_heads=-1)
    with pytest.raises(UserError, match="logit_cap=-1"):
        ClassifierConfig(logit_cap=-1)
    with pytest.raises(UserError, match="'encoder_layers' is not a field of CausalLMConfig"):
        CausalLMConfig().replace(encoder_layers=2)
