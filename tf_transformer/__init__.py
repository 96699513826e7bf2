"""The Transformer in Keras 3 and TensorFlow: from parallel text to a served translation model.

    import tf_transformer as tft

Each name is imported when it is first used: the layers and the model need Keras alone, on any of
its backends; text, data, training and export need TensorFlow.
"""

import importlib

_MODULES = {
    "config": ["PRESETS", "TrainingConfig", "TransformerConfig", "preset"],
    "errors": ["UserError"],
    "layers": [
        "AdditiveAttention",
        "Decoder",
        "DecoderLayer",
        "Encoder",
        "EncoderLayer",
        "FeedForward",
        "MultiHeadAttention",
        "MultiplicativeAttention",
        "PositionalEmbedding",
        "RecurrentDecoder",
        "RecurrentEncoder",
        "Residual",
        "causal_mask",
        "padding_mask",
    ],
    "models": ["RNNTranslator", "Transformer"],
    "rnn_config": ["RNNConfig"],
    "text": [
        "SentencePiece",
        "WordPiece",
        "load_tokenizers",
        "save_tokenizers",
        "train_tokenizers",
    ],
    "data": ["BucketedBatches", "Corpus", "Pairs", "load_corpus", "tokenize_pairs"],
    "decoding": ["Translator", "beam_search", "greedy_search", "sample", "translate_all"],
    "training": [
        "Checkpoints",
        "Cosine",
        "Noam",
        "Run",
        "SmoothedCrossEntropy",
        "load_model",
        "train",
        "training_plan",
        "write_embeddings",
    ],
    "evaluation": [
        "Scores",
        "attention_figure",
        "save_attention_figure",
        "save_attention_page",
        "score",
    ],
    "export": ["ModelCard", "export_ctranslate2", "export_saved_model", "load_saved_model"],
}
_HOME = {name: module for module, names in _MODULES.items() for name in names}

__version__ = "0.1.0"
__all__ = sorted(_HOME)


def __getattr__(name):
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_HOME[name]}"), name)


def __dir__():
    return [*__all__, "__version__"]
