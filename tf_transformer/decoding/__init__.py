"""Searches, from token ids to token ids, over a key/value cache, inside the graph."""

from tf_transformer.decoding.beam import beam_search, length_penalty
from tf_transformer.decoding.greedy import greedy_search
from tf_transformer.decoding.loop import Hypotheses
from tf_transformer.decoding.sampling import sample

__all__ = [
    "Hypotheses",
    "beam_search",
    "greedy_search",
    "length_penalty",
    "sample",
]
