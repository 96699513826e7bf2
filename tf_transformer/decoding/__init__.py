"""Searches from token ids to token ids, with a key/value cache, inside the graph."""

from tf_transformer.decoding.beam import BeamSearch, length_penalty
from tf_transformer.decoding.control import Control, no_control
from tf_transformer.decoding.controlled_beam import ControlledBeamSearch
from tf_transformer.decoding.diverse_beam import DiverseBeamSearch
from tf_transformer.decoding.greedy import GreedySearch
from tf_transformer.decoding.phrases import Phrases
from tf_transformer.decoding.sampling import Sampling, draws_for
from tf_transformer.decoding.search import Hypotheses, Search

__all__ = [
    "BeamSearch",
    "Control",
    "ControlledBeamSearch",
    "DiverseBeamSearch",
    "GreedySearch",
    "Hypotheses",
    "Phrases",
    "Sampling",
    "Search",
    "draws_for",
    "length_penalty",
    "no_control",
]
