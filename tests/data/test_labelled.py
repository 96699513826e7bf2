"""Texts with classes: where they come from, what is held out, and their batches."""

import numpy as np
import pytest
import tensorflow_datasets as tfds

from tests.data.test_text_corpus import COUNT  # it registers the set
from tf_transformer.data import LabelledBatches, LabelledTexts, load_labelled
from tf_transformer.data.load_labelled import _moods_of
from tf_transformer.errors import UserError
from tf_transformer.text import END, Characters


class HiddenTestLabels(tfds.core.GeneratorBasedBuilder):
    """As glue's sets: the test's labels are hidden."""

    VERSION = tfds.core.Version("1.0.0")

    def _info(self):
        return self.dataset_info_from_configs(
            features=tfds.features.FeaturesDict(
                {
                    "sentence": tfds.features.Text(),
                    "label": tfds.features.ClassLabel(names=["bad", "good"]),
                }
            )
        )

    def _split_generators(self, dl_manager):
        return {split: self._generate_examples(split) for split in ("train", "validation", "test")}

    def _generate_examples(self, split):
        for key in range(100):
            yield (
                key,
                {
                    "sentence": f"{split} {key}",
                    "label": -1 if split == "test" else key % 2,
                },
            )


def write(path, rows):
    path.write_text("".join(f"{label}\t{text}\n" for label, text in rows), encoding="utf-8")
    return str(path)


ROWS = [("pos" if i % 3 else "neg", f"text {i}") for i in range(200)]


def test_the_number_of_texts_that_repeat_another_is_said(tmp_path, capsys):
    file = write(tmp_path / "a.tsv", [*ROWS, ("pos", "Text  1"), ("pos", "text 1\u200b")])
    load_labelled(file)
    assert f"{file}: 2 of 202 texts repeat another, apart from white" in capsys.readouterr().err
    test = write(tmp_path / "test.tsv", [("pos", "TEXT 7"), ("neg", "another"), ("neg", "a third")])
    load_labelled(f"{file},{test}")
    assert "1 of 3 test texts is in the training text too" in capsys.readouterr().err


def test_a_file_is_divided_by_what_its_texts_say(tmp_path):
    corpus = load_labelled(write(tmp_path / "a.tsv", ROWS))
    again = load_labelled(write(tmp_path / "b.tsv", ROWS[::-1]))
    assert corpus.classes == ["neg", "pos"]
    sizes = [len(split) for split in (corpus.train, corpus.validation, corpus.test)]
    assert sum(sizes) == 200
    assert sizes[0] > 170
    found = {}
    for split in ("train", "validation", "test"):
        ours, theirs = getattr(corpus, split), getattr(again, split)
        assert set(ours.texts) == set(theirs.texts)
        found |= dict(zip(ours.texts, ours.labels, strict=True))
    assert found == {text: corpus.classes.index(label) for label, text in ROWS}


def test_of_two_files_the_second_is_the_test(tmp_path):
    files = [write(tmp_path / "a.tsv", ROWS), write(tmp_path / "b.tsv", [("pos", "other")])]
    corpus = load_labelled(",".join(files))
    assert corpus.test == LabelledTexts(["other"], [1])
    assert len(corpus.train) + len(corpus.validation) == 200


def test_equal_texts_are_never_in_two_splits(tmp_path):
    corpus = load_labelled(write(tmp_path / "a.tsv", 3 * ROWS))
    splits = [set(each.texts) for each in (corpus.train, corpus.validation, corpus.test)]
    assert sum(map(len, splits)) == len(set.union(*splits)) == 200


def test_a_set_keeps_its_test(tmp_path):
    corpus = load_labelled("tiny_texts", str(tmp_path))
    assert len(corpus.test) == COUNT
    assert set(corpus.test.labels) == {0, 1}


def test_where_the_tests_labels_are_hidden_validation_is_the_test(tmp_path):
    corpus = load_labelled("hidden_test_labels", str(tmp_path))
    assert corpus.classes == ["bad", "good"]
    assert all(text.startswith("validation") for text in corpus.test.texts)
    held_out = [*corpus.train.texts, *corpus.validation.texts]
    assert sorted(held_out) == sorted(f"train {key}" for key in range(100))


def test_moods_follow_the_rule():
    sentences = ["I sing.", "I don't sing.", "I am not here.", "Do you sing?", "Don't you sing?"]
    sentences += ["Sing!", "Where is he? He is here."]
    found = _moods_of(sentences)
    assert found.texts == [
        "I sing",
        "I don't sing",
        "I am not here",
        "Do you sing",
        "Don't you sing",
    ]
    assert found.labels == [0, 1, 1, 2, 2]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("pos\ta\nonly text\n", "line 2: 1 column where two are needed, label TAB text"),
        ("pos\ta\n", "1 text is too few"),
    ],
)
def test_mistakes_in_a_file(content, says, tmp_path):
    (tmp_path / "a.tsv").write_text(content)
    with pytest.raises(UserError, match=says):
        load_labelled(str(tmp_path / "a.tsv"))


TEXTS = LabelledTexts([f"{'ab' * (i % 9)}c" for i in range(50)], [i % 3 for i in range(50)])


def test_batches_hold_each_text_with_its_class():
    tokenizer = Characters.train(TEXTS.texts, vocab_size=9)
    batches = LabelledBatches(TEXTS, tokenizer, 3, max_length=10, batch_tokens=40)
    seen = []
    for ids, classes, weights in batches.one_pass():
        assert ids.shape[0] == classes.shape[0] == weights.shape[0]
        assert ids.shape[0] * ids.shape[1] <= 40
        np.testing.assert_array_equal(np.any(ids != 0, axis=1), weights == 1)
        np.testing.assert_array_equal(np.sum(classes, axis=1), weights)
        for row, class_ in zip(ids.numpy(), classes.numpy(), strict=True):
            if row.any():
                row = row[row != 0]
                assert (row == END).nonzero()[0].tolist() == [len(row) - 1]
                text = tokenizer.detokenize(row[None]).numpy()[0].decode()
                seen.append((text, class_.argmax()))
    expected = [(text[:9], label) for text, label in zip(TEXTS.texts, TEXTS.labels, strict=True)]
    assert sorted(seen) == sorted(expected)
    assert f"50 texts, {sum(len(text) > 9 for text in TEXTS.texts)} cut" in batches.report()


def test_shuffled_batches_can_be_entered_at_any_step():
    tokenizer = Characters.train(TEXTS.texts, vocab_size=9)
    batches = LabelledBatches(TEXTS, tokenizer, 3, 20, 60, seed=4)
    whole = list(batches.dataset().take(2 * batches.steps_per_epoch))
    later = list(batches.dataset(3).take(5))
    for ours, theirs in zip(later, whole[3:8], strict=True):
        for a, b in zip(ours, theirs, strict=True):
            np.testing.assert_array_equal(a, b)
