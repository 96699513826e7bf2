"""Several corpora in one: their text, their tags, and nothing that is held out in training."""

import numpy as np
import pytest

from tests import own_files
from tf_transformer.data import Corpus, Pairs, load_corpus, tokenize_parts
from tf_transformer.data.mixture import mix
from tf_transformer.errors import UserError
from tf_transformer.text import Characters, train_tokenizers
from tf_transformer.text.tags import TAGS, tag_id
from tf_transformer.text.tokenizer import END


def corpus(name, languages=("pt", "en"), form="plain", license="CC0", **splits):
    splits = {split: Pairs(*map(list, zip(*pairs, strict=True))) for split, pairs in splits.items()}
    sizes = {split: len(pairs) for split, pairs in splits.items()}
    return Corpus(name, *languages, sizes, splits.__getitem__, license, form)


TALKS = corpus(
    "talks",
    form="treebank",
    license="CC BY-NC-ND 4.0",
    train=[("não , obrigado .", "no , i do n't ."), ("olá !", "hello !")],
    validation=[("bom dia .", "good morning .")],
)
PHRASES = corpus(
    "phrases",
    train=[("Bom dia.", "Good morning!"), ("Olá, Ana!", "Hello, Ana!"), ("Até já.", "Good day.")],
    validation=[("Olá!", "Hi!")],
    test=[("Adeus.", "Good day.")],
)


def test_the_first_training_pairs_of_each_corpus_are_kept(tmp_path):
    for name in "ab":
        rows = (f"{name}{i}\t{name}{i}\n" for i in range(60))
        (tmp_path / f"{name}.tsv").write_text("".join(rows))
    whole = load_corpus(f"{tmp_path}/a.tsv")
    cut = load_corpus(f"{tmp_path}/a.tsv", max_pairs=7)
    assert cut.pairs("train") == whole.pairs("train")[:7]
    assert cut.splits == whole.splits | {"train": 7}
    assert cut.pairs("validation") == whole.pairs("validation")
    both = load_corpus(f"{tmp_path}/a.tsv + {tmp_path}/b.tsv", max_pairs=7)
    assert [part.facts.size for part in both.parts] == [7, 7]


def test_words_are_joined_where_others_write_plain_text():
    talks, phrases = mix("both", [TALKS, PHRASES], [1, 1]).parts
    assert talks.shown.pairs("train").targets == ["no, i don't."]  # "Olá!" is held out
    assert talks.corpus.pairs("validation").targets == ["good morning ."]
    assert phrases.shown.pairs("train").sources == ["Olá, Ana!", "Até já."]
    alone = mix("alone", [TALKS], [2]).parts[0]
    assert alone.shown.pairs("train").targets[0] == "no , i do n't ."


def test_what_one_corpus_holds_out_no_other_trains_on(capsys):
    one_way = mix("one way", [TALKS, PHRASES], [1, 1])
    said = capsys.readouterr().err
    assert "talks: 1 pair left out of training" in said
    assert "phrases: 1 pair left out of training" in said
    assert "Bom dia." not in one_way.pairs("train").sources
    assert one_way.splits == {"train": 3, "validation": 2}

    held = corpus("held", train=[("x", "y")], validation=[("Fim.", "good DAY.")])
    assert len(mix("one", [held, PHRASES], [1, 1]).parts[1].shown.pairs("train")) == 3
    turned = mix("both ways", [held, PHRASES], [1, 1], "both")
    assert len(turned.parts[1].shown.pairs("train")) == 2  # "Good day." is a source, too
    own = mix("alone", [PHRASES], [1], "both")
    assert len(own.parts[0].shown.pairs("train")) == 3  # what a corpus does itself stays


def test_tags_say_which_language_and_form_is_wanted():
    both = mix("both", [TALKS, PHRASES], [1, 3], "both")
    assert [(part.name, part.tag, part.weight) for part in both.parts] == [
        ("talks, pt → en", TAGS[0], 1),
        ("phrases, pt → en", "", 3),
        ("talks, en → pt", TAGS[1], 1),
        ("phrases, en → pt", TAGS[2], 3),
    ]
    assert both.parts[3].shown.pairs("train").sources == ["Hello, Ana!", "Good day."]
    assert [part.tag for part in mix("one", [PHRASES], [3]).parts] == [""]
    assert [part.tag for part in mix("one", [TALKS], [1], "both").parts] == ["", TAGS[0]]


def test_what_is_known_of_each_corpus_is_kept():
    facts = mix("talks + phrases*3", [TALKS, PHRASES], [1, 3], "both").facts
    assert facts.license == "CC BY-NC-ND 4.0; CC0"
    assert (facts.text_form, facts.size, facts.bleu_tokenize) == ("plain", 3, "13a")
    assert [part.text_form for part in facts.parts] == 2 * ["treebank", "plain"]
    assert [part.weight for part in facts.parts] == [1, 3, 1, 3]
    assert [part.target_language for part in facts.parts] == ["en", "en", "pt", "pt"]
    assert type(facts).from_dict(facts.to_dict()) == facts


