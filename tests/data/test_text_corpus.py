"""Texts to learn from: where they come from, and what is held out."""

import pytest
import tensorflow_datasets as tfds

from tf_transformer.data import load_text
from tf_transformer.errors import UserError

COUNT = 60


class TinyTexts(tfds.core.GeneratorBasedBuilder):
    """A set of texts as TFDS has them."""

    VERSION = tfds.core.Version("1.0.0")
    SPLITS = ("train", "test")

    def _info(self):
        return self.dataset_info_from_configs(
            features=tfds.features.FeaturesDict(
                {"label": tfds.features.ClassLabel(num_classes=2), "text": tfds.features.Text()}
            ),
            license="CC0",
        )

    def _split_generators(self, dl_manager):
        return {split: self._generate_examples(split) for split in self.SPLITS}

    def _generate_examples(self, split):
        for key in range(COUNT):
            yield key, {"label": key % 2, "text": f"{split} {key}: é"}


class TrainOnlyTexts(TinyTexts):
    VERSION = tfds.core.Version("1.0.0")
    SPLITS = ("train",)


def test_python_help_is_text_whose_last_topics_are_held_out():
    text = load_text("python_help")
    assert sum(map(len, text.train)) > 100_000
    assert 1 <= len(text.validation) < len(text.train)
    assert not set(text.train) & set(text.validation)
    assert "PSF" in text.license


def test_a_file_is_one_document_whose_last_tenth_is_held_out(tmp_path):
    path = tmp_path / "mine.txt"
    path.write_bytes("\ufeffolá\r\n  mundo \n".encode() + b"x" * 88)
    text = load_text(str(path))
    (train,), (validation,) = text.train, text.validation
    assert train.startswith("olá\n  mundo \nx")
    assert (len(train), validation) == (92, "x" * 9 + "\n")


def test_a_set_of_texts_keeps_its_splits(tmp_path):
    text = load_text("tiny_texts", str(tmp_path))
    assert sorted(text.train) == sorted(f"train {key}: é" for key in range(COUNT))
    assert sorted(text.validation) == sorted(f"test {key}: é" for key in range(COUNT))
    assert text.license == "CC0"


def test_a_set_without_another_split_lends_its_last_tenth(tmp_path):
    text = load_text("train_only_texts", str(tmp_path))
    assert (len(text.train), len(text.validation)) == (54, 6)


@pytest.mark.parametrize(
    ("dataset", "says"),
    [
        ("missing.txt", "missing.txt: cannot be read"),
        ("no_such_set", 'TensorFlow Datasets has no "no_such_set"'),
        ("mnist", '"mnist" holds no text'),
    ],
)
def test_what_holds_no_text_is_refused(dataset, says, tmp_path):
    with pytest.raises(UserError, match=says):
        load_text(dataset, str(tmp_path))
