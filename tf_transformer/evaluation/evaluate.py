"""From pairs of sentences to scores."""

from tf_transformer.evaluation.bleu import score


def evaluate(search, pairs, bleu_tokenize="13a", progress=False):
    """Translate the sources of pairs, and compare with their targets.

    Args:
        search: from a string tensor `(batch,)` to a dictionary that has `"translations"`,
            `(batch, n_best)`, best first: such as `translate_beam` of a `Translator`.
        pairs: a `Pairs`.
        bleu_tokenize: how sacreBLEU splits words: see `score`. Defaults to `"13a"`.
        progress: whether to show Keras's progress bar. Defaults to `False`.

    Returns:
        `Scores`, and all that was found: see `map_texts`.
    """
    from tf_transformer.tasks import map_texts  # here: to score alone needs no TensorFlow

    found = map_texts(search, pairs.sources, progress=progress)
    best = [row[0] for row in found["translations"]]
    return score(best, pairs.targets, bleu_tokenize), found
