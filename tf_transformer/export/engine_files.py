"""The files of a translator that another engine runs: its tokenizers, a script and a README."""

from __future__ import annotations

import dataclasses
import datetime
import importlib
import json
from pathlib import Path
from types import ModuleType
from typing import Any

import keras
import numpy as np

from tf_transformer.errors import UserError, counted, require, suggest
from tf_transformer.export.model_card import ModelCard
from tf_transformer.export.script import script_of
from tf_transformer.models import Transformer
from tf_transformer.text import Tokenizer, save_tokenizers
from tf_transformer.text.placeholders import has_placeholders


@dataclasses.dataclass(frozen=True)
class Description:
    """An engine, for those who run an export with it.

    Args:
        name: its name.
        link: where to read about it.
        package: the package to install to run an export.
        extra: the extra of this package that an export needs.
        module: the module that becomes `translate.py`.
        sources: a sentence on the source tokens that the engine takes.
        advice: a sentence on how to call it.
        snippet: code that calls the engine itself, in the directory of the export, with TEXT in
            place of a text. Defaults to none.
    """

    name: str
    link: str
    package: str
    extra: str
    module: str
    sources: str
    advice: str
    snippet: str = ""


def import_package(engine: Description, module: str) -> ModuleType:
    """Import a module that an export needs.

    Raises:
        UserError: if it is not installed.
    """
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise UserError(
            f"export to {engine.name} needs a package that is not here ({error}): "
            f"pip install 'tf-transformer[{engine.extra}]'."
        ) from error


def require_translator(engine: Description, model: keras.Model, quantization: str) -> None:
    """Check that an engine of float32 or int8 can run a model.

    Raises:
        UserError: if it cannot.
    """
    require(
        isinstance(model, Transformer),
        f"the export to {engine.name} is for Transformers that translate, not for a "
        f"{type(model).__name__}: choose format=saved_model.",
    )
    known = ("float32", "int8")
    require(
        quantization in known,
        f"quantization={quantization!r} is unknown: {suggest(quantization, known)}",
    )


def require_exportable(
    model: keras.Model, source_tokenizer: Tokenizer, target_tokenizer: Tokenizer, directory: Path
) -> None:
    """Check that a directory is new, and that tokenizers are those of a model.

    Raises:
        UserError: if they are not.
    """
    sizes = (source_tokenizer.vocab_size, target_tokenizer.vocab_size)
    model_sizes = (model.config.source_vocab_size, model.config.target_vocab_size)
    require(
        not directory.exists() or (directory.is_dir() and not any(directory.iterdir())),
        f"export_dir={directory} exists already: choose another export_dir.",
    )
    require(
        sizes == model_sizes,
        f"the tokenizers have {sizes} ids, source and target, but the model has {model_sizes}: "
        "pass the tokenizers that it was trained with.",
    )


def in_float32(model: Transformer) -> Transformer:
    """Return a model that computes in float32: engines for CPUs know no bfloat16."""
    if model.compute_dtype == "float32":
        return model
    copy = Transformer(model.config, dtype="float32")
    copy.set_weights(model.get_weights())
    return copy


def settings(
    model: keras.Model, source: Tokenizer, target: Tokenizer, card: ModelCard | None
) -> dict[str, Any]:
    """Return what `translate.py` reads in `config.json`."""
    values: dict[str, Any] = {"max_length": model.config.max_length}
    longest = card and (card.usual_longest_source or card.longest_source)
    if longest:
        values["longest_source"] = longest
    if card and card.corpus:
        values["tags"] = card.corpus.tags
    if has_placeholders(source, target):
        values["known_characters"] = source.known_characters()
    return values


def write_settings(path: Path, values: dict[str, Any]) -> None:
    """Write `config.json`, which `translate.py` reads."""
    text = json.dumps(values, indent=2, ensure_ascii=False)
    (path / "config.json").write_text(text + "\n", encoding="utf-8")


def require_same_scores(
    engine: Description, search: str, scores: np.ndarray, ours: np.ndarray, quantization: str
) -> None:
    """Check that an engine's search finds scores, and in float32 those that ours finds.

    Raises:
        UserError: if it does not.
    """
    is_near = quantization != "float32" or np.allclose(scores, ours, rtol=1e-3, atol=1e-3)
    require(
        bool(np.isfinite(scores).all() and scores.shape == ours.shape and is_near),
        f"{engine.name} does not compute what the model computes: the scores of {search} search "
        f"are {scores.tolist()}, not {ours.tolist()}. Nothing is exported; choose another format.",
    )


def write_files(
    path: Path,
    engine: Description,
    model: keras.Model,
    source: Tokenizer,
    target: Tokenizer,
    card: ModelCard | None,
    quantization: str,
) -> None:
    """Write the tokenizers, `translate.py` and `README.md` of an export."""
    save_tokenizers(path / "tokenizer", source, target)
    (path / "translate.py").write_text(script_of(engine.module), encoding="utf-8")
    text = _readme(engine, model, source, card, quantization)
    (path / "README.md").write_text(text, encoding="utf-8")


def _readme(
    engine: Description,
    model: keras.Model,
    tokenizer: Tokenizer,
    card: ModelCard | None,
    quantization: str,
) -> str:
    sentencepiece = " sentencepiece" if tokenizer.kind == "sentencepiece" else ""
    languages = f", {card.languages}" if card and card.languages else ""
    text = json.dumps(_example(card), ensure_ascii=False)
    snippet = f"\n```python\n{engine.snippet}```\n".replace("TEXT", text) if engine.snippet else ""
    return f"""# Translation model for {engine.name}{languages}

A {model.config.title} with {counted(model.count_params(), "weight")}, stored as {quantization}, for
[{engine.name}]({engine.link}); exported by tf_transformer on
{datetime.date.today():%Y-%m-%d}.
{_facts(card)}
## Use

```
pip install {engine.package}{sentencepiece}
python translate.py < sentences.txt
```

One line in, one line out; `--help` shows the options. In a program that runs in this directory
(others put it on `sys.path` first):

```python
from translate import load

translate = load()
print(translate({text}))
print(translate([{text}, "1, 2, 3."], beam_size=4))
```

To call the engine itself, read `translate.py`. {engine.sources}
{snippet}
Neither side may have more than {model.config.max_length} tokens. {engine.advice}

Text is not prepared. If the training data is in lower case and split into words (`text_form` in
`tokenizer/tokenizer.json` is not `plain`), the lines must be too, and so are the translations.

The model translates only sentences like those it was trained on. Do not rely on it where a wrong
translation does harm.

## Configuration

```json
{model.config.to_json()}
```
"""


def _example(card: ModelCard | None) -> str:
    """Return a text to translate; one without words where the language is another."""
    return "Bom dia." if card and card.languages.startswith("pt") else "…"


def _facts(card: ModelCard | None) -> str:
    """Return a list of facts about the training, and the scores before this export."""
    facts = card.facts(note="TensorFlow, unquantized") if card else []
    return "".join(f"\n- {name}: {fact}" for name, fact in facts) + ("\n" if facts else "")
