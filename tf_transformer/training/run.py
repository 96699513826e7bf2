"""The directory of a training run."""

from __future__ import annotations

import dataclasses
import json
import os
import statistics
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import keras
import numpy as np

from tf_transformer.config import CorpusFacts, ModelConfig, TrainingConfig, rename_parts
from tf_transformer.errors import UserError, require
from tf_transformer.evaluation import Baselines, Scores
from tf_transformer.files import write_json
from tf_transformer.models import model_class
from tf_transformer.plots import learning_curve_figure
from tf_transformer.process_memory import peak_memory_mb
from tf_transformer.tasks.confidence import Confidence
from tf_transformer.text import load_tokenizers
from tf_transformer.text.tokenizer import Tokenizer
from tf_transformer.training.checkpoints import Checkpoints, load_model
from tf_transformer.training.environment import environment
from tf_transformer.training.packed_weights import load_packed
from tf_transformer.training.run_config import RunConfig, without_folders
from tf_transformer.training.run_corpus import find_facts
from tf_transformer.training.run_lock import NAME, RunLock
from tf_transformer.training.run_metrics import RunMetrics

if TYPE_CHECKING:
    from matplotlib.figure import Figure

# The command that resumes a run, by the name of its model's configuration.
_RESUMES = {
    "TransformerConfig": "tft train",
    "RNNConfig": "tft train",
    "CausalLMConfig": "tft complete",
}


