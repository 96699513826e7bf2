"""The finished runs in a folder, and the newest one."""

from __future__ import annotations

import os
from pathlib import Path

from tf_transformer.errors import UserError
from tf_transformer.training.run import Run


def finished_runs(folder: str | os.PathLike = "runs") -> list[Path]:
    """Return the directories of all finished runs in a folder and below, the newest last.

    Args:
        folder: where to look. Defaults to `"runs"`.
    """
    files = sorted(Path(folder).rglob("metrics.json"), key=os.path.getmtime)
    return [file.parent for file in files if (file.parent / "config.json").is_file()]


def newest_run(task: str = "translator", folder: str | os.PathLike = "runs") -> Path | None:
    """Return the directory of the newest finished run, or `None` if there is none.

    Args:
        task: its model's task: `"translator"`, `"completer"` or `"classifier"`. Defaults to
            `"translator"`.
        folder: where to look. Defaults to `"runs"`.

    Example:
        ```python
        import tempfile

        import tf_transformer as tft

        run_dir = tft.training.newest_run("translator", tempfile.mkdtemp())
        assert run_dir is None  # else: translator = tft.load(run_dir)
        ```
    """
    return next((path for path in reversed(finished_runs(folder)) if _task_of(path) == task), None)


def _task_of(path: Path) -> str:
    try:
        return Run(path).task_name
    except UserError:  # a damaged run, or not a run of this package
        return ""
