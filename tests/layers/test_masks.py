import keras
import numpy as np

from tf_transformer.layers import causal_mask, padding_mask


def test_padding_mask_is_true_at_real_tokens():
    mask = padding_mask(np.array([[5, 7, 0], [0, 5, 5]]))
    assert keras.backend.standardize_dtype(mask.dtype) == "bool"
    np.testing.assert_array_equal(mask, [[[[True, True, False]]], [[[False, True, True]]]])


def test_padding_mask_takes_another_padding_id():
    np.testing.assert_array_equal(padding_mask(np.array([[5, 7, 0]]), pad_id=7)[0, 0, 0], [1, 0, 1])


def test_causal_mask_lets_a_position_see_itself_and_its_past():
    mask = causal_mask(3)
    assert keras.backend.standardize_dtype(mask.dtype) == "bool"
    np.testing.assert_array_equal(mask[0, 0], [[1, 0, 0], [1, 1, 0], [1, 1, 1]])


def test_masks_combine_by_broadcasting():
    ids = np.array([[5, 6, 0], [7, 0, 0]])
    mask = np.logical_and(padding_mask(ids), causal_mask(3))
    assert mask.shape == (2, 1, 3, 3)
    np.testing.assert_array_equal(mask[1, 0], [[1, 0, 0], [1, 0, 0], [1, 0, 0]])
