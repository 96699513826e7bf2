"""A translator answers any text, row by row, whatever stands beside it."""

import itertools

import keras
import numpy as np
import pytest
import tensorflow as tf

from tests import reference
from tests.small import SMALL
from tf_transformer.config import TransformerConfig
from tf_transformer.decoding import GreedySearch
from tf_transformer.errors import UserError
from tf_transformer.evaluation import score
from tf_transformer.models import Transformer
from tf_transformer.tasks import Translator, map_texts
from tf_transformer.text import END, train_tokenizers

TEXT = tf.TensorSpec([None], tf.string)


@pytest.fixture(scope="session")
def translate(trained):
    return tf.function(trained.translator.translate, input_signature=[TEXT])


@pytest.fixture(scope="session")
def translate_beam(trained):
    return tf.function(trained.translator.translate_beam, input_signature=[TEXT])


def decoded(strings):
    return [text.decode() for text in np.ravel(strings)]


@pytest.mark.parametrize("name", ["translate", "translate_beam", "sample"])
def test_a_method_of_tensors_refuses_a_single_text(trained, name):
    with pytest.raises(UserError, match=r"texts \(batch,\) are needed: give a list or a tensor"):
        getattr(trained.translator, name)("o gato")


def test_a_tiny_model_learns_32_pairs_by_heart(trained, translate):
    assert len(trained.pairs) == 32
    found = map_texts(translate, trained.pairs.sources)
    assert found["translation"] == trained.pairs.targets
    assert score(found["translation"], trained.pairs.targets).bleu == pytest.approx(100)
    assert not any(found["truncated"])
    assert all(value < 0 for value in found["score"])


def test_the_best_of_a_beam_is_right_too(trained, translate_beam):
    found = map_texts(translate_beam, trained.pairs.sources)
    assert [rows[0] for rows in found["translations"]] == trained.pairs.targets
    assert np.shape(found["scores"]) == np.shape(found["truncated"]) == (32, 4)


def test_rows_together_alone_and_in_any_order_give_the_same(trained, translate):
    texts = [*trained.pairs.sources[:6], "", "o cão come a casa de Ana. " * 3]
    together = translate(tf.constant(texts))
    for i, text in enumerate(texts):
        alone = translate(tf.constant([text]))
        assert alone["translation"][0] == together["translation"][i]
        assert alone["truncated"][0] == together["truncated"][i]
        np.testing.assert_allclose(alone["score"][0], together["score"][i], atol=1e-4)
    backwards = translate(tf.constant(texts[::-1]))
    assert decoded(backwards["translation"])[::-1] == decoded(together["translation"])


def test_a_beam_too_does_not_see_the_other_rows(trained, translate_beam):
    texts = [*trained.pairs.sources[:3], "", "o cão come a casa de Ana. " * 3]
    together = translate_beam(tf.constant(texts))
    for i, text in enumerate(texts):
        alone = translate_beam(tf.constant([text]))
        assert decoded(alone["translations"]) == decoded(together["translations"][i])
        np.testing.assert_allclose(alone["scores"][0], together["scores"][i], atol=1e-4)


def test_a_paragraph_is_translated_sentence_by_sentence(translate):
    one, two, three = "Bom dia.", "Onde fica a praia?", "Está frio hoje."
    alone = translate(tf.constant([one, two, three]))
    first, second, third = decoded(alone["translation"])
    text = f"{one} {two}\n\n  {three} {one}\r\n"
    together = translate(tf.constant([two, text]))
    assert decoded(together["translation"]) == [
        second,
        f"{first} {second}\n\n  {third} {first}\r\n",
    ]
    scores = alone["score"].numpy()
    np.testing.assert_allclose(
        together["score"], [scores[1], 2 * scores[0] + scores[1] + scores[2]], rtol=1e-4
    )


def test_the_n_best_of_a_paragraph_are_the_best_combinations_of_its_sentences(translate_beam):
    one, two = "Bom dia.", "Onde fica a praia?"
    alone = translate_beam(tf.constant([one, two]))
    pairs = itertools.product(*alone["translations"].numpy())
    sums = map(sum, itertools.product(*alone["scores"].numpy()))
    best = sorted(zip(sums, map(b" ".join, pairs), strict=True), reverse=True)[:4]
    together = translate_beam(tf.constant([f"{one}\n{two} •", f"{one} {two}"]))
    assert list(together["translations"][1].numpy()) == [text for _, text in best]
    for scores in together["scores"]:
        np.testing.assert_allclose(scores, [total for total, _ in best], rtol=1e-4)
    assert all(len(set(row)) == 4 for row in together["translations"].numpy())


