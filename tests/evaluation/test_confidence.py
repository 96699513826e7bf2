"""Confidence is learned from translations of known quality, and keeps what it says."""

import numpy as np
import pytest

from tf_transformer.evaluation import area_under_roc, chrf_of_each, learn_confidence
from tf_transformer.evaluation.confidence import reliability
from tf_transformer.tasks.confidence import EVIDENCE, Confidence

COUNT = 800


def invented(seed=0):
    """Return chrF and evidence of sentences: the first kind of evidence tells, others are noise."""
    rng = np.random.default_rng(seed)
    evidence = rng.normal(size=(COUNT, len(EVIDENCE) + 1))
    evidence[:, -1] = 1
    right = rng.random(COUNT) < 1 / (1 + np.exp(-2 * evidence[:, 0] - 1.5))
    return np.where(right, 100.0, rng.uniform(10, 90, COUNT)), evidence


def say(confidence, evidence):
    return confidence.of(evidence.astype("float32")).numpy()


@pytest.fixture(scope="module", name="learned")
def _learned():
    return learn_confidence(Confidence([1]), *invented())


def test_what_is_said_to_be_right_so_often_is_right_so_often(learned):
    quality, evidence = invented(1)  # others
    for said, held, _ in reliability(say(learned, evidence), quality >= learned.threshold, 5):
        assert said == pytest.approx(held, abs=0.08)


def test_its_own_worth_is_that_on_sentences_it_did_not_learn_from(learned):
    quality, evidence = invented(1)
    area = area_under_roc(say(learned, evidence), quality >= learned.threshold)
    assert learned.auc == pytest.approx(area, abs=0.05)
    assert sum(count for *_, count in learned.reliability) == learned.sentences == COUNT


def test_noise_gets_a_worth_of_chance():
    quality, evidence = invented()
    shuffled = np.random.default_rng(3).permutation(quality)
    assert learn_confidence(Confidence([1]), shuffled, evidence).auc == pytest.approx(0.5, abs=0.06)


def test_less_evidence_never_gives_more_confidence(learned):
    evidence = invented(2)[1]
    for column in range(evidence.shape[1]):
        less = evidence.copy()
        less[:, column] -= 0.5
        assert np.all(say(learned, less) <= say(learned, evidence))


@pytest.mark.parametrize("quality", [100.0, 0.0])
@pytest.mark.parametrize("count", [1, 2, 3, 50])
def test_what_is_far_from_usual_is_doubtful_even_if_all_was_good(quality, count):
    evidence = invented()[1][:count]
    learned = learn_confidence(Confidence([1]), np.full(count, quality), evidence)
    assert learned.auc is None
    assert np.isfinite(say(learned, evidence)).all()
    if count == 50:
        assert say(learned, evidence).mean() > 0.8
        assert say(learned, np.append(np.full((1, len(EVIDENCE)), -30.0), [[1.0]], axis=1)) < 0.5


def test_copies_teach_nothing():
    quality, evidence = invented()
    copies = np.full_like(evidence[:20], 1e6)
    taught = learn_confidence(
        Confidence([1]), np.append(quality, [100.0] * 20), np.append(evidence, copies, axis=0)
    )
    assert taught.weights == pytest.approx(
        learn_confidence(Confidence([1]), quality, evidence).weights
    )
    assert learn_confidence(Confidence([1]), [100.0] * 20, copies).sentences == 0


def test_area_under_roc_is_the_share_of_pairs_in_order():
    assert area_under_roc([0.1, 0.9], [False, True]) == 1
    assert area_under_roc([0.9, 0.1], [False, True]) == 0
    assert area_under_roc([0.5, 0.5, 0.5], [False, True, True]) == 0.5
    assert area_under_roc([0.1, 0.4, 0.35, 0.8], [False, False, True, True]) == 0.75
    assert area_under_roc([0.1, 0.4], [True, True]) is None


def test_what_was_learned_is_kept_as_json(learned):
    values = learned.to_dict()
    again = Confidence.from_dict(values | {"of_a_later_version": 1})
    assert again.to_dict() == values
    assert 0.8 < learned.auc < 1
    assert f"{learned.auc:.3f}" in str(learned)


def test_text_of_another_form_has_the_quality_of_the_text_for_people():
    words = ["`` he said : `` no way . '' ''", "i do n't know ."]
    text = ['He said: "No way."', "I don't know."]
    assert chrf_of_each(text, words, "ted_hrlr") == pytest.approx([100, 100])
    assert chrf_of_each(["abc", ""], ["abc", "xyz"]) == pytest.approx([100, 0], abs=0.1)
