"""What a row asks for holds in every search, and changes nothing else."""

import re

import numpy as np
import pytest
import tensorflow as tf

from tests.decoding.pieces import Pieces
from tests.decoding.toy import ToyModel, source, strip
from tf_transformer.decoding import (
    BeamSearch,
    Control,
    ControlledBeamSearch,
    DiverseBeamSearch,
    GreedySearch,
    Phrases,
    Sampling,
    draws_for,
    no_control,
)
from tf_transformer.text import END

TOKENIZER = Pieces(" a", " ab", "b", "a", "-", " ")
VOCAB = TOKENIZER.vocab_size
PHRASES = ["ab", "a ab", "ba"]
COUNT, LIMIT = 8, 6
LONG = pytest.mark.long


@pytest.fixture(scope="module")
def control():
    phrases = tf.function(lambda: Phrases.of(tf.constant(PHRASES), TOKENIZER), autograph=False)()
    return Control(phrases, TOKENIZER.starts_word(None))


@pytest.fixture(scope="module")
def model():
    model = ToyModel(vocab_size=VOCAB, rows=997)
    model.table[:, :3] = -9  # no special ids
    return model


def run(search, model, count=COUNT, limit=LIMIT, **asked):
    """Search; return rows of token ids, `[row][rank]`, and all that was found."""
    rows = no_control(count) | {name: tf.constant([x] * count) for name, x in asked.items()}
    if isinstance(search, Sampling):
        rows["draws"] = draws_for(seed=1, rows=count, room=limit)
    found = search(model, source(*range(count)), tf.fill([count], limit), **rows)
    ids = found.ids.numpy()
    ids = ids if ids.ndim == 3 else ids[:, None]
    return [strip(row) for row in ids], found


def test_tokens_that_are_never_written_are_not(control, model):
    search = GreedySearch(control=control)
    free, _ = run(search, model)
    written = next(token for token in free[0][0] if token > END)
    found, _ = run(search, model, never=[token == written for token in range(VOCAB)])
    assert all(written not in row[0] for row in found)
    assert found[0] != free[0]


def searches(control):
    beam = ControlledBeamSearch(2, control=control)
    return [
        GreedySearch(control=control),
        Sampling(control=control),
        BeamSearch(4, control=control),
        DiverseBeamSearch(beam, groups=2),
    ]


def texts(rows):
    return [TOKENIZER.text(ids) for row in rows for ids in row]


@pytest.mark.parametrize("number", range(4))
def test_every_search_keeps_to_prefix_length_and_forbidden_phrases(number, control, model):
    search = searches(control)[number]
    free, _ = run(search, model)
    assert any(re.search(r"\bab\b", text) for text in texts(free))
    assert any(ids[0] == END for row in free for ids in row)
    asked = {"prefix": [4, 6], "begins_word": True, "least": 4, "must_not": [1, 0]}
    kept, found = run(search, model, **asked)
    ended = [ids for row in kept for ids in row if ids[-1] == END]
    assert ended
    assert min(map(len, ended)) == 5
    for text in texts(kept):
        assert text.startswith("ab ")  # the prefix is the forbidden phrase: it is kept
        assert not re.search(r"\bab\b", text.removeprefix("ab "))
    for row, (hypotheses, scores) in enumerate(zip(kept, found.scores.numpy(), strict=True)):
        for ids, score in zip(hypotheses, np.ravel(scores), strict=True):
            alpha = 0.0 if number < 2 else 0.6
            expected = model.log_prob(row, ids) / ((5 + len(ids)) / 6) ** alpha
            assert score == pytest.approx(expected, abs=1e-4)


def permitted(model, first_id, limit, is_right):
    ended, _ = model.hypotheses(first_id, limit)
    ended = {ids: score for ids, score in ended.items() if min(ids) > 2}
    return {ids: x for ids, x in ended.items() if is_right(TOKENIZER.text(ids))}


