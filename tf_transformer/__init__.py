"""The Transformer in Keras 3 and TensorFlow: from parallel text to a served translation model.

    import tf_transformer as tft

Each name is imported when it is first used: the layers and the model need Keras alone, on any of
its backends; text, data, training and export need TensorFlow.
"""

import importlib

_MODULES = {
    "classifier_config": ["ClassifierConfig", "ClassifierTraining"],
    "config": ["PRESETS", "TrainingConfig", "TransformerConfig", "preset"],
    "errors": ["UserError"],
    "language_model_config": ["CausalLMConfig", "LanguageModelTraining"],
    "layers": [
        "AdditiveAttention",
        "CausalDecoder",
        "CausalDecoderLayer",
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
    "models": ["CausalLM", "RNNTranslator", "SkipGram", "Transformer", "TransformerClassifier"],
    "rnn_config": ["RNNConfig"],
    "text": [
        "Characters",
        "SentencePiece",
        "WordPiece",
        "load_tokenizers",
        "save_tokenizers",
        "train_tokenizers",
    ],
    "data": [
        "BlockBatches",
        "BucketedBatches",
        "Corpus",
        "LabelledBatches",
        "LabelledCorpus",
        "LabelledTexts",
        "Pairs",
        "TextCorpus",
        "load_corpus",
        "load_labelled",
        "load_text",
        "tokenize_documents",
        "tokenize_pairs",
    ],
    "decoding": [
        "beam_search",
        "greedy_search",
        "sample",
    ],
    "tasks": [
        "Completer",
        "TextClassifier",
        "Translator",
        "map_texts",
    ],
    "training": [
        "Checkpoints",
        "Cosine",
        "Noam",
        "Run",
        "SmoothedCrossEntropy",
        "fit",
        "load_model",
        "train",
        "train_classifier",
        "training_plan",
    ],
    "tensorboard": [
        "ClassifiedSamples",
        "CompletionSamples",
        "pictures_of_texts",
        "write_embeddings",
        "write_pictures",
    ],
    "evaluation": [
        "Attribution",
        "Scores",
        "attribute",
        "evaluate",
        "roll_out",
        "score",
    ],
    "plots": [
        "attention_figure",
        "save_attention_figure",
        "save_attention_page",
        "save_attribution_figure",
        "save_attribution_page",
    ],
    "export": [
        "ModelCard",
        "TextModelCard",
        "export_classifier",
        "export_ctranslate2",
        "export_language_model",
        "export_saved_model",
        "load_classifier",
        "load_language_model",
        "load_saved_model",
    ],
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
