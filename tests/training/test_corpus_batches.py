"""What a translator learns from, of one corpus or of several."""

import itertools

import numpy as np
import pytest

from tests import own_files
from tests.data.test_mixture import PHRASES, TALKS
from tf_transformer.config import TranslatorTraining
from tf_transformer.data import BucketedBatches, Corpus, Pairs, tokenize_pairs
from tf_transformer.data.copied_words import with_placeholders
from tf_transformer.data.mixture import mix
from tf_transformer.text import train_tokenizers
from tf_transformer.text.rules import PLACEHOLDERS
from tf_transformer.text.tags import TAGS, tag_id
from tf_transformer.training.corpus_batches import (
    steps_of_pass,
    training_batches,
    validation_batches,
    validation_sample,
    vocabulary_pairs,
)

CONFIG = TranslatorTraining(batch_tokens=256, max_length=40, unseen_share=0.1)


def invented(name, count, seed):
    pairs = Pairs(*(own_files.sentences(language, count, seed) for language in ("pt", "en")))
    splits = {"train": pairs[: count - 9], "validation": pairs[count - 9 :]}
    sizes = {split: len(part) for split, part in splits.items()}
    return Corpus(name, "pt", "en", sizes, splits.__getitem__)


@pytest.fixture(scope="module")
def corpora():
    return [invented("one", 309, 1), invented("other", 209, 2)]


@pytest.fixture(scope="module")
def tokenizers(corpora):
    pairs = corpora[0].pairs("train")
    symbols = PLACEHOLDERS + TAGS[:1]
    return train_tokenizers(pairs.sources, pairs.targets, vocab_size=420, symbols=symbols)


def batches_of(batches, count):
    return list(itertools.islice(batches.dataset().as_numpy_iterator(), count))


def test_a_vocabulary_is_learned_from_what_the_first_epoch_shows_in_one_direction():
    both = mix("both", [TALKS, PHRASES], [2, 3], "both")
    talks, phrases = (part.shown.pairs("train") for part in both.parts[:2])
    found = sorted(vocabulary_pairs(both))
    assert found == sorted(2 * list(talks) + 3 * list(phrases))
    assert list(vocabulary_pairs(PHRASES)) == list(PHRASES.pairs("train"))


def test_a_sample_is_of_all_corpora_alike(corpora):
    both = mix("both", corpora, [1, 3], "both")
    sample = validation_sample(both, 10)
    tags = [source[0] if source[0] in TAGS else "" for source in sample.sources]
    assert tags == 5 * [""] + 5 * [TAGS[0]]
    assert sample.sources[5] == TAGS[0] + corpora[0].pairs("validation").targets[0]
    assert sample.targets[5] == corpora[0].pairs("validation").sources[0]
    assert list(validation_sample(corpora[0], 3)) == list(corpora[0].pairs("validation")[:3])
    assert len(validation_sample(corpora[0], 300)) == 9


def test_weights_make_an_epoch_longer(corpora, tokenizers):
    once = steps_of_pass(mix("both", corpora, [1, 1]), tokenizers, CONFIG)
    often = steps_of_pass(mix("both", corpora, [1, 4]), tokenizers, CONFIG)
    assert often / once == pytest.approx((300 + 4 * 200) / 500, rel=0.1)


def test_a_mixture_trains_in_both_directions_and_validates_on_each_pair_once(
    corpora, tokenizers, capsys
):
    both = mix("both", corpora, [1, 3], "both")
    training = training_batches(both, tokenizers, CONFIG)
    assert "100 pairs come a second time, with placeholders" in capsys.readouterr().out
    tag = tag_id(tokenizers[0], TAGS[0])
    epoch = batches_of(training, training.steps_per_epoch)
    first = np.concatenate([sources[:, 0] for (sources, _), _ in epoch])
    shown = 330 + 3 * 220  # with copies of a tenth
    assert (first == tag).sum() == shown
    assert (first > 0).sum() == 2 * shown
    validation = validation_batches(both, tokenizers, CONFIG)
    rows = np.concatenate([sources[:, 0] for (sources, _), _ in validation.one_pass()])
    assert (rows > 0).sum() == 4 * 9


def test_epochs_of_a_mixture_show_about_as_many_pairs_where_ids_are_drawn(corpora, tokenizers):
    both = mix("both", corpora, [0.5, 2], "both")
    training = training_batches(both, tokenizers, CONFIG.replace(subword_sampling=0.3))
    steps, shown = training.steps_per_epoch, 2 * (165 + 2 * 220)
    for epoch in (0, 1, 2):
        batches = itertools.islice(training.dataset(epoch * steps).as_numpy_iterator(), steps)
        rows = sum(int((sources[:, 0] > 0).sum()) for (sources, _), _ in batches)
        assert rows == pytest.approx(shown, rel=0.1)


def test_one_corpus_alone_is_batched_as_ever(corpora, tokenizers):
    found = training_batches(corpora[0], tokenizers, CONFIG)
    more = with_placeholders(corpora[0].pairs("train"), CONFIG.unseen_share, CONFIG.seed)
    pairs = tokenize_pairs(more, *tokenizers, max_length=40, seed=CONFIG.seed)
    expected = BucketedBatches(pairs, 256, seed=CONFIG.seed)
    assert found.report() == expected.report()
    for batch, other in zip(batches_of(found, 5), batches_of(expected, 5), strict=True):
        for tensor, its in zip((*batch[0], batch[1]), (*other[0], other[1]), strict=True):
            assert np.array_equal(tensor, its)
