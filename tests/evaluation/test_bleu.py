import logging

import pytest
import sacrebleu

from tf_transformer.errors import UserError
from tf_transformer.evaluation import Scores, score

TRANSLATIONS = ["The cat is on the mat.", "He doesn't eat fish on Fridays.", "Where do you live?"]
REFERENCES = ["The cat sat on the mat.", "He does not eat fish on Fridays.", "Where do you live?"]


def test_scores_are_those_of_sacrebleu():
    scores = score(TRANSLATIONS, REFERENCES)
    assert scores.bleu == sacrebleu.corpus_bleu(TRANSLATIONS, [REFERENCES]).score
    assert scores.chrf == sacrebleu.corpus_chrf(TRANSLATIONS, [REFERENCES]).score
    assert 0 < scores.bleu < scores.chrf < 100


def test_perfect_translations_score_100():
    scores = score(REFERENCES, REFERENCES)
    assert (scores.bleu, scores.chrf) == (pytest.approx(100), pytest.approx(100))


def test_order_and_case_matter():
    assert score(TRANSLATIONS[::-1], REFERENCES).bleu < score(TRANSLATIONS, REFERENCES).bleu
    assert score([t.lower() for t in REFERENCES], REFERENCES).bleu < 100


def test_signatures_say_how_it_was_scored():
    version = f"version:{sacrebleu.__version__}"
    scores = score(TRANSLATIONS, REFERENCES)
    assert scores.bleu_signature == f"nrefs:1|case:mixed|eff:no|tok:13a|smooth:exp|{version}"
    assert scores.chrf_signature == f"nrefs:1|case:mixed|eff:yes|nc:6|nw:0|space:no|{version}"
    assert "tok:none" in score(TRANSLATIONS, REFERENCES, tokenize="none").bleu_signature


def test_text_shows_scores_and_signatures():
    scores = Scores(41.234, 7, "tok:13a", "nc:6")
    assert str(scores) == "BLEU 41.23  tok:13a\nchrF 7.00  nc:6"
    both = Scores(40, 6, "tok:none", "nc:6", scores)
    assert str(both) == f"BLEU 40.00  tok:none\nchrF 6.00  nc:6\nDetokenized:\n{scores}"


def test_the_length_ratio_is_that_of_words():
    ours = ["the cat", "a dog is here ."]
    assert score(ours, ["the old cat", "a dog is here ."]).length_ratio == 7 / 8
    assert score(ours, ours).length_ratio == 1
    words = ["that 's it .", "no ."]
    assert score(["That's it.", "No."], words, "treebank").length_ratio == 1


def test_text_of_another_form_is_scored_by_its_words_and_as_people_read_it():
    words = ["`` he said : `` no way . '' ''", "i do n't know ( yet ) ."]
    text = ['He said: "No way."', "I don't know (yet)."]
    for translations in (words, text):
        scores = score(translations, words, "ted_hrlr")
        assert scores.bleu == scores.detokenized.bleu == pytest.approx(100)
        assert "case:mixed|eff:no|tok:none" in scores.bleu_signature
        assert "case:lc|eff:no|tok:13a" in scores.detokenized.bleu_signature
        assert "case:lc" in scores.detokenized.chrf_signature


def test_both_scores_of_text_of_another_form_are_sacrebleus():
    words = ["that 's a cat , is n't it ?", "the dogs are n't here ."]
    text = ["That's a cat, isn't it?", "The dog isn't here."]
    scores = score(text, words, "treebank")
    own = ["that 's a cat , is n't it ?", "the dog is n't here ."]
    expected = sacrebleu.corpus_bleu(own, [words], force=True, tokenize="none")
    assert 0 < scores.bleu == expected.score < 100
    references = ["that's a cat, isn't it?", "the dogs aren't here."]
    detokenized = sacrebleu.corpus_bleu(text, [references], lowercase=True)
    assert 0 < scores.detokenized.bleu == detokenized.score < 100


def test_plain_text_has_no_second_scores():
    assert score(TRANSLATIONS, REFERENCES).detokenized is None
    assert score(TRANSLATIONS, REFERENCES, "none").detokenized is None


def test_tokenized_text_is_scored_by_its_own_tokens_in_silence(caplog):
    translations = ["he does n't ( ever ) eat ."] * 120
    references = ["he does n't (ever) eat ."] * 120
    with caplog.at_level(logging.DEBUG):
        ours = score(translations, references, tokenize="none").bleu
        split_further = score(translations, references).bleu
    expected = sacrebleu.corpus_bleu(translations, [references], force=True, tokenize="none").score
    assert ours == expected < split_further == pytest.approx(100)
    assert not caplog.records


@pytest.mark.parametrize(
    ("translations", "references", "tokenize", "message"),
    [
        ([], [], "13a", "nothing to score"),
        (["a"], ["a", "b"], "13a", "1 translation cannot be scored against 2 references"),
        (["a"], ["a"], "13b", "tokenize='13b' is unknown: did you mean 13a?"),
        (["a"], ["a"], "ted_hlrr", "did you mean ted_hrlr?"),
    ],
)
def test_what_cannot_be_scored_is_refused(translations, references, tokenize, message):
    with pytest.raises(UserError, match=message):
        score(translations, references, tokenize)


def test_an_empty_translation_is_a_bad_translation():
    assert score([""], ["a cat"]).bleu == 0
