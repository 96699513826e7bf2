"""The results of measuring contenders: a table to read, and JSON to keep."""

from __future__ import annotations

import dataclasses
import importlib.metadata
import os
import platform
import statistics
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from tf_transformer.files import write_json

_PACKAGES = (
    *("tensorflow", "keras", "numpy", "torch", "keras-hub"),
    *("ctranslate2", "ai-edge-litert", "onnxruntime", "openvino"),
)
_COLUMNS = "{:<28} {:>8} {:>10} {:>19} {:>9} {:>9} {:>9} {:>7}"


@dataclasses.dataclass(frozen=True)
class Result:
    """The figures of one contender.

    Args:
        name: name of the contender.
        threads: its best setting, within an operation × operations side by side.
        figures: one figure for each round.
        sweep: the figures of each setting, which chose its threads.
        peak_memory_mb: the most memory that its process has held.
        at_least: how many times better ours must be.
        aim: how many times better ours should be.
    """

    name: str
    threads: str
    figures: list[float]
    sweep: dict[str, list[float]] = dataclasses.field(default_factory=dict)
    peak_memory_mb: int = 0
    at_least: float | None = None
    aim: float | None = None

    @property
    def median(self) -> float:
        """The median of the figures."""
        return statistics.median(self.figures)


@dataclasses.dataclass(frozen=True)
class Comparison:
    """The results of contenders that were measured in turn.

    Args:
        title: what was measured.
        unit: unit of the figures.
        results: the results, ours first.
        lower_is_better: whether the figures are times. Defaults to `False`: rates.
    """

    title: str
    unit: str
    results: Sequence[Result]
    lower_is_better: bool = False

    def ratio(self, peer: Result) -> float:
        """Return how many times better our median is than a peer's."""
        ratio = self.results[0].median / peer.median
        return 1 / ratio if self.lower_is_better else ratio

    def verdict(self, peer: Result) -> str:
        """Return whether the aim against this peer was met."""
        if peer.at_least is None:
            return ""
        if self.ratio(peer) < peer.at_least:
            return "missed"
        return "aim" if peer.aim and self.ratio(peer) >= peer.aim else "met"

    def table(self) -> str:
        """Return the results as text, one line for each contender."""
        lines = [
            f"\n{self.title}, {self.unit}",
            _COLUMNS.format("", "threads", "median", "min – max", "ours is", "at least", "aim", ""),
        ]
        for result in self.results:
            peer = result is not self.results[0]
            lines.append(
                _COLUMNS.format(
                    result.name,
                    result.threads,
                    short(result.median),
                    f"{short(min(result.figures))} – {short(max(result.figures))}",
                    times(self.ratio(result) if peer else None),
                    times(result.at_least),
                    times(result.aim),
                    self.verdict(result),
                ).rstrip()
            )
        return "\n".join(lines)

    def to_dict(self) -> dict:
        """Return everything as plain values."""
        rows = [
            dataclasses.asdict(result)
            | {
                "median": result.median,
                "ours_is": self.ratio(result),
                "verdict": self.verdict(result),
            }
            for result in self.results
        ]
        return dataclasses.asdict(self) | {"results": rows}


def at_most(title: str, unit: str, result: Result, limit: float) -> Comparison:
    """Compare a figure with its upper limit."""
    bound = Result("at most", "", [limit], at_least=1)
    ours = dataclasses.replace(result, at_least=None, aim=None)
    return Comparison(title, unit, [ours, bound], lower_is_better=True)


def short(figure: float) -> str:
    """Write a figure with four digits."""
    return f"{figure:,.0f}" if figure >= 1000 else f"{figure:,.4g}"


def times(ratio: float | None) -> str:
    """Write a ratio, if there is one."""
    return "" if ratio is None else f"{ratio:.2f} ×"


def save(path: str | Path, comparisons: Sequence[Comparison]) -> None:
    """Write comparisons as JSON, with the machine, the versions and the command behind them."""
    write_json(
        path,
        {
            "command": " ".join(["python", "-m", *_module_and_flags()]),
            "time": time.strftime("%Y-%m-%d %H:%M:%S %z"),
            "cpu": _cpu_model(),
            "cores": os.cpu_count(),
            "system": f"{platform.system()} {platform.release()} {platform.machine()}",
            "python": platform.python_version(),
            "packages": _versions(),
            "comparisons": [comparison.to_dict() for comparison in comparisons],
        },
    )


def _module_and_flags():
    spec = sys.modules["__main__"].__spec__
    return [spec.name if spec else Path(sys.argv[0]).name, *sys.argv[1:]]


def _cpu_model():
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    return next((line.split(":")[1].strip() for line in lines if "model name" in line), "unknown")


def _versions():
    versions = {}
    for name in _PACKAGES:
        try:
            versions[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            versions[name] = None
    return versions