class Run:
    """A directory that holds everything about one training run.

        config.json   corpus, model and training configuration
        tokenizer/    the vocabularies
        initial.weights.h5  the first weights, if they come from another run
        checkpoints/  the best model, and all that is needed to resume
        compiled/     what JAX has compiled for a GPU; it can be deleted
        logs/         for TensorBoard
        learning_curve.png  loss and score, epoch by epoch, once it is trained
        metrics.json  the scores, once the run is finished
        confidence.json  what tells good translations from others, once a translator is scored
        environment.json  what it was trained on, if another process scored it
        weights.npz   in place of the checkpoints, in a run that `pack_run` wrote
        .lock         the process that trains it, or did

    Only one process at a time trains a run: `create` and `resume_config` keep others out until the
    process ends or the `Run` is gone.

    Args:
        run_dir: directory of the run: see `create` and `open`.

    Example:
        ```python
        import tempfile

        import tf_transformer as tft

        run = tft.Run.create(tempfile.mkdtemp())
        run.save_config("phrasebook", *tft.preset("tiny"))
        dataset, model_config, training_config = run.load_config()
        ```
    """

    PACKED = "weights.npz"
    """Name of the file with the weights of a run that `pack_run` wrote."""

    def __init__(self, run_dir: str | os.PathLike) -> None:
        self.directory = Path(run_dir)
        self.tokenizer_dir = self.directory / "tokenizer"
        self.initial_path = self.directory / "initial.weights.h5"
        self.checkpoint_dir = self.directory / "checkpoints"
        self.compiled_dir = self.directory / "compiled"
        self.log_dir = self.directory / "logs"
        self.curve_path = self.directory / "learning_curve.png"
        self.metrics_path = self.directory / "metrics.json"
        self.confidence_path = self.directory / "confidence.json"
        self._config_path = self.directory / "config.json"
        self._environment_path = self.directory / "environment.json"
        self._lock: RunLock | None = None

    @classmethod
    def create(cls, run_dir: str | os.PathLike, can_resume: bool = True) -> Run:
        """Start a new run.

        Args:
            run_dir: directory of the run.
            can_resume: whether to suggest `resume=True` if there is a run. Defaults to `True`.

        Raises:
            UserError: if there is something at `run_dir`.
        """
        cls.require_free(run_dir, can_resume)
        run = cls(run_dir)
        try:
            run.directory.mkdir(parents=True, exist_ok=True)
            run._lock = RunLock.of(run.directory)
        except OSError as error:
            raise UserError(f"run_dir={run_dir} cannot be made: {error.strerror}.") from error
        cls.require_free(run_dir, can_resume)  # another process may have been faster
        return run

    @classmethod
    def require_free(cls, run_dir: str | os.PathLike, can_resume: bool = True) -> None:
        """Check that a new run can be made at `run_dir`.

        Args:
            run_dir: directory of the run.
            can_resume: whether to suggest `resume=True` if there is a run. Defaults to `True`.

        Raises:
            UserError: if there is something at `run_dir`.
        """
        run = cls(run_dir)
        path = run.directory
        if path.exists() and not path.is_dir():
            raise UserError(f"run_dir={path} is a file: choose another run_dir.")
        if path.is_dir() and any(found.name != NAME for found in path.iterdir()):
            is_run = can_resume and run._config_path.exists()
            way_on = "continue it with resume=True, or " if is_run else ""
            raise UserError(f"run_dir={path} is not empty: {way_on}choose another run_dir.")

    @classmethod
    def open(cls, run_dir: str | os.PathLike, purpose: str = "resume") -> Run:
        """Open a run that was started before.

        Args:
            run_dir: directory of the run.
            purpose: the purpose to name in the message. Defaults to `"resume"`.

        Raises:
            UserError: if there is no run at `run_dir`.
        """
        run = cls(run_dir)
        require(
            run._config_path.is_file(),
            f"run_dir={run.directory} holds no run to {purpose}: no {run._config_path.name}.",
        )
        return run

    def save_config(
        self,
        dataset: str,
        model_config: ModelConfig,
        training_config: TrainingConfig,
        *,
        recipe: str | None = None,
        corpus: CorpusFacts | None = None,
        preset: str | None = None,
        init_from: str | None = None,
    ) -> None:
        """Write `config.json`.

        Args:
            dataset: name of the corpus, as the user gave it.
            model_config: configuration of the model.
            training_config: configuration of its training.
            recipe: name of the recipe file that they came from. Defaults to none.
            corpus: the facts about the corpus. Defaults to none: the property `corpus` then finds
                out what it can.
            preset: name of the preset that they came from. Defaults to none.
            init_from: the run that the model starts from. Defaults to none.
        """
        config = RunConfig(
            dataset, model_config, training_config, recipe, corpus, preset, init_from
        )
        self._write_config(config)

    def load_config(self) -> tuple[str, ModelConfig, TrainingConfig]:
        """Return the dataset, the model's and the training's configuration from `config.json`.

        Raises:
            UserError: if the file is damaged or has unknown fields (with the nearest names).
        """
        config = self._config()
        return config.dataset, config.model, config.training

    def resume_config(
        self, fields: Mapping[str, Any], dataset: str | None = None, preset: str | None = None
    ) -> tuple[str, ModelConfig, TrainingConfig]:
        """Change some fields of the training, save them, and return what `load_config` returns.

        From now on, no other process can resume the run.

        Args:
            fields: new values by name. Fields of the model must keep their values. A precision of
                `"auto"` is the one that the run has: it was chosen when the run began.
            dataset: the user's dataset, if given: it must be the run's.
            preset: the user's preset, if given: it must be the run's.

        Raises:
            UserError: if the dataset, the preset or a field of the model would change, for an
                unknown name or a bad value, or if another process trains the run.
        """
        config = self._config()
        if dataset and _paths(dataset) != _paths(config.dataset):
            raise UserError(_cannot_change("dataset", dataset, config.dataset))
        if preset and config.preset and preset != config.preset:
            raise UserError(_cannot_change("preset", preset, config.preset))
        began = getattr(config.training, "directions", None)
        if fields.get("directions", began) != began:
            raise UserError(_cannot_change("directions", fields["directions"], began))
        self._lock = RunLock.of(self.directory)
        shape = config.model.to_dict()
        for name in sorted(fields.keys() & shape.keys()):
            if fields[name] not in (shape[name], getattr(config.training, name, shape[name])):
                raise UserError(
                    f"{name}={fields[name]}: this run's model has {name}={shape[name]}, which "
                    "resume=True cannot change: start another run."
                )
        known = {name: value for name, value in fields.items() if name not in shape}
        if known.get("precision") == "auto":
            del known["precision"]
        training = config.training.replace(**known)
        self._write_config(dataclasses.replace(config, training=training))
        return config.dataset, config.model, training

    @property
    def recipe(self) -> str | None:
        """Name of the recipe file that configured the run, or `None`."""
        return self._config().recipe

    @property
    def task_name(self) -> str:
        """The task of its model: `"translator"`, `"completer"` or `"classifier"`."""
        return self._config().model.task

    @property
    def corpus(self) -> CorpusFacts:
        """The facts about the corpus, which the run keeps: the text need not be on this machine."""
        config = self._config()
        return config.corpus or find_facts(config)

    def learning_curve(self) -> Figure:
        """Draw loss and score over the steps of the training, with a mark at the best model.

        Raises:
            UserError: if no epoch is trained yet.
        """
        checkpoints = Checkpoints(self.checkpoint_dir)
        require(checkpoints.best is not None, self._untrained())
        step = int(checkpoints.best.stem.removeprefix("step-"))
        best = next(logs for logs in checkpoints.epochs if logs["step"] == step)
        return learning_curve_figure(checkpoints.epochs, best)

    def tokenizers(self) -> tuple[Tokenizer, Tokenizer]:
        """Return the tokenizers of source and target, the same one twice if there is only one."""
        return load_tokenizers(self.tokenizer_dir)

    def model(self) -> keras.Model:
        """Return the best model so far.

        Raises:
            UserError: if there is none yet, or if its weights are NaN or infinite.
        """
        if (self.directory / self.PACKED).is_file():
            return self._packed_model()
        best = Checkpoints(self.checkpoint_dir).best
        require(best is not None, self._untrained())
        model = load_model(best)
        require(
            all(np.isfinite(array).all() for array in model.get_weights()),
            f"run_dir={self.directory} has weights that are NaN or infinite: its training has "
            "diverged, so train another run with a lower learning_rate.",
        )
        return model

    def _packed_model(self) -> keras.Model:
        _, config, _ = self.load_config()
        model = model_class(config)(config)
        load_packed(model, self.directory / self.PACKED)
        return model

    def save_metrics(
        self,
        split: str,
        scores: Scores | Mapping[str, float],
        search: Mapping[str, Any] | None,
        parameters: int,
        epochs: Sequence[Mapping[str, Any]],
        baselines: Baselines | None = None,
        confidence: Confidence | None = None,
    ) -> None:
        """Write `metrics.json`: how the run went, and on what.

        Args:
            split: name of the split that was scored.
            scores: `Scores` on that split, or a dictionary of other scores.
            search: the search that found its translations: `{"beam_size": …, "alpha": …}`, or
                `None`.
            parameters: number of weights.
            epochs: the logs of all epochs, as in `Checkpoints`.
            baselines: what the model was compared with. Defaults to none.
            confidence: the confidence in translations. It is written to `confidence.json`, and its
                quality to both files. Defaults to none.
        """
        worth = {}
        if confidence:
            write_json(self.confidence_path, confidence.to_dict())
            names = ("auc", "threshold", "sentences", "reliability")
            worth = {"confidence": {name: getattr(confidence, name) for name in names}}
        speeds = [logs["tokens_per_second"] for logs in epochs]
        values = {
            "config": without_folders(_read(self._config_path)),
            "split": split,
            **(dataclasses.asdict(scores) if isinstance(scores, Scores) else scores),
            **(
                {"baselines": baselines.scores, "unbeaten": baselines.unbeaten} if baselines else {}
            ),
            **worth,
            "search": search,
            "parameters": parameters,
            "minutes": epochs[-1]["minutes"],
            "cpu_minutes": epochs[-1]["cpu_minutes"],
            # All epochs have the same number of tokens, or nearly.
            "tokens_per_second": round(statistics.harmonic_mean(speeds), 1),
            **self._environment(),
            "epochs": epochs,
        }
        write_json(self.metrics_path, values)

    def metrics(self) -> RunMetrics:
        """Return the quality of this finished run's model, from `metrics.json`.

        Raises:
            UserError: if the run is not finished, or the file is damaged.
        """
        try:
            return RunMetrics.from_dict(_read(self.metrics_path))
        except FileNotFoundError:
            raise UserError(self._unfinished()) from None
        except (ValueError, LookupError, TypeError) as error:
            raise UserError(f"{self.metrics_path} is damaged: {error!r}.") from error

    def confidence(self) -> Confidence | None:
        """Return the confidence in translations, if the run has it.

        Raises:
            UserError: if `confidence.json` is damaged.
        """
        try:
            return Confidence.from_dict(_read(self.confidence_path))
        except FileNotFoundError:
            return None
        except (ValueError, TypeError, AttributeError) as error:
            raise UserError(f"{self.confidence_path} is damaged: {error!r}.") from error

    def save_environment(self) -> None:
        """Write the environment of the training, for `save_metrics` in another process."""
        write_json(self._environment_path, _environment())

    def _environment(self) -> dict[str, Any]:
        if self._environment_path.exists():
            return _read(self._environment_path)
        return _environment()

    def _untrained(self) -> str:
        return f"run_dir={self.directory} has no checkpoint: train it first."

    def _unfinished(self) -> str:
        """Return a message: the run is not finished, and how to finish it."""
        path, name = self.directory, self.metrics_path.name
        program = _RESUMES.get(type(self._config().model).__name__)
        way_on = (
            f"continue it with {program} --run_dir={path} --resume"
            if program
            else "such a run cannot be resumed: train another."
        )
        return f"run_dir={path} is not finished: it has no {name}; {way_on}"

    def _config(self) -> RunConfig:
        try:
            return RunConfig.from_dict(_read(self._config_path), self._config_path)
        except UserError:
            raise
        except (ValueError, LookupError, TypeError, AttributeError) as error:
            raise UserError(f"{self._config_path} is damaged: {error!r}.") from error

    def _write_config(self, config: RunConfig) -> None:
        write_json(self._config_path, config.to_dict())


def _paths(dataset: str) -> str:
    """Return a dataset with absolute paths of files, treating other names alike."""
    return rename_parts(dataset, lambda path: os.path.abspath(path.strip()))


def _cannot_change(name: str, asked: str, began: str) -> str:
    return (
        f"{name}={asked}: this run began with {name}={began}, which resume=True cannot change: "
        f"leave {name} out, or start another run."
    )


def _read(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def _environment() -> dict[str, Any]:
    return {"peak_memory_mb": peak_memory_mb(), "environment": environment()}
