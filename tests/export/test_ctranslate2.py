"""CTranslate2 computes what we compute: an engine that shares no code with this package."""

import dataclasses
import json
import runpy
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

from tests import reference
from tests.small import MODERN
from tf_transformer import UserError
from tf_transformer.config import TransformerConfig
from tf_transformer.decoding import BeamSearch, GreedySearch
from tf_transformer.export import export_ctranslate2
from tf_transformer.export.ctranslate2 import _EXPRESSIBLE
from tf_transformer.models import Transformer
from tf_transformer.tasks import Translator
from tf_transformer.tasks.confidence import Confidence
from tf_transformer.text import END, PAD, load_tokenizers
from tf_transformer.text.rules import PLACEHOLDERS

ctranslate2 = pytest.importorskip("ctranslate2")

SHAPE = {"num_layers": 2, "d_model": 24, "num_heads": 3, "d_ff": 40, "max_length": 24}
ODD_TEXTS = [
    "o gato vê a porta azul.",
    "  dois  espaços\t e um tab ",
    "</s> <s> <unk> <pad> [END] [START] <0x41>",
    "##a # ## a##a gato##",
    "▁gato \x1b1 \x1b0",
    "🙂👩\u200d👩\u200d👧 e\u0301 猫 \u2028x\u00a0y\u3000z\x85w",
    "a\x01b \x1b[31m\x7f",
    "Ångström? não!! (três-cães)",
    "",
]


@pytest.fixture
def make(joint, separate, tmp_path):
    """Makes a random model, exported: `make(positions="rotary", …)` gives both."""

    def make(quantization="float32", **fields):
        tokenizers = tokenizers_of(separate if fields.get("tie") == "none" else joint)
        sizes = [tokenizer.vocab_size for tokenizer in tokenizers]
        model = reference.randomize(Transformer(TransformerConfig(*sizes, **(SHAPE | fields))))
        directory = export_ctranslate2(
            model, *tokenizers, tmp_path / "model", quantization=quantization
        )
        return model, directory

    return make


@pytest.fixture(scope="module")
def trained_dir(trained, tmp_path_factory):
    """Where the trained translator is exported."""
    directory = tmp_path_factory.mktemp("ctranslate2") / "model"
    return export_ctranslate2(trained.model, *trained.tokenizers, directory)


@pytest.fixture(scope="module")
def sentences(trained):
    """The ids of the sentences that the trained translator knows."""
    return trained.tokenizers[0].tokenize(trained.pairs.sources).to_list()


@pytest.fixture(scope="module")
def greedy(trained, sentences):
    """What greedy search makes of them."""
    return our_search(trained.model, sentences, 40, 1)


def tokenizers_of(translator):
    return translator.source_tokenizer, translator.target_tokenizer


def vocabulary(directory, side):
    """Return the names of ids that CTranslate2 reads."""
    path = directory / f"{side}_vocabulary.json"
    path = path if path.exists() else directory / "shared_vocabulary.json"
    return json.loads(path.read_text(encoding="utf-8"))


def search(directory, rows, limit, beam_size):
    """Return a dictionary for each row of source ids: from target ids to log-probability."""
    source, target = vocabulary(directory, "source"), vocabulary(directory, "target")
    found = ctranslate2.Translator(str(directory), intra_threads=1).translate_batch(
        [[source[token] for token in row] for row in rows],
        beam_size=beam_size,
        num_hypotheses=beam_size,
        length_penalty=0,
        min_decoding_length=0,
        max_decoding_length=limit,
        return_scores=True,
        return_end_token=True,
    )
    return [
        {
            tuple(map(target.index, tokens)): score
            for tokens, score in zip(row.hypotheses, row.scores, strict=True)
        }
        for row in found
    ]


def padded(rows):
    """Return rows of source ids as the model needs them: with END, of one length."""
    length = 1 + max(map(len, rows))
    return tf.constant([[*row, END] + [PAD] * (length - 1 - len(row)) for row in rows])


