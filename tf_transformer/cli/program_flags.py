"""The flags of the programs, and the checks that are possible before TensorFlow is imported."""

from __future__ import annotations

from absl import flags

import tf_transformer as tft
from tf_transformer.cli import training_flags as shared
from tf_transformer.config import (
    SEARCH,
    CausalLMConfig,
    ClassifierConfig,
    ClassifierTraining,
    LanguageModelTraining,
    TranslatorTraining,
    dataset_parts,
    make_configs,
)
from tf_transformer.errors import require, suggest

FLAGS = flags.FLAGS


def define(verb: str) -> None:
    """Define the flags of a program, the most needed first."""
    _DEFINE[verb]()


def check(verb: str) -> None:
    """Check the fields of the configuration that the flags set.

    Raises:
        UserError: for an unknown field (with the nearest names), a bad value or a missing file.
    """
    if verb in _CHECK:
        _CHECK[verb]()


def fields() -> set[str]:
    """Return the names of all fields that --set can set."""
    configs = (
        *(tft.TransformerConfig, TranslatorTraining, CausalLMConfig),
        *(LanguageModelTraining, ClassifierConfig, ClassifierTraining),
    )
    return {name for config in configs for name in config.field_names()}


def _define_train() -> None:
    shared.define_pairs("learn from")
    shared.define_directions()
    flags.DEFINE_string(
        "preset", "tiny", "Size and plan of training: tiny, tutorial, modern, base or big."
    )
    flags.DEFINE_string(
        "init_from",
        None,
        "Model to start from: the directory of a run, or the name of a model of this package.",
    )
    flags.DEFINE_string("config", None, "Configuration file; other flags override it.")
    flags.DEFINE_string(
        "run_dir", None, "Where the run is kept; default: runs/CONFIG or runs/DATASET-PRESET."
    )
    flags.DEFINE_string("export_dir", None, "Where the SavedModel goes; default: saved_models/RUN.")
    flags.DEFINE_bool("resume", False, "Continue the run in --run_dir, as it was configured.")
    flags.DEFINE_integer("epochs", None, "Most passes over the data; default: what fits it.")
    shared.define_plan()
    flags.DEFINE_integer("batch_tokens", None, "Most tokens in a batch, padding included.")
    shared.define_seed("pairs")
    shared.define_data_dir()
    flags.DEFINE_string("split", None, "Split to score at the end; default: test, else validation.")
    shared.define_bleu_tokenize()
    flags.DEFINE_integer(
        "beam_size", SEARCH["beam_size"], "Hypotheses that the final search keeps.", lower_bound=1
    )
    flags.DEFINE_float(
        "alpha", SEARCH["alpha"], "Length penalty of the final search; 0: none.", lower_bound=0
    )
    shared.define_distribution()
    flags.DEFINE_bool("train", True, "Train; --notrain only scores and exports the run.")
    shared.define_extras()


def _define_translate() -> None:
    flags.DEFINE_string(
        "model_dir", None, "SavedModel to load; default: the newest translator in saved_models."
    )
    flags.DEFINE_integer(
        "beam_size", SEARCH["beam_size"], "Hypotheses kept for a sentence; 1 is greedy search."
    )
    _define_to()
    flags.DEFINE_float("alpha", SEARCH["alpha"], "Length penalty of beam search; 0 for none.")
    flags.DEFINE_integer("n_best", 1, "Translations printed for each line; may widen the beam.")
    flags.DEFINE_bool(
        "mark_doubt",
        None,
        "Put (?) after translations that are probably worse than usual; default: at a terminal.",
    )
    _define_control()
    flags.DEFINE_string("attention_png", None, "Picture of where the decoder looked, for one line.")
    flags.DEFINE_string("attention_html", None, "Page of where all heads looked, for one line.")


def _define_evaluate() -> None:
    flags.DEFINE_string(
        "model_dir", None, "SavedModel to load; default: the newest translator in saved_models."
    )
    shared.define_pairs("translate")
    shared.define_data_dir()
    flags.DEFINE_string(
        "split", None, "Split to score; default: test, else validation. Own files also have: all."
    )
    flags.DEFINE_integer(
        "beam_size",
        SEARCH["beam_size"],
        "Hypotheses kept for a sentence; 1 is greedy search.",
        lower_bound=1,
    )
    flags.DEFINE_float(
        "alpha", SEARCH["alpha"], "Length penalty of beam search; 0 for none.", lower_bound=0
    )
    _define_to()
    flags.DEFINE_bool("tune", False, "Find the best beam and length penalty on validation pairs.")
    flags.DEFINE_list("beam_sizes", "1,4,8", "Beam sizes that --tune tries.")
    flags.DEFINE_list("alphas", "0,0.4,0.6,0.8,1.0,1.2", "Length penalties that --tune tries.")
    flags.DEFINE_string(
        "text_form", "", "How the text is written: plain, treebank or ted_hrlr; default: as known."
    )
    shared.define_bleu_tokenize()