def test_a_sentence_that_is_cut_marks_its_paragraph(trained, translate):
    long = "O cão come " + "o cão " * 200 + "."
    found = translate(tf.constant([f"Bom dia. {long} Bom dia.", "Bom dia. Bom dia."]))
    assert list(found["truncated"].numpy()) == [True, False]


@pytest.mark.parametrize("text", ["", " ", "\t\n ", "   \r\n"])
def test_a_blank_row_is_translated_by_an_empty_one(text, translate, translate_beam):
    found = translate(tf.constant([text, "bom dia."]))
    assert decoded(found["translation"]) == ["", "good morning."]
    assert found["score"][0] == 0
    assert not found["truncated"].numpy().any()
    found = translate_beam(tf.constant([text]))
    assert decoded(found["translations"]) == [""] * 4
    assert not found["scores"].numpy().any()
    assert not found["truncated"].numpy().any()


@pytest.mark.parametrize(
    "text", ["\xa0", "\u3000", "\u200b", "\ufeff", "\u2028\xad\x85", "\xa0\n "]
)
def test_white_space_and_what_is_not_seen_is_blank(text, translate, translate_beam):
    found = translate(tf.constant([text]))
    assert decoded(found["translation"]) == [""]
    assert found["score"][0] == 0
    assert decoded(translate_beam(tf.constant([text]))["translations"]) == [""] * 4


@pytest.mark.parametrize("text", ["-", "...", "?", "😆", "1.", "* * *", "→ •"])
def test_where_there_is_nothing_to_translate_the_text_is_copied(text, trained, translate):
    found = translate(tf.constant([text, "bom dia."]))
    assert decoded(found["translation"]) == [text, "good morning."]
    assert found["score"][0] == 0
    assert not found["truncated"].numpy().any()
    beam = trained.translator([text], beam_size=4, details=True)[0]
    assert beam["translations"] == [text] * 4
    assert beam["score"] == 0
    assert trained.translator(text, seed=3) == text
    assert trained.translator.attention(text)["translation"] == text


@pytest.mark.parametrize(
    "text",
    [
        "\ufeffSão boas.",
        "Sa\u0303o boas.",
        "São\xa0boas. ",
        "São\tboas.",
        "Sã\xado\u200b boas\ufe0f.",
        "\u3000São \u2003 boas.\u2028",
    ],
)
def test_texts_that_look_alike_are_translated_alike(text, trained, translate, translate_beam):
    texts = tf.constant([text, "São boas."])
    for function in (translate, translate_beam, trained.translator.attend):
        for rows in function(texts).values():
            if rows.dtype == tf.string:
                np.testing.assert_array_equal(rows[0], rows[1])
            else:
                np.testing.assert_allclose(*np.asarray(rows, float), atol=1e-4)


@pytest.mark.parametrize("sign", ["😆", "•", "→", "★", "👨‍👩‍👧", "*"])
def test_signs_between_sentences_stay_where_they_stood(sign, translate):
    text = f"Bom dia. {sign} Onde fica a praia?"
    found = translate(tf.constant(["Bom dia.", "Onde fica a praia?", text]))
    first, second, both = decoded(found["translation"])
    assert both == f"{first} {sign} {second}"


def test_no_rows_give_no_rows(trained, translate, translate_beam):
    nothing = tf.zeros([0], tf.string)
    assert {name: x.shape for name, x in translate(nothing).items()} == {
        "translation": (0,),
        "score": (0,),
        "truncated": (0,),
    }
    assert translate_beam(nothing)["translations"].shape == (0, 4)
    assert trained.translator.embed(nothing)["embedding"].shape == (0, 32)
    assert trained.translator.attend(nothing)["attention"].shape[:3] == (0, 1, 4)


@pytest.mark.parametrize(
    "text",
    [
        b"\xff\xfe bom \xe9 dia\x80",
        b"\x00",
        b"bom\x00dia",
        "\x01\x1b[31m\x7f\u200b\u202e",
        "👩‍👩‍👧 日本語 \U0010ffff",
        "\N{NO-BREAK SPACE}",
        "x" * 1000,
    ],
)
def test_any_bytes_get_an_answer_in_valid_utf8(text, translate):
    found = translate(tf.constant([text, "bom dia."]))
    _, second = decoded(found["translation"])  # raises for invalid UTF-8
    assert second == "good morning."
    assert np.isfinite(found["score"]).all()


def test_ten_thousand_words_are_cut_and_flagged(trained, translate, translate_beam):
    texts = tf.constant(["palavra " * 10_000, "bom dia."])
    found = translate(texts)
    np.testing.assert_array_equal(found["truncated"], [True, False])
    assert decoded(found["translation"])[1] == "good morning."
    np.testing.assert_array_equal(translate_beam(texts)["truncated"][:, 0], [True, False])