def our_search(model, rows, limit, beam_size):
    limits = tf.fill([len(rows)], limit)
    if beam_size == 1:
        found = GreedySearch()(model, padded(rows), limits)
        found = [ids[None] for ids in found.ids.numpy()], found.scores.numpy()[:, None]
    else:
        found = BeamSearch(beam_size, alpha=0.0)(model, padded(rows), limits)
        found = found.ids.numpy(), found.scores.numpy()
    return [
        {tuple(ids[ids != PAD]): score for ids, score in zip(*row, strict=True)}
        for row in zip(*found, strict=True)
    ]


# The same numbers


@pytest.mark.parametrize(
    "fields",
    [
        {"positions": "sinusoidal", "norm": "pre", "activation": "relu", "tie": "all"},
        {"positions": "sinusoidal", "norm": "post", "activation": "gelu", "tie": "none"},
        {"positions": "learned", "norm": "pre", "activation": "gelu", "tie": "target"},
        {"positions": "learned", "norm": "post", "activation": "relu", "tie": "all"},
        {"positions": "rotary", "norm": "pre", "activation": "relu", "tie": "none"},
        {"positions": "rotary", "norm": "post", "activation": "gelu", "tie": "target"},
        {"positions": "learned", "d_model": 15, "num_heads": 5, "d_ff": 7, "num_layers": 1},
        {**MODERN, "encoder_layers": 3, "decoder_layers": 1, "d_model": 32, "num_heads": 4},
        {"activation": "geglu", "norm": "post", "normalization": "rms_norm", "num_layers": 1},
    ],
    ids=lambda fields: "-".join(map(str, fields.values())),
)
def test_greedy_search_finds_the_same_tokens_and_log_probabilities(fields, make):
    model, directory = make(**fields)
    rows = np.random.default_rng(5).integers(4, 40, [6, 12])
    rows = [list(row[:length]) for row, length in zip(rows, (12, 1, 7, 3, 10, 5), strict=True)]
    ours, theirs = our_search(model, rows, 12, 1), search(directory, rows, 12, 1)
    assert [list(row) for row in theirs] == [list(row) for row in ours]
    assert len({row for rows in ours for row in rows}) > 1  # they depend on the source
    scores = [next(iter(row.values())) for row in ours]
    np.testing.assert_allclose(
        [next(iter(row.values())) for row in theirs], scores, rtol=1e-4, atol=1e-4
    )


def test_every_choice_of_the_configuration_can_be_expressed():
    """A new field or value needs a row above, and a place in the export or a refusal."""
    assert {field.name for field in dataclasses.fields(TransformerConfig)} == {
        *("source_vocab_size", "target_vocab_size", *SHAPE, *_EXPRESSIBLE, *MODERN, "tie"),
        *("encoder_layers", "decoder_layers"),
        *("dropout", "attention_dropout", "feed_forward_dropout"),  # of training alone
    }


def test_a_trained_model_translates_the_same(trained_dir, sentences, greedy):
    theirs = search(trained_dir, sentences, 40, 1)
    assert [list(row) for row in theirs] == [list(row) for row in greedy]


def test_beam_search_gives_common_hypotheses_the_same_scores(trained, trained_dir, sentences):
    pairs = zip(
        our_search(trained.model, sentences, 40, 4),
        search(trained_dir, sentences, 40, 4),
        strict=True,
    )
    common = [(a[ids], b[ids]) for a, b in pairs for ids in a if ids in b]
    assert len(common) > 2 * len(sentences)
    np.testing.assert_allclose(*np.transpose(common), atol=1e-3)


@pytest.mark.parametrize("quantization", ["int8", "int16", "float16", "int8_float32"])
def test_smaller_weights_give_nearly_the_same_translations(
    quantization, trained, trained_dir, sentences, greedy
):
    directory = trained_dir.with_name(quantization)
    export_ctranslate2(trained.model, *trained.tokenizers, directory, quantization=quantization)
    size, full_size = ((path / "model.bin").stat().st_size for path in (directory, trained_dir))
    assert size < 0.7 * full_size
    theirs = search(directory, sentences, 40, 1)
    assert np.mean([list(a) == list(b) for a, b in zip(greedy, theirs, strict=True)]) > 0.9


