"""Preparing corpora that do not fit in memory: from text to blocks of token ids in files."""

from tf_transformer.preparation.prepare import prepare

__all__ = ["prepare"]