def test_scores_name_files_without_their_folders():
    def names(*paths):
        pairs = {"train": [("a", "b")], "validation": [("c", "d")]}
        corpora = [corpus(path, **pairs) for path in paths]
        return [part.name for part in mix("x", corpora, [1] * len(paths)).parts]

    assert names("/home/me/a.tsv", "b/b.tsv") == ["a.tsv", "b/b.tsv"]
    assert names("/home/me/a.tsv", "/home/you/a.tsv") == ["/home/me/a.tsv", "/home/you/a.tsv"]


def test_corpora_of_other_languages_are_refused():
    german = corpus("german", ("de", "en"), train=[("a", "b")], validation=[("c", "d")])
    with pytest.raises(
        UserError, match=r"talks pt → en, german de → en: mix corpora with the same"
    ):
        mix("x", [TALKS, german], [1, 1])
    unknown = corpus("file", ("source", "target"), train=[("a", "b")], validation=[("c", "d")])
    assert mix("x", [unknown, TALKS], [1, 1]).parts[0].corpus.source_language == "pt"


def test_a_corpus_must_have_something_held_out():
    alone = corpus("alone", train=[("a", "b")])
    with pytest.raises(UserError, match='alone has no split "validation"'):
        mix("x", [alone, TALKS], [1, 1])


def test_files_are_mixed_by_their_names(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.tsv").write_text(own_files.pairs("pt", "en", 100), encoding="utf-8")
    for language in ("pt", "en"):
        lines = own_files.sentences(language, 50, seed=5)
        (tmp_path / f"b.{language}").write_text("\n".join(lines), encoding="utf-8")
    mixed = load_corpus("a.tsv*0.5 + b.pt,b.en*3")
    assert [(part.name, part.weight) for part in mixed.parts] == [("a.tsv", 0.5), ("b.pt,b.en", 3)]
    assert (mixed.source_language, mixed.target_language) == ("pt", "en")
    assert load_corpus("a.tsv").facts.parts == ()
    with pytest.raises(UserError, match=r"b\.tsv: cannot be read"):
        load_corpus("a.tsv + b.tsv")
    with pytest.raises(UserError, match="text_form=treebank: each of several"):
        load_corpus("a.tsv + b.pt,b.en", text_form="treebank")
    assert len(load_corpus("a.tsv", directions="both").parts) == 2


@pytest.fixture(scope="module")
def tokenizers():
    texts = [text for language in ("pt", "en") for text in own_files.sentences(language, 300)]
    return train_tokenizers(texts, texts, vocab_size=420, symbols=TAGS)


def test_sources_begin_with_their_tags(tokenizers):
    parts = mix("both", [TALKS, PHRASES], [1, 3], "both").parts
    mixed = tokenize_parts(parts, "train", tokenizers)
    first = [int(mixed.of_epoch(0).sources[row][0]) for row in range(len(mixed))]
    ids = [tag_id(tokenizers[0], tag) for tag in TAGS[:3]]
    of_tags = [ids[0], None, None, ids[1], ids[2], ids[2]]
    assert [each if each in ids else None for each in first] == of_tags
    assert (mixed.weights == [1, 3, 3, 1, 3, 3]).all()
    assert mixed.of_epoch(1) is mixed.of_epoch(0)
    assert mixed.report() == "6 of 6 pairs kept"
    text = tokenizers[0].detokenize([mixed.of_epoch(0).sources[4][1:]])
    assert text.numpy().tolist() == [b"Hello, Ana!"]
    assert not any(set(ids) & {*mixed.of_epoch(0).targets[row]} for row in range(len(mixed)))


def test_a_tag_counts_as_a_token_of_its_source(tokenizers):
    parts = mix("both", [PHRASES], [1], "both").parts
    longest = max(tokenize_parts(parts, "train", tokenizers).of_epoch(0).sources.lengths)
    cut = tokenize_parts(parts, "train", tokenizers, max_length=int(longest) - 1)
    assert max(cut.of_epoch(0).sources.lengths) <= longest - 1


def test_another_sample_of_ids_is_drawn_in_each_epoch_of_a_mixture(tokenizers):
    parts = mix("both", [TALKS, PHRASES], [1, 3], "both").parts
    mixed = tokenize_parts(parts, "train", tokenizers, sampling=0.1, seed=1)
    one, two = mixed.of_epoch(0), mixed.of_epoch(1)
    assert not np.array_equal(one.sources.values, two.sources.values)
    again = tokenize_parts(parts, "train", tokenizers, sampling=0.1, seed=1).of_epoch(1)
    assert np.array_equal(again.sources.values, two.sources.values)
    assert (two.sources.values[two.sources.row_splits[1:] - 1] == END).all()


def test_one_corpus_alone_is_tokenized_as_ever():
    characters = Characters.train(PHRASES.pairs("train").sources, vocab_size=60)
    mixed = tokenize_parts(PHRASES.parts, "train", (characters, characters))
    assert mixed.weights is None
    assert len(mixed) == 3