@pytest.mark.parametrize(
    ("asked", "is_right"),
    [
        pytest.param({"must": [1]}, lambda text: re.search(r"\bab\b", text), marks=LONG),
        (
            {"must": [3, 1]},
            lambda text: re.search(r"\bba\b", text) and re.search(r"\bab\b", text),
        ),
        pytest.param(
            {"must_not": [1, 3]}, lambda text: not re.search(r"\b(ab|ba)\b", text), marks=LONG
        ),
        pytest.param(
            {"must": [1], "must_not": [2]}, lambda text: re.search(r"\bab\b", text), marks=LONG
        ),
    ],
)
def test_a_beam_that_holds_all_hypotheses_finds_those_that_are_permitted(
    asked, is_right, control, model
):
    limit = 2 + len(asked.get("must", [1, 1]))  # a beam of 1,100 holds all
    search = ControlledBeamSearch(1100, alpha=0.0, control=control)
    (row,), _ = run(search, model, count=1, limit=limit, **asked)
    expected = permitted(model, 0, limit, is_right)
    ended = [ids for ids in row if ids[-1] == END and min(ids) > 2]
    # Beside these, pieces after which a forbidden phrase would stand in the middle of a word.
    assert set(ended) <= set(expected)
    if "must_not" not in asked:
        assert set(ended) == set(expected)
    best = max(expected, key=expected.get)
    assert ended[0] == best or "must_not" in asked


@pytest.mark.parametrize("must", [pytest.param([1], marks=LONG), [2, 3]])
def test_whatever_ends_in_a_narrow_beam_holds_its_phrases(must, control, model):
    patterns = [rf"\b{PHRASES[number - 1]}\b" for number in must]

    def holds(ids):
        return all(re.search(each, TOKENIZER.text(ids)) for each in patterns)

    search = ControlledBeamSearch(8, control=control)
    plain, _ = run(search, model, limit=12)
    assert np.mean([holds(row[0]) for row in plain]) < 0.7
    found, _ = run(search, model, limit=12, must=must)
    assert all(holds(ids) for row in found for ids in row if ids[-1] == END)
    assert np.mean([row[0][-1] == END for row in found]) > 0.8


def test_a_row_that_cannot_hold_its_phrases_is_cut_off(control, model):
    _, found = run(ControlledBeamSearch(4, control=control), model, limit=2, must=[2, 3])
    assert found.truncated.numpy().all()


def test_control_of_nothing_changes_nothing(control, model):
    plain, found = run(BeamSearch(4), model)
    for search in (
        ControlledBeamSearch(4, control=control),
        DiverseBeamSearch(ControlledBeamSearch(4, strength=9.0, control=control), groups=1),
    ):
        rows, same = run(search, model)
        assert rows == plain
        np.testing.assert_allclose(same.scores, found.scores, atol=1e-5)


@LONG
def test_groups_differ_more_the_stronger_they_avoid_one_another(control, model):
    def found(strength):
        beam = ControlledBeamSearch(1, strength=strength, control=control)
        return run(DiverseBeamSearch(beam, groups=4), model, limit=5)[0]

    def distinct(rows):
        return sum(len({token_id for ids in row for token_id in ids}) for row in rows)

    none, some, much = map(found, (0.0, 0.5, 50.0))
    assert distinct(none) < distinct(some) <= distinct(much)
    assert all(len({ids[0] for ids in row}) == 4 for row in much)
    greedy, _ = run(GreedySearch(), model, limit=5)
    assert all(ids in row for (ids,), row in zip(greedy, much, strict=True))  # the first group's


@pytest.mark.parametrize(
    "search", [GreedySearch, *(pytest.param(each, marks=LONG) for each in (BeamSearch, Sampling))]
)
def test_without_control_the_graph_has_none_of_it(search, control, model):
    def names(search):
        rows = no_control(1) | {"draws": draws_for(1, 1, 4)}
        find = tf.function(
            lambda ids: search(model, ids, tf.fill([1], 4), **rows).ids, autograph=False
        )
        graph = find.get_concrete_function(source(1)).graph
        functions = graph.as_graph_def().library.function
        return [node.name for function in functions for node in function.node_def]

    assert not [name for name in names(search()) if "control/" in name]
    assert [name for name in names(search(control=control)) if "control/" in name]
