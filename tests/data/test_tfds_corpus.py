"""Corpora from TensorFlow Datasets. Nothing here reaches for a network."""

import errno
import socket

import pytest
import tensorflow_datasets as tfds

from tf_transformer.data import load_corpus, tfds_corpus
from tf_transformer.errors import UserError

SENTENCES = [("olá", "hello"), ("bom dia", "good morning"), ("coração", "heart")]


class TinyTranslations(tfds.core.GeneratorBasedBuilder):
    """A translation set as TFDS has them, with the target language first by name."""

    VERSION = tfds.core.Version("1.0.0")
    SPLITS = ("train", "validation")
    failure = None

    def _info(self):
        return self.dataset_info_from_configs(
            features=tfds.features.Translation(languages=("en", "pt")),
            supervised_keys=("pt", "en"),
            license="CC0",
        )

    def _split_generators(self, dl_manager):
        return {split: self._generate_examples() for split in self.SPLITS}

    def _generate_examples(self):
        if self.failure:
            raise self.failure
        for key, (source, target) in enumerate(SENTENCES):
            yield key, {"pt": source, "en": target}


class TrainOnlyTranslations(TinyTranslations):
    VERSION = tfds.core.Version("1.0.0")
    SPLITS = ("train",)


class DigitImages(tfds.core.GeneratorBasedBuilder):
    VERSION = tfds.core.Version("1.0.0")

    def _info(self):
        return self.dataset_info_from_configs(
            features=tfds.features.FeaturesDict({"label": tfds.features.ClassLabel(num_classes=2)})
        )

    def _split_generators(self, dl_manager):
        raise AssertionError("prepared, though it holds no translations")

    def _generate_examples(self):
        raise AssertionError


@pytest.fixture
def no_network(monkeypatch):
    def refuse(*_, **__):
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", refuse)


def test_a_translation_set_is_prepared_and_read(tmp_path):
    corpus = load_corpus("tiny_translations", str(tmp_path))
    assert (corpus.source_language, corpus.target_language) == ("pt", "en")
    assert corpus.splits == {"train": 3, "validation": 3}
    assert corpus.license == "CC0"
    assert sorted(corpus.pairs("train")) == sorted(SENTENCES)


def test_the_form_of_a_sets_text_is_known(tmp_path, monkeypatch):
    assert load_corpus("tiny_translations", str(tmp_path)).text_form == "plain"
    assert tfds_corpus.TEXT_FORMS["ted_hrlr_translate"] == "ted_hrlr"
    monkeypatch.setitem(tfds_corpus.TEXT_FORMS, "tiny_translations", "ted_hrlr")
    assert load_corpus("tiny_translations", str(tmp_path)).text_form == "ted_hrlr"


def test_without_a_test_split_scores_are_reported_on_validation(tmp_path):
    corpus = load_corpus("tiny_translations", str(tmp_path))
    assert corpus.evaluation_split == "validation"
    with pytest.raises(UserError, match='no split "test"; it has: train, validation'):
        corpus.pairs("test")


def test_a_prepared_set_needs_no_network(tmp_path, no_network):
    load_corpus("tiny_translations", str(tmp_path))
    assert len(load_corpus("tiny_translations", str(tmp_path)).pairs("train")) == 3


def test_a_set_of_train_alone_is_held_out_like_own_files(tmp_path):
    corpus = load_corpus("train_only_translations", str(tmp_path))
    assert corpus.splits == {"train": 1, "validation": 1, "test": 1, "all": 3}
    assert corpus.license == "CC0"


def test_preparing_says_nothing(tmp_path, capfd, caplog):
    load_corpus("tiny_translations", str(tmp_path)).pairs("train")
    assert "tiny" not in "".join(capfd.readouterr()) + caplog.text


@pytest.mark.parametrize(
    ("name", "nearest"),
    [
        ("phrasbook", "phrasebook"),
        ("ted_hrlr_translat", "ted_hrlr_translate"),
        ("ted_hrlr_translate/pt_en", "ted_hrlr_translate/pt_to_en"),
    ],
)
def test_an_unknown_set_is_answered_with_the_nearest_names(name, nearest):
    with pytest.raises(UserError, match=f'has no "{name}" .did you mean {nearest}'):
        load_corpus(name)