# The directory


def test_the_directory_holds_what_is_documented(trained, trained_dir, card, tmp_path):
    directory = export_ctranslate2(trained.model, *trained.tokenizers, tmp_path / "a" / "b", card)
    assert {path.name for path in directory.iterdir()} == {
        *("model.bin", "config.json", "shared_vocabulary.json", "tokenizer"),
        *("translate.py", "README.md"),
    }
    source, target = load_tokenizers(directory / "tokenizer")
    assert source is target
    assert source.vocab_size == trained.tokenizers[0].vocab_size
    text = (directory / "README.md").read_text(encoding="utf-8")
    facts = ("pt → en", "float32", "`mine.tsv`", "CC0 1.0", "34.57", "nrefs:1|tok:13a", "beam 4")
    for words in (*facts, "pip install ctranslate2 sentencepiece", '"d_model": 32'):
        assert words in text, words
    assert "None" not in (trained_dir / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ["joint", "separate"])
def test_the_script_has_the_same_tokenizers(name, request, tmp_path):
    translator = request.getfixturevalue(name)
    tokenizers = tokenizers_of(translator)
    directory = export_ctranslate2(translator._model(), *tokenizers, tmp_path / "model")
    load_tokenizer = runpy.run_path(str(directory / "translate.py"))["load_tokenizer"]
    for side, ours in zip(("source", "target"), tokenizers, strict=True):
        theirs, names = load_tokenizer(side), vocabulary(directory, side)
        for text, ids in zip(ODD_TEXTS, ours.tokenize(ODD_TEXTS).to_list(), strict=True):
            assert theirs.tokenize(text) == [names[token] for token in ids], text
            text = ours.detokenize(tf.constant([ids], tf.int32))[0].numpy().decode()
            assert theirs.detokenize([names[token] for token in ids]) == text


def run_script(directory, stdin, *arguments):
    """Run `translate.py` where neither TensorFlow nor this package can be imported."""
    code = (
        "import runpy, sys; sys.modules['tensorflow'] = sys.modules['tf_transformer'] = None; "
        "sys.argv = sys.argv[1:]; runpy.run_path(sys.argv[0], run_name='__main__')"
    )
    command = [sys.executable, "-I", "-c", code, str(directory / "translate.py"), *arguments]
    finished = subprocess.run(command, input=stdin, capture_output=True, check=False)
    assert finished.returncode == 0, finished.stderr.decode()
    lines = finished.stdout.decode().split("\n")
    assert lines.pop() == ""
    return lines, finished.stderr.decode()


def test_the_script_translates_lines_as_the_translator_does(trained, trained_dir):
    lines = [*trained.pairs.sources, "", " \t ", "🙂 x", "gato " * 100, "a\xff".encode("latin-1")]
    lines = [line if isinstance(line, bytes) else line.encode() for line in lines]
    out, err = run_script(trained_dir, b"\n".join(lines), "--beam_size=1", "--batch_size=5")
    found = trained.translator.translate(tf.constant(lines))
    expected = [text.decode().replace("\n", " ") for text in found["translation"].numpy()]
    assert out == expected
    cut = 1 + np.flatnonzero(found["truncated"].numpy())
    assert err == "".join(f"line {n} or its translation is too long and was cut\n" for n in cut)
    assert lines.index(b"gato " * 100) + 1 in cut


UNCLEAN = [
    "\ufeffSão boas.",
    "Sa\u0303o boas.",
    "São\xa0boas.\t",
    "Sã\xado\u200b boas\ufe0f.",
    "\xa0",
    "\u3000\u200b",
    "-",
    "...",
    "😆",
    "1.",
    "Bom dia. Onde fica a praia?",
    "Bom dia! 😆 Está frio hoje.",
    "• Bom dia.",
    "praia?Está frio hoje.",
    "A Cia. Azul é do Sr. Silva. Bom dia.",
    "ONDE FICA A PRAIA? BOM DIA.",
    "Onde Fica a Praia?",
    "漢 x",
]