def _define_control() -> None:
    """Define what can be asked of a model that was exported with --control."""
    flags.DEFINE_string("prefix", "", "What each translation begins with.")
    flags.DEFINE_multi_string("must", [], "Phrase that each translation holds; may be repeated.")
    flags.DEFINE_multi_string("must_not", [], "Phrase that no translation has; may be repeated.")
    flags.DEFINE_string("terms", None, "File of terms: TERM TAB TRANSLATION, one a line.")
    flags.DEFINE_bool("copy", False, "Copy links, e-mail addresses and words with a digit.")
    flags.DEFINE_integer("min_length", 0, "Fewest tokens of a translation.", lower_bound=0)
    flags.DEFINE_float(
        "diversity", 0, "How much the translations of --n_best shall differ.", lower_bound=0
    )
    flags.DEFINE_integer(
        "groups", None, "Parts of the beam that differ; default: one for each hypothesis."
    )
    flags.DEFINE_bool(
        "details", False, "Print JSON with tokens, log-probabilities and the alignment of words."
    )


def _define_to() -> None:
    flags.DEFINE_string("to", None, "Language to translate into, if the model knows several.")


def _define_export() -> None:
    flags.DEFINE_string(
        "run_dir", None, "Finished run to export, or pt_en; default: the newest in runs."
    )
    flags.DEFINE_string("export_dir", None, "Where the model goes; default: saved_models/RUN.")
    formats = ["saved_model", "ctranslate2", "litert", "onnx", "openvino"]
    flags.DEFINE_enum("format", "saved_model", formats, "What to export.")
    flags.DEFINE_string(
        "quantization",
        "float32",
        "Type of the weights, such as int8; a SavedModel has only float32.",
    )
    flags.DEFINE_bool(
        "jit_compile",
        False,
        "Let XLA compile a SavedModel's searches: faster, after seconds for each shape.",
    )
    flags.DEFINE_bool(
        "control", False, "Let users of a SavedModel ask for prefixes, words, terms and details."
    )
    shared.define_data_dir()
    shared.define_export_anyway()


def _define_complete() -> None:
    flags.DEFINE_string(
        "dataset",
        "python_help",
        "Text to learn from: python_help, phrasebook, FILE.txt, or a TFDS set of texts.",
    )
    flags.DEFINE_multi_string("prompt", [], "Beginning to complete; may be given several times.")
    flags.DEFINE_string(
        "model_dir", None, "SavedModel to complete --prompt with; nothing is trained."
    )
    flags.DEFINE_integer("max_tokens", 300, "Most tokens of a completion.", lower_bound=1)
    flags.DEFINE_float(
        "temperature", 0.8, "Temperature of the draws; 0 for the most probable.", lower_bound=0
    )
    flags.DEFINE_integer("top_k", 0, "Draw from this many best tokens; 0: all.", lower_bound=0)
    flags.DEFINE_float("top_p", 1.0, "Draw from the best tokens that hold this share.", 0.0, 1.0)
    flags.DEFINE_string("run_dir", None, "Where the run is kept; default: runs/DATASET-lm.")
    flags.DEFINE_string(
        "export_dir", None, "Where the SavedModel goes; default: saved_models/DATASET."
    )
    flags.DEFINE_bool("resume", False, "Continue the run in --run_dir, as it was configured.")
    flags.DEFINE_integer("epochs", None, "Most epochs, of --set=steps_per_epoch=250 batches each.")
    shared.define_plan()
    shared.define_seed("blocks")
    shared.define_data_dir()
    shared.define_extras()


def _define_classify() -> None:
    flags.DEFINE_string(
        "dataset",
        "phrasebook",
        "Texts to learn from: phrasebook, FILE.tsv, TRAIN.tsv,TEST.tsv, or a TFDS set with labels.",
    )
    flags.DEFINE_multi_string(
        "text", [], "Text to classify, with --model_dir or after training; may be repeated."
    )
    flags.DEFINE_string(
        "model_dir", None, "SavedModel to classify --text with; nothing is trained."
    )
    flags.DEFINE_string("run_dir", None, "Where the run is kept; default: runs/DATASET-classes.")
    flags.DEFINE_string(
        "export_dir", None, "Where the SavedModel goes; default: saved_models/DATASET-classes."
    )
    flags.DEFINE_integer("epochs", None, "Most passes over the texts; default: what fits them.")
    shared.define_plan()
    flags.DEFINE_integer("seeds", 1, "Models to train, with the seeds 1, 2, ….", lower_bound=1)
    shared.define_data_dir()
    flags.DEFINE_string(
        "words_png", None, "Picture of what the words of some texts add; default: in the run."
    )
    flags.DEFINE_string("words_html", None, "The same as a page; default: in the run.")
    shared.define_extras()


