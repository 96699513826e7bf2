import numpy as np

from tf_transformer.data.ragged import Ragged, append_end, choose_rows, cut_rows, select_rows
from tf_transformer.text import END

ROWS = Ragged.of(np.array([5, 6, 7, 8]), np.array([2, 0, 1, 1]))


def lists(rows):
    return [row.tolist() for row in rows]


def test_rows_are_made_of_values_and_lengths():
    assert lists(ROWS) == [[5, 6], [], [7], [8]]
    assert ROWS.lengths.tolist() == [2, 0, 1, 1]
    assert ROWS.values.dtype == ROWS.row_splits.dtype == np.int32


def test_rows_are_selected_ended_and_cut():
    assert lists(select_rows(ROWS, np.array([True, False, False, True]))) == [[5, 6], [8]]
    assert lists(append_end(ROWS)) == [[5, 6, END], [END], [7, END], [8, END]]
    assert lists(cut_rows(ROWS, 1)) == [[5], [], [7], [8]]


def test_rows_are_chosen_one_by_one():
    a = Ragged.of(np.array([1, 2, 3, 4]), np.array([2, 0, 1, 1]))
    b = Ragged.of(np.array([5, 6, 7, 8, 9]), np.array([1, 2, 0, 2]))
    chosen = choose_rows(np.array([True, False, True, False]), a, b)
    assert [chosen[row].tolist() for row in range(4)] == [[1, 2], [6, 7], [3], [8, 9]]