def test_the_script_cleans_splits_and_copies_as_the_translator_does(trained, trained_dir):
    out, err = run_script(trained_dir, "\n".join(UNCLEAN).encode(), "--beam_size=1")
    assert out == trained.translator(UNCLEAN)
    assert out[4:10] == ["", "", "-", "...", "😆", "1."]
    assert len(set(out[:4])) == 1
    assert err == ""


def test_the_script_searches_with_a_beam_unless_told_otherwise(trained, trained_dir):
    stdin = "\r\n".join(trained.pairs.sources).encode()
    out, _ = run_script(trained_dir, stdin)
    assert len(out) == len(trained.pairs)
    assert np.mean([a == b for a, b in zip(out, trained.pairs.targets, strict=True)]) > 0.8
    assert out == run_script(trained_dir, stdin, "--beam_size=4", "--length_penalty=0.6")[0]


def test_the_script_answers_no_lines_with_none(trained_dir):
    assert run_script(trained_dir, b"") == ([], "")


def test_the_script_names_lines_that_are_longer_than_any_sentence_in_training(
    trained, trained_dir, tmp_path
):
    directory = shutil.copytree(trained_dir, tmp_path / "model")
    path, lines = directory / "config.json", trained.pairs.sources
    path.write_text(json.dumps(json.loads(path.read_text()) | {"longest_source": 7}))
    _, err = run_script(directory, "\n".join(lines).encode())
    translator = Translator(trained.model, *trained.tokenizers)
    translator.confidence = Confidence([9] * trained.tokenizers[0].vocab_size, longest=7)
    is_too_long = translator.is_too_long(tf.constant(lines))["is_too_long"]
    numbers = 1 + np.flatnonzero(is_too_long)
    assert 0 < len(numbers) < len(lines)
    says = "is longer than nearly all sentences in training"
    found = [line for line in err.splitlines() if line.endswith(says)]
    assert found == [f"line {number} {says}" for number in numbers]


def test_the_script_says_where_ordinary_text_is_not_what_the_model_reads(trained_dir, tmp_path):
    directory = shutil.copytree(trained_dir, tmp_path / "model")
    path = directory / "tokenizer" / "tokenizer.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"text_form": "treebank"}))
    _, err = run_script(directory, b"bom dia .")
    assert "lines must be in the form of the training data, treebank" in err


def test_the_script_runs_with_wordpiece(separate, tmp_path):
    tokenizers = tokenizers_of(separate)
    directory = export_ctranslate2(separate._model(), *tokenizers, tmp_path / "model")
    assert "pip install ctranslate2\n" in (directory / "README.md").read_text(encoding="utf-8")
    lines = ["o gato vê a porta azul.", "", "não há   cães aqui!"]
    out, _ = run_script(directory, "\n".join(lines).encode(), "--beam_size=1")
    found = separate.translate(tf.constant(lines))["translation"]
    assert out == [text.decode() for text in found.numpy()]
    assert out[0]


# What is asked of a translation


@pytest.fixture(scope="module")
def translate(trained_dir):
    """The translator of the exported script."""
    return runpy.run_path(str(trained_dir / "translate.py"))["load"]()


ASKED = [{"prefix": "the blu"}, {"prefix": "I am"}, {"min_length": 1}, {"min_length": 25}]


@pytest.mark.parametrize("options", ASKED, ids=str)
def test_a_prefix_and_a_minimum_length_change_a_translation_as_ours(options, trained, translate):
    found = translate(trained.pairs.sources, **options)
    assert found == trained.translator(trained.pairs.sources, **options)
    assert all(text.startswith(options.get("prefix", "")) for text in found)


def test_a_beam_keeps_to_them_too(trained, translate, sentences):
    found = translate(trained.pairs.sources, beam_size=4, prefix="the red")
    assert all(text.startswith("the red") and len(text) > len("the red") for text in found)
    rows = [translate._source.tokenize(text) for text in trained.pairs.sources]
    make_row = type(translate).translate.__globals__["Row"]
    ((found),) = translate._engine.search([[make_row(row, 40, (), 20) for row in rows]], 4, 0.6)
    assert min(len(each.tokens) for each in found) >= 20


