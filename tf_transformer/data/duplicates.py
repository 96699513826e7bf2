"""Repeated sentences: pairs that share one must be in the same split."""

from __future__ import annotations

from collections.abc import Sequence

from tf_transformer.data.pairs import Pairs
from tf_transformer.errors import counted
from tf_transformer.text.rules import duplicate_key


def groups_of(pairs: Pairs) -> list[list[int]]:
    """Return the rows of the pairs, in groups that must stay together.

    Pairs are in one group if their sources are equal apart from white space and case. If a text has
    sentences that differ only in these, pairs with equal targets are in one group too, unless most
    pairs share their targets: such a text naturally has few targets.
    """
    sources, targets = ([*map(duplicate_key, side)] for side in (pairs.sources, pairs.targets))
    groups = _joined(sources)
    sides = ((sources, pairs.sources), (targets, pairs.targets))
    if all(len(set(keys)) == len(set(texts)) for keys, texts in sides):
        return groups
    joined = _joined(sources, targets)
    return joined if len(joined) >= 3 and 2 * len(joined) >= len(groups) else groups


def report(pairs: Pairs) -> str:
    """Return one line on how many pairs repeat another, or nothing if none does."""
    return _report(pairs.sources, "pair", "the source of another")


def report_texts(texts: Sequence[str]) -> str:
    """Return one line on how many texts repeat another, or nothing if none does."""
    return _report(texts, "text", "another")


def report_overlap(train: Sequence[str], test: Sequence[str]) -> str:
    """Return one line on how many test texts are also in the training text, or nothing."""
    known = {*map(duplicate_key, train)}
    found = sum(key in known for key in map(duplicate_key, test))
    if not found:
        return ""
    count = f"{found:,} of {counted(len(test), 'test text')}"
    return (
        f"{count} {'is' if found == 1 else 'are'} in the training text too, apart from white space "
        "and case: scores will be too high."
    )


def _report(texts: Sequence[str], noun: str, of_what: str) -> str:
    keys = [key for key in map(duplicate_key, texts) if key]
    repeated = len(keys) - len(set(keys))
    if not repeated:
        return ""
    return (
        f"{repeated:,} of {counted(len(texts), noun)} "
        f"{'repeats' if repeated == 1 else 'repeat'} {of_what}, apart from white space and case: "
        "they stay in one split."
    )


def _joined(*columns: Sequence[str]) -> list[list[int]]:
    """Join rows that share a key in any column."""
    parents = list(range(len(columns[0])))

    def root(row: int) -> int:
        while parents[row] != row:
            parents[row] = parents[parents[row]]
            row = parents[row]
        return row

    for column in columns:
        first: dict[str, int] = {}
        for row, key in enumerate(column):
            if key:  # blank ones have nothing in common
                one, other = root(row), root(first.setdefault(key, row))
                parents[max(one, other)] = min(one, other)
    groups: dict[int, list[int]] = {}
    for row in range(len(parents)):
        groups.setdefault(root(row), []).append(row)
    return list(groups.values())
