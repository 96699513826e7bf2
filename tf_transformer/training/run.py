"""The directory of a training run."""

import dataclasses
import json
import statistics
from pathlib import Path

from tf_transformer.config import RNNConfig, TranslatorTraining, TransformerConfig
from tf_transformer.errors import UserError
from tf_transformer.files import write_json
from tf_transformer.memory import peak_memory_mb
from tf_transformer.training.environment import environment

_MODEL_CONFIGS = {config.__name__: config for config in (TransformerConfig, RNNConfig)}


class Run:
    """A directory that holds everything about one training run.

        config.json   dataset, model and training configuration
        tokenizer/    the vocabularies
        checkpoints/  the best model, and all that is needed to go on
        logs/         for TensorBoard
        metrics.json  the scores, when the run is finished
        environment.json  what it was trained on, if it was scored by another process

    Args:
        directory: of the run: see `create` and `open`.
    """

    def __init__(self, directory):
        self.directory = Path(directory)
        self.tokenizer_dir = self.directory / "tokenizer"
        self.checkpoint_dir = self.directory / "checkpoints"
        self.log_dir = self.directory / "logs"
        self.metrics_path = self.directory / "metrics.json"
        self._config_path = self.directory / "config.json"
        self._environment_path = self.directory / "environment.json"

    @classmethod
    def create(cls, directory, can_resume=True):
        """Start a new run.

        Args:
            directory: of the run.
            can_resume: whether to advise `--resume` where there is one. Defaults to `True`.

        Raises:
            UserError: if there is something at `directory`.
        """
        cls.require_free(directory, can_resume)
        run = cls(directory)
        try:
            run.directory.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise UserError(f"run_dir={directory} cannot be made: {error.strerror}.") from error
        return run

    @classmethod
    def require_free(cls, directory, can_resume=True):
        """Raise `UserError` if there is something at `directory`."""
        run = cls(directory)
        path = run.directory
        if path.exists() and not path.is_dir():
            raise UserError(f"run_dir={path} is a file: choose another run_dir.")
        if path.is_dir() and any(path.iterdir()):
            is_run = can_resume and run._config_path.exists()
            way_on = "go on with --resume, or " if is_run else ""
            raise UserError(f"run_dir={path} is not empty: {way_on}choose another run_dir.")

    @classmethod
    def open(cls, directory):
        """Open a run that was started before.

        Raises:
            UserError: if there is none at `directory`.
        """
        run = cls(directory)
        if not run._config_path.is_file():
            raise UserError(
                f"run_dir={run.directory} holds no run to resume: no {run._config_path.name}."
            )
        return run

    def save_config(self, dataset, model_config, training_config, recipe=None):
        """Write `config.json`.

        Args:
            dataset: name of the corpus.
            model_config: a `TransformerConfig`, or an `RNNConfig`.
            training_config: a `TranslatorTraining`.
            recipe: name of the recipe file that they came from, if any. Defaults to `None`.
        """
        values = {
            "recipe": recipe,
            "dataset": dataset,
            "model_config": type(model_config).__name__,
            "model": model_config.to_dict(),
            "training": training_config.to_dict(),
        }
        write_json(self._config_path, values)

    def save_metrics(self, split, scores, search, parameters, epochs):
        """Write `metrics.json`: how the run went, and on what.

        Args:
            split: name of the split that was scored.
            scores: `Scores` on that split, or a dictionary of others.
            search: how its translations were found: `{"beam_size": …, "alpha": …}`, or `None`.
            parameters: number of weights.
            epochs: the logs of all epochs, as in `Checkpoints`.
        """
        speeds = [logs["tokens_per_second"] for logs in epochs]
        config = self._read_config()
        values = {
            "config": config | {"dataset": _without_folders(config["dataset"])},
            "split": split,
            **(scores if isinstance(scores, dict) else dataclasses.asdict(scores)),
            "search": search,
            "parameters": parameters,
            "minutes": epochs[-1]["minutes"],
            "cpu_minutes": epochs[-1]["cpu_minutes"],
            # Epochs have equally many tokens.
            "tokens_per_second": round(statistics.harmonic_mean(speeds), 1),
            **self._environment(),
            "epochs": epochs,
        }
        write_json(self.metrics_path, values)

    def save_environment(self):
        """Write what the run is trained on, for `save_metrics` in another process."""
        write_json(self._environment_path, _environment())

    @property
    def recipe(self):
        """Name of the recipe file that the run was configured by, or `None`."""
        return self._read_config().get("recipe")

    def load_config(self, model_class=None, training_class=TranslatorTraining):
        """Return the dataset, the model's and the training's configuration from `config.json`.

        Args:
            model_class: of the model's configuration. Defaults to `TransformerConfig` or
                `RNNConfig`, as the run is of one or the other.
            training_class: of the training's. Defaults to `TranslatorTraining`.
        """
        try:
            values = self._read_config()
            dataset = values["dataset"]
            model, training = (dict(values[key]) for key in ("model", "training"))
            known = _MODEL_CONFIGS.get(values.get("model_config"), TransformerConfig)
        except (ValueError, KeyError, TypeError) as error:
            raise UserError(f"{self._config_path} is damaged: {error!r}.") from error
        model_class = model_class or known
        return dataset, model_class.from_dict(model), training_class.from_dict(training)

    def resume_config(self, fields, model_class=None, training_class=TranslatorTraining):
        """Return what `load_config` does, with other values in some fields of training; keep them.

        Args:
            fields: by name. Those of the model can only be what they are.
            model_class: as of `load_config`.
            training_class: likewise.

        Raises:
            UserError: if a field of the model would change, or for an unknown name or bad value.
        """
        dataset, model, training = self.load_config(model_class, training_class)
        shape = model.to_dict()
        for name in sorted(fields.keys() & shape.keys()):
            if fields[name] not in (shape[name], getattr(training, name, shape[name])):
                raise UserError(
                    f"{name}={fields[name]}: this run has a model of {name}={shape[name]}, which "
                    "--resume cannot change: start another run."
                )
        known = {name: value for name, value in fields.items() if name not in shape}
        training = training.replace(**known)
        self.save_config(dataset, model, training, self.recipe)
        return dataset, model, training

    def _environment(self):
        if self._environment_path.exists():
            return json.loads(self._environment_path.read_text(encoding="utf-8"))
        return _environment()

    def _read_config(self):
        return json.loads(self._config_path.read_text(encoding="utf-8"))


def _environment():
    return {"peak_memory_mb": peak_memory_mb(), "environment": environment()}


def _without_folders(dataset):
    """Return the name of a corpus; of the user's own files, only what they are called."""
    names = (Path(name) for name in dataset.split(","))
    return ",".join(name.name if name.is_absolute() else str(name) for name in names)