def test_a_source_is_flagged_from_the_first_token_too_many(trained, translate):
    tokenizer, max_length = trained.tokenizers[0], trained.model.config.max_length
    texts = [" ".join(["a"] * count) for count in range(1, max_length + 2)]
    lengths = tokenizer.tokenize(texts).row_lengths().numpy()
    assert {max_length - 1, max_length} <= set(lengths)  # END takes the last position
    truncated = translate(tf.constant(texts))["truncated"].numpy()
    assert truncated[lengths >= max_length].all()

    fits = tokenizer.tokenize([texts[list(lengths).index(max_length - 1)]])
    source_ids = tf.concat([fits, [[END]]], axis=1).to_tensor()
    found = GreedySearch()(trained.model, source_ids, tf.constant([max_length]))
    assert truncated[list(lengths).index(max_length - 1)] == found.truncated[0]


def test_sampling_at_temperature_zero_is_greedy_and_the_seed_decides(trained, translate):
    sample = tf.function(trained.translator.sample)
    texts = tf.constant(trained.pairs.sources[:8])
    cold = sample(texts, tf.constant(1), tf.constant(0.0))["translation"]
    assert decoded(cold) == decoded(translate(texts)["translation"])
    first, same, other = (
        decoded(sample(texts, tf.constant(seed), tf.constant(3.0))["translation"])
        for seed in (1, 1, 2)
    )
    assert first == same != other


def test_attention_falls_on_real_source_positions_alone(trained):
    texts = ["bom dia.", "o livro que me deste é bom.", ""]
    found = trained.translator.attend(tf.constant(texts))
    attention, sources = found["attention"].numpy(), found["source_tokens"].numpy()
    batch, target_length = found["target_tokens"].shape
    assert attention.shape == (3, 1, 4, target_length, sources.shape[1])
    assert batch == 3
    np.testing.assert_allclose(attention.sum(axis=-1), 1, atol=1e-5)
    for weights, tokens, text in zip(attention, sources, texts, strict=True):
        is_real = tokens != b""
        assert is_real.sum() == len(trained.tokenizers[0].tokenize([text])[0]) + 1
        assert tokens[is_real][-1] == b"[END]"
        assert not weights[..., ~is_real].any()


def test_attention_comes_with_the_greedy_translation_and_its_tokens(trained, translate):
    texts = tf.constant(trained.pairs.sources[:4])
    found = trained.translator.attend(texts)
    assert decoded(found["translation"]) == trained.pairs.targets[:4]
    for text, tokens in zip(trained.pairs.targets, found["target_tokens"].numpy(), strict=False):
        expected = trained.tokenizers[1].tokenize([text])[0]
        labels = [*trained.tokenizers[1].tokens(expected).numpy(), b"[END]"]
        assert list(tokens[tokens != b""]) == labels


def test_attention_is_found_by_the_graph_that_translates(trained):
    """Exported models hold the greedy search once."""

    def searches(method):
        traced = tf.function(method, input_signature=[TEXT], autograph=False)
        functions = traced.get_concrete_function().graph.as_graph_def().library.function
        names = (function.signature.name for function in functions)
        return {name for name in names if name.startswith("__inference_run_")}

    translating = searches(trained.translator.translate)
    assert len(translating) == 1
    assert searches(trained.translator.attend) == translating


def test_texts_of_any_length_and_options_share_one_graph_of_each_search(trained, caplog):
    translator = trained.translator
    for count in range(1, 13):
        translator.translate(tf.constant(["o gato " * count] * (1 + count % 3)))
    for temperature in (0.0, 0.5, 1, tf.constant(1.3)):
        translator.sample(tf.constant(["bom dia."]), 1, temperature, top_k=int(temperature) + 1)
    for beam_size in (1, 2, tf.constant(3)):
        translator.translate_beam(tf.constant(["bom dia."]), beam_size, 0.5)
    searches = translator._searches().values()
    assert [search.experimental_get_tracing_count() for search in searches] == [1, 1, 1]
    assert "retracing" not in caplog.text


def test_attention_is_that_of_the_token_being_written(trained):
    """Row t belongs to target token t, which the model wrote having read those before it."""
    found = trained.translator.attend(tf.constant(["bom dia."]))
    source_ids = tf.concat([trained.tokenizers[0].tokenize(["bom dia."]), [[END]]], axis=1)
    target = trained.tokenizers[1].tokenize(["good morning."])[0].numpy()
    weights = trained.model.attention_weights(source_ids.to_tensor(), np.array([[2, *target]]))
    count = len(target) + 1
    np.testing.assert_allclose(found["attention"][:, :, :, :count], weights["cross"], atol=1e-5)
    np.testing.assert_allclose(found["encoder_attention"], weights["encoder"], atol=1e-5)
    decoder = found["decoder_attention"][:, :, :, :count, :count]
    np.testing.assert_allclose(decoder, weights["decoder"], atol=1e-5)