def _define_serve() -> None:
    flags.DEFINE_string(
        "model_dir",
        None,
        "Model to serve, with its versions, or pt_en; default: the newest in saved_models.",
    )
    flags.DEFINE_string(
        "page_dir", None, "Folder of recipe 13 to show at /; default: the folder page in model_dir."
    )
    flags.DEFINE_string("host", "127.0.0.1", "Where to listen; 0.0.0.0 is open to other machines.")
    flags.DEFINE_integer("rest_port", 8501, "Port for REST; 0: a free one.", 0, 65_535)
    flags.DEFINE_integer("grpc_port", 8500, "Port for gRPC; 0: a free one.", 0, 65_535)
    flags.DEFINE_string("token_file", None, "File with a token that clients must send.")
    flags.DEFINE_integer("threads", 0, "Batches that run side by side; 0: one a core.", 0)
    flags.DEFINE_integer("max_batch_rows", 64, "Most rows of a batch of several requests.", 1)
    flags.DEFINE_integer("max_waiting_rows", 1_000, "Most rows that wait; others are refused.", 1)
    flags.DEFINE_integer("max_rows", 1_000, "Most rows of a request.", 1)
    flags.DEFINE_integer("max_text_bytes", 65_536, "Most bytes of a text.", 1)
    flags.DEFINE_integer("max_body_bytes", 4_194_304, "Most bytes of a request.", 1)
    flags.DEFINE_float("timeout", 30, "Most seconds until an answer.", 0.001)
    flags.DEFINE_float("poll_seconds", 2, "Seconds between two looks for new versions.", 0.01)
    flags.DEFINE_float("drain_seconds", 30, "Most seconds for the last requests at the end.", 0)
    flags.DEFINE_bool("log_texts", False, "Write the texts into the log, too.")


def _define_prepare() -> None:
    shared.define_pairs("prepare")
    shared.define_directions()
    flags.DEFINE_string("output_dir", None, "New folder to prepare in; default: prepared/DATASET.")
    flags.DEFINE_string("preset", "base", "Preset that the model will have.")
    flags.DEFINE_integer("vocab_size", None, "Ids of the vocabulary; default: as of the preset.")
    flags.DEFINE_integer("max_length", None, "Most tokens of a sentence; others are left out.")
    flags.DEFINE_integer("processes", 0, "Processes that tokenise; 0: one a core.", 0)
    flags.DEFINE_integer(
        "sample_pairs", 50_000, "Pairs of all corpora that the vocabulary is learned from.", 1
    )
    shared.define_data_dir()
    shared.define_bleu_tokenize()
    flags.DEFINE_multi_string("set", [], "NAME=VALUE: set another field of the preparation.")


def _define_page() -> None:
    flags.DEFINE_string("export", None, "New folder for the page; default: pages/RUN.")
    flags.DEFINE_string(
        "run_dir", None, "Finished run to export, or pt_en; default: the newest in runs."
    )
    flags.DEFINE_enum(
        "quantization",
        "int8",
        ["int8", "float32"],
        "Type of the weights; float32 makes the page several times as large.",
    )
    flags.DEFINE_string(
        "npm_dir", None, "Folder in which npm has installed onnxruntime-web; default: this one."
    )
    shared.define_export_anyway()


def _check_train() -> None:
    chosen = shared.read_config()
    changed = shared.overrides("epochs", "max_minutes", "seed", "batch_tokens", "directions")
    dataset_parts(FLAGS.dataset)
    shared.processes()
    if not FLAGS.resume:
        tft.preset(FLAGS.preset, **chosen | changed)
    else:
        _check_names(changed, tft.TransformerConfig, TranslatorTraining)


def _check_complete() -> None:
    changed = shared.overrides("epochs", "max_minutes", "seed")
    if not FLAGS.resume:
        make_configs({CausalLMConfig: {}, LanguageModelTraining: {}}, changed)
    else:
        _check_names(changed, CausalLMConfig, LanguageModelTraining)


def _check_classify() -> None:
    changed = shared.overrides("epochs", "max_minutes")
    make_configs({ClassifierConfig: {}, ClassifierTraining: {}}, changed)


def _check_serve() -> None:
    tft.serving.require_packages()


def _check_prepare() -> None:
    dataset_parts(FLAGS.dataset)
    settled = shared.overrides("directions", "vocab_size", "max_length")
    make_configs({TranslatorTraining: {}}, settled)


def _check_names(fields: dict[str, object], *configs: type[tft.config.Config]) -> None:
    known = {name for config in configs for name in config.field_names()}
    for name in fields:
        require(name in known, f"{name!r} is not a configuration field: {suggest(name, known)}")


_DEFINE = {
    "train": _define_train,
    "translate": _define_translate,
    "evaluate": _define_evaluate,
    "export": _define_export,
    "complete": _define_complete,
    "classify": _define_classify,
    "serve": _define_serve,
    "prepare": _define_prepare,
    "page": _define_page,
}
_CHECK = {
    "train": _check_train,
    "complete": _check_complete,
    "classify": _check_classify,
    "prepare": _check_prepare,
    "serve": _check_serve,
}
