"""The shared directory of the decoding benchmark: sentences to translate, and models."""

import importlib.util
import json
from pathlib import Path

import numpy as np

import tf_transformer as tft  # which imports TensorFlow only where it is needed
from tf_transformer.errors import counted

SAMPLE = 512  # sentences
_LEAST = 128  # of them must remain, without those that are cut
ENDLESS_WORD = "a"  # the word of the endless model


def prepare(directory, run_dir, data_dir):
    """Choose sentences, and export a trained model for every contender.

    The directory then holds `sample.json`; the SavedModels `graph/`, `compiled/` (with XLA),
    `endless/` and `silent/` (compiled too; one never ends a sentence, one never begins); and for
    each of the engines CTranslate2, LiteRT, ONNX Runtime and OpenVINO whose extra is installed,
    `ENGINE_float32/` and `ENGINE_int8/`.

    Args:
        directory: directory to write to.
        run_dir: directory of the trained model's run.
        data_dir: folder of TensorFlow Datasets.

    Returns:
        One line about the sample.

    Raises:
        UserError: the model ends too few sentences, because it was not trained enough.
    """
    from tf_transformer.export.warm_up import read_warm_up
    from tf_transformer.text import END
    from tf_transformer.text.forms import find_form

    directory = Path(directory)
    run = tft.Run.open(run_dir)
    dataset, config, _ = run.load_config()
    model = tft.training.load_model(tft.training.Checkpoints(run.checkpoint_dir).best)
    tokenizers = tft.load_tokenizers(run.tokenizer_dir)
    corpus = tft.load_corpus(dataset, data_dir)
    for tokenizer in tokenizers:
        tokenizer.form = find_form("plain")  # all contenders read and write the text of the corpus
    graph = tft.Translator(model, *tokenizers)
    compiled = tft.Translator(model, *tokenizers, jit_compile=True)

    path = tft.export_saved_model(graph, directory / "graph", _CARD)
    version = tft.export_saved_model(compiled, directory / "compiled", _CARD)
    sample = _sample(path, tokenizers, corpus.pairs("validation"))
    if len(sample) < _LEAST:
        raise tft.UserError(f"run_dir={run_dir} ends too few sentences: train it longer.")
    values = {
        "config": config.to_dict(),
        "bleu_tokenize": corpus.bleu_tokenize,
        "sample": sample,
        "warm_up": read_warm_up(version),
    }
    (directory / "sample.json").write_text(json.dumps(values), encoding="utf-8")

    engines = {
        "ctranslate2": ["ctranslate2"],
        "litert": ["ai_edge_litert"],
        "onnx": ["tf2onnx", "onnxruntime"],
        "openvino": ["tf2onnx", "onnxruntime", "openvino"],
    }
    for engine, packages in engines.items():
        if all(map(importlib.util.find_spec, packages)):
            export = getattr(tft.export, f"export_{engine}")
            for kind in ("float32", "int8"):
                export(model, *tokenizers, directory / f"{engine}_{kind}", quantization=kind)
    ((word,),) = tokenizers[1].tokenize([ENDLESS_WORD]).to_list()
    for name, token_id in (("endless", word), ("silent", END)):
        _make_say(model, token_id)
        tft.export_saved_model(compiled, directory / name, _CARD)

    tokens = [row["target_length"] for row in sample]
    return (
        f"{counted(len(sample), 'sentence')} of {dataset}, validation, of {tokens[-1]} to "
        f"{tokens[0]} target tokens, {np.mean(tokens):.1f} on average, translated by {run_dir}"
    )


_CARD = "Made for a benchmark."


def load(directory):
    """Return what `prepare` wrote to `sample.json`.

    It is a dictionary: `config` of the model; `bleu_tokenize`; `sample`, rows from long to short,
    each with `source`, `source_ids`, `reference`, `translation` (ours, without XLA) and
    `target_length` (its tokens, END included); and `warm_up`, the requests of the SavedModel's
    warm-up file.
    """
    return json.loads((Path(directory) / "sample.json").read_text(encoding="utf-8"))


def _sample(saved_model, tokenizers, pairs):
    """Return rows spread over all lengths.

    Rows whose translations are cut are left out, because engines cut at different points.
    """
    from tf_transformer.text import END

    by_length = sorted(pairs, key=lambda pair: -len(pair[0]))
    sources, references = zip(*spread(by_length, SAMPLE), strict=True)
    translate = tft.load_saved_model(saved_model).signatures["serving_default"]
    found = tft.tasks.map_texts(translate, sources)
    translations = found["translation"]
    source_ids, target_ids = (
        tokenizer.tokenize(texts).to_list()
        for tokenizer, texts in zip(tokenizers, (sources, translations), strict=True)
    )
    return [
        {
            "source": source,
            "source_ids": [*ids, END],
            "reference": reference,
            "translation": translation,
            "target_length": len(found_ids) + 1,
        }
        for source, reference, ids, translation, found_ids, cut in zip(
            *(sources, references, source_ids, translations, target_ids, found["truncated"]),
            strict=True,
        )
        if not cut
    ]


def spread(rows, count):
    """Return `count` rows, evenly spread over all of them, or all if there are fewer."""
    picks = np.linspace(0, len(rows) - 1, min(count, len(rows))).round().astype(int)
    return [rows[pick] for pick in picks]


def _make_say(model, token_id):
    """Let a model repeat one token for ever, at the cost of any other token.

    The last vector before the logits becomes a constant that points to that token's embedding.
    """
    norm = model.decoder.final_norm
    norm.gamma.assign(np.zeros(norm.gamma.shape))
    norm.beta.assign(model.target_embedding.table[token_id])