def test_aligning_with_what_the_model_writes_shows_the_same_attention(trained):
    texts = ["bom dia.", "o livro que me deste é bom."]
    found = trained.translator.attend(tf.constant(texts))
    aligned = trained.translator.align(tf.constant(texts), found.pop("translation"))
    assert aligned.keys() == found.keys()
    for name in ("source_tokens", "target_tokens"):
        np.testing.assert_array_equal(aligned[name], found[name])
    is_real = found["target_tokens"].numpy() != b""
    for ours, theirs, real in zip(aligned["attention"], found["attention"], is_real, strict=True):
        np.testing.assert_allclose(ours.numpy()[:, :, real], theirs.numpy()[:, :, real], atol=1e-5)


def test_an_embedding_is_the_mean_over_real_positions(trained):
    texts = ["bom dia.", "o livro que me deste é bom."]
    together = trained.translator.embed(tf.constant(texts))["embedding"]
    assert together.shape == (2, 32)
    for text, embedding in zip(texts, together, strict=True):
        source_ids = tf.concat([trained.tokenizers[0].tokenize([text]), [[END]]], axis=1)
        memory, _ = trained.model.encode(source_ids.to_tensor())
        np.testing.assert_allclose(embedding, np.mean(memory[0], axis=0), atol=1e-5)


@pytest.mark.parametrize(("kind", "vocab_size"), [("wordpiece", 150), ("sentencepiece", 600)])
def test_a_translator_is_its_tokenizers_around_the_search(kind, vocab_size, trained):
    sources, targets = trained.pairs.sources, trained.pairs.targets
    source, target = train_tokenizers(sources, targets[:20], kind, vocab_size, joint=False)
    assert source.vocab_size != target.vocab_size
    config = TransformerConfig(
        source_vocab_size=source.vocab_size,
        target_vocab_size=target.vocab_size,
        **SMALL,
        tie="target",
        max_length=16,
    )
    model = reference.randomize(Transformer(config))
    texts = tf.constant(sources[:5])
    found = Translator(model, source, target).translate(texts)
    tokens = source.tokenize(texts)
    source_ids = tf.concat([tokens, tf.fill([5, 1], END)], axis=1).to_tensor()
    limits = tf.minimum(2 * tf.cast(tokens.row_lengths(), tf.int32) + 10, 16)
    expected = GreedySearch()(model, source_ids, limits)
    assert len(set(decoded(found["translation"]))) > 1
    assert decoded(found["translation"]) == decoded(target.detokenize(expected.ids))
    np.testing.assert_allclose(found["score"], expected.scores, atol=1e-4)
    np.testing.assert_array_equal(found["truncated"], expected.truncated)


def test_the_weights_are_tracked_for_saving_and_nothing_of_the_optimizer(trained):
    tracked = {id(variable) for variable in trained.translator.variables}
    assert tracked == {id(variable.value) for variable in trained.model.variables}


def test_seeding_after_loading_does_no_harm(translate):
    keras.utils.set_random_seed(3)
    assert decoded(translate(tf.constant(["bom dia."]))["translation"]) == ["good morning."]


def many(trained):
    """Return more rows than there are seats, and blank, long and odd ones among them."""
    sources = trained.pairs.sources * 3
    return [*sources[:50], "", "o cão come a casa de Ana. " * 3, *sources[50:], " ", "🙂"]


def test_many_rows_are_answered_in_their_own_order(trained, translate):
    texts = many(trained)
    found = decoded(translate(tf.constant(texts))["translation"])
    expected = dict(zip(trained.pairs.sources, trained.pairs.targets, strict=True)) | {"": ""}
    assert len(found) == len(texts)
    assert all(expected.get(a, b) == b for a, b in zip(texts, found, strict=True))


@pytest.fixture(scope="module")
def compiled(trained):
    """One whose searches XLA compiles: each once, though several methods call it."""
    return Translator(trained.model, *trained.tokenizers, jit_compile=True)


@pytest.mark.parametrize(
    "method",
    ["translate", "translate_beam", "attend", pytest.param("sample", marks=pytest.mark.long)],
)
def test_compiled_by_xla_the_answers_are_the_same(trained, compiled, method):
    # One row is a shape of its own, which takes as long to compile: greedy search tells as much.
    some = [many(trained)] + [trained.pairs.sources[:1]] * (method in ("translate", "attend"))
    for texts in some:
        expected = getattr(trained.translator, method)(tf.constant(texts))
        found = getattr(compiled, method)(tf.constant(texts))
        assert found.keys() == expected.keys()
        for name, values in expected.items():
            if values.dtype == tf.float32:
                np.testing.assert_allclose(found[name], values, atol=1e-4)
            else:
                np.testing.assert_array_equal(found[name], values)