def test_a_line_counts_as_one_sentence_and_keeps_its_capitals(trained, translate):
    texts = ["Bom dia. Onde fica a praia?", "ONDE FICA A PRAIA?", "", "★ —", "  bom dia. "]
    found = translate(texts, prefix="the")
    assert found == trained.translator(texts, prefix="the")
    assert found[2:4] == ["", "★ —"]


def test_the_script_takes_them_as_flags(trained, trained_dir, translate):
    stdin = "\n".join(trained.pairs.sources).encode()
    flags = ["--prefix=the ", "--min_length=9", "--beam_size=1"]
    out, _ = run_script(trained_dir, stdin, *flags)
    assert out == translate(trained.pairs.sources, prefix="the ", min_length=9)


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"min_length": -1}, "min_length=-1: it must be at least 0"),
        ({"prefix": f"the {PLACEHOLDERS[0]}"}, "the model cannot write it"),
    ],
)
def test_what_cannot_be_asked_for_is_said(options, says, translate):
    with pytest.raises(ValueError, match=says):
        translate("bom dia.", **options)


def test_a_prefix_that_the_vocabulary_cannot_spell_is_refused(separate, tmp_path):
    directory = export_ctranslate2(separate._model(), *tokenizers_of(separate), tmp_path / "model")
    translate = runpy.run_path(str(directory / "translate.py"))["load"]()
    assert translate("o gato", prefix="the cat").startswith("the cat")
    with pytest.raises(ValueError, match="prefix=漢 the: the model cannot write it"):
        translate("o gato", prefix="漢 the")


# Refusals


@pytest.fixture
def refused(joint, tmp_path):
    """Exports, which must be refused with one line, and returns that line."""

    def export(model=None, tokenizers=None, export_dir=tmp_path / "model", **options):
        before = sorted(tmp_path.rglob("*"))
        model, tokenizers = model or joint._model(), tokenizers or tokenizers_of(joint)
        with pytest.raises(UserError) as error:
            export_ctranslate2(model, *tokenizers, export_dir, **options)
        assert sorted(tmp_path.rglob("*")) == before
        assert "\n" not in str(error.value)
        return str(error.value)

    return export


def test_nothing_that_exists_is_overwritten(refused, tmp_path):
    (tmp_path / "file").write_text("mine")
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "file").write_text("mine")
    for name in ("file", "folder"):
        message = refused(export_dir=tmp_path / name)
        assert f"export_dir={tmp_path / name} exists already" in message
    assert (tmp_path / "folder" / "file").read_text() == "mine"


def test_an_unknown_quantization(refused):
    assert "'int9' is unknown: did you mean int8" in refused(quantization="int9")


def test_tokenizers_of_another_model(refused, separate):
    assert "the tokenizers have (" in refused(tokenizers=tokenizers_of(separate))


@pytest.mark.parametrize("field", _EXPRESSIBLE)
def test_a_model_that_the_specification_does_not_have(field, refused, joint):
    model = Transformer(joint._model().config.replace())  # a configuration of its own
    object.__setattr__(model.config, field, "swish")
    message = refused(model)
    assert f"{field}='swish' is not in CTranslate2's specification" in message


def test_the_square_of_relu_is_refused_by_its_name(refused, joint):
    message = refused(Transformer(joint._model().config.replace(activation="relu2")))
    assert message == (
        "activation='relu2' is not in CTranslate2's specification of a Transformer, "
        "which has relu, gelu, swiglu, geglu."
    )


def test_a_missing_package(refused, monkeypatch):
    monkeypatch.setitem(sys.modules, "ctranslate2.specs", None)
    assert "pip install 'tf-transformer[ctranslate2]'" in refused()


def test_a_failed_export_leaves_nothing(joint, tmp_path, monkeypatch):
    def full_disk(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("tf_transformer.export.engine_files.script_of", full_disk)
    with pytest.raises(OSError, match="No space left"):
        export_ctranslate2(joint._model(), *tokenizers_of(joint), tmp_path / "a" / "model")
    assert [path for path in tmp_path.rglob("*") if path != Path(tmp_path / "a")] == []