@pytest.mark.parametrize("name", ["", "text.txt", "a b", "zzzz", "nowhere:a/b"])
def test_what_is_no_name_at_all_is_answered_with_one_line(name):
    with pytest.raises(UserError, match=r"FILE\.tsv") as raised:
        load_corpus(name)
    assert "\n" not in str(raised.value)


def test_a_directory_or_another_kind_of_file_is_called_so(tmp_path):
    text = tmp_path / "text.txt"
    text.touch()
    with pytest.raises(UserError, match=r"is a directory.*FILE\.tsv"):
        load_corpus(str(tmp_path))
    with pytest.raises(UserError, match=r"not a \.tsv file.*FILE\.tsv"):
        load_corpus(str(text))


def test_a_set_of_several_language_pairs_needs_one_named():
    with pytest.raises(UserError, match=r"name one, such as ted_hrlr_translate/az_to_en"):
        load_corpus("ted_hrlr_translate")


def test_a_set_without_translations_is_refused_before_it_is_downloaded(tmp_path):
    with pytest.raises(UserError, match='"digit_images" does not hold translations'):
        load_corpus("digit_images", str(tmp_path))


@pytest.mark.parametrize("data_dir", ["there", "not/there"])
def test_without_a_network_the_three_ways_on_are_told(tmp_path, no_network, data_dir):
    (tmp_path / "there").mkdir()
    with pytest.raises(UserError, match="could not be downloaded") as raised:
        load_corpus("ted_hrlr_translate/pt_to_en", str(tmp_path / data_dir))
    message = str(raised.value)
    assert "\n" not in message
    for way in (str(tmp_path / data_dir), "data_dir=", "dataset=FILE.tsv", "phrasebook"):
        assert way in message


def test_a_full_disk_is_called_so(tmp_path, monkeypatch):
    full = OSError(errno.ENOSPC, "No space left on device")
    monkeypatch.setattr(TinyTranslations, "failure", full)
    with pytest.raises(UserError, match=r"the disk is full: tiny_translations .*data_dir="):
        load_corpus("tiny_translations", str(tmp_path))


def test_a_data_dir_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(UserError, match=r"cannot be prepared in .*file.*data_dir="):
        load_corpus("tiny_translations", str(tmp_path / "file"))


def test_damaged_prepared_files_are_named(tmp_path):
    corpus = load_corpus("tiny_translations", str(tmp_path))
    (record,) = tmp_path.rglob("*-train.tfrecord*")
    record.write_bytes(record.read_bytes()[:-5])
    with pytest.raises(UserError, match=r"prepared files in .*cannot be read"):
        corpus.pairs("train")


# What was interrupted


def test_an_interrupted_preparation_is_made_anew(tmp_path, monkeypatch):
    def interrupted(builder):
        for key, (source, target) in enumerate(SENTENCES):
            yield key, {"pt": source, "en": target}
            raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(TinyTranslations, "_generate_examples", interrupted)
        with pytest.raises(KeyboardInterrupt):
            load_corpus("tiny_translations", str(tmp_path))
    # A process that is killed cannot even tidy up.
    left = tmp_path / "tiny_translations" / "1.0.0.incomplete.ABCDEF"
    left.mkdir(parents=True, exist_ok=True)
    (left / "tiny_translations-train.tfrecord-00000-of-00001").write_bytes(b"half of a rec")
    corpus = load_corpus("tiny_translations", str(tmp_path))
    assert len(corpus.pairs("train")) == len(SENTENCES)


def test_a_torn_file_of_a_prepared_set_is_named(tmp_path):
    load_corpus("tiny_translations", str(tmp_path))
    folder = tmp_path / "tiny_translations" / "1.0.0"
    for name in ("dataset_info.json", "tiny_translations-train.tfrecord-00000-of-00001"):
        path = folder / name
        whole = path.read_bytes()
        for content in (b"", whole[: len(whole) // 2]):
            path.write_bytes(content)
            with pytest.raises(UserError) as caught:
                load_corpus("tiny_translations", str(tmp_path)).pairs("train")
            assert str(folder.parent) in str(caught.value)
            assert "\n" not in str(caught.value)
        path.write_bytes(whole)
    assert len(load_corpus("tiny_translations", str(tmp_path)).pairs("train")) == len(SENTENCES)
