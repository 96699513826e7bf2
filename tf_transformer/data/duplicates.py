"""Sentences that say the same: pairs with one of them belong into one split."""

from __future__ import annotations

from collections.abc import Sequence

from tf_transformer.data.pairs import Pairs
from tf_transformer.errors import counted
from tf_transformer.text.rules import duplicate_key


def groups_of(pairs: Pairs) -> list[list[int]]:
    """Return the rows of the pairs, in groups of those that must stay together.

    Pairs have one group if their sources are equal but for white space and case. Where a text has
    any that differ in these alone, equal targets bring pairs together too, unless most pairs have
    the targets of others: such a text has few targets by its nature.
    """
    sources, targets = ([*map(duplicate_key, side)] for side in (pairs.sources, pairs.targets))
    groups = _joined(sources)
    sides = ((sources, pairs.sources), (targets, pairs.targets))
    if all(len(set(keys)) == len(set(texts)) for keys, texts in sides):
        return groups
    joined = _joined(sources, targets)
    return joined if len(joined) >= 3 and 2 * len(joined) >= len(groups) else groups


def report(pairs: Pairs) -> str:
    """Say in one line how many pairs repeat another; nothing where none does."""
    return _report(pairs.sources, "pair", "the source of another")


def report_texts(texts: Sequence[str]) -> str:
    """Say in one line how many texts repeat another; nothing where none does."""
    return _report(texts, "text", "another")


def report_overlap(train: Sequence[str], test: Sequence[str]) -> str:
    """Say in one line how many texts to test on are trained on too; nothing where none is."""
    known = {*map(duplicate_key, train)}
    found = sum(key in known for key in map(duplicate_key, test))
    if not found:
        return ""
    count = f"{found:,} of {counted(len(test), 'text')} to test on"
    return (
        f"{count} {'is' if found == 1 else 'are'} in the text to train on too, but for white space "
        "and case: scores will flatter."
    )


def _report(texts: Sequence[str], noun: str, of_what: str) -> str:
    keys = [key for key in map(duplicate_key, texts) if key]
    repeated = len(keys) - len(set(keys))
    if not repeated:
        return ""
    return (
        f"{repeated:,} of {counted(len(texts), noun)} "
        f"{'repeats' if repeated == 1 else 'repeat'} {of_what}, but for white space and case: they "
        "stay in one split."
    )


def _joined(*columns: Sequence[str]) -> list[list[int]]:
    """Join rows that have a key in common, in any column."""
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
