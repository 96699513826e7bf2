"""Recipe 13 as a program: it exports a run's model, and says how to look at the page."""

from pathlib import Path
from types import SimpleNamespace

import pytest

from tf_transformer.cli import page
from tf_transformer.errors import require


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--run_dir=nowhere"], "nowhere"),
        (["--quantization=int9"], "quantization"),
        (["pages"], "'pages' is not a flag"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_mistakes(arguments, says, refused, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert says in refused("13", *arguments)


class Card:
    """Of a model that has learned little."""

    def require_learned(self, export_anyway):
        require(export_anyway, "it is not clearly better")


def test_a_run_becomes_a_page(recipe, refused, monkeypatch, tmp_path):
    translator, exported = SimpleNamespace(card=Card()), []
    run = SimpleNamespace(task_name="translator", directory=Path("runs/mine"))
    monkeypatch.setattr(page, "open_run", lambda directory: run)
    monkeypatch.setattr(page.api, "task_of", lambda run: translator)

    def export_page(*arguments, **options):
        exported.append((*arguments, options))
        return Path(arguments[1])

    monkeypatch.setattr(page, "export_page", export_page)
    assert "it is not clearly better" in refused("13")
    assert exported == []
    finished = recipe("13", "--export_anyway", f"--npm_dir={tmp_path}")
    assert exported == [(translator, "pages/mine", "int8", {"npm_dir": str(tmp_path)})]
    assert (finished.code, finished.err) == (0, "")
    assert "The page is pages/mine/index.html: open it" in finished.out
    assert "python -m http.server --directory=pages/mine" in finished.out

    run.task_name = "completer"
    assert "runs/mine: the page is for models that translate" in refused("13")
