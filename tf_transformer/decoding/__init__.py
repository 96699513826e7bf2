"""Searches from token ids to token ids, with a key/value cache, inside the graph."""

from tf_transformer.decoding.beam import BeamSearch, length_penalty
from tf_transformer.decoding.greedy import GreedySearch
from tf_transformer.decoding.sampling import Sampling, draws_for
from tf_transformer.decoding.search import Hypotheses, Search

__all__ = [
    "BeamSearch",
    "GreedySearch",
    "Hypotheses",
    "Sampling",
    "Search",
    "draws_for",
    "length_penalty",
]
