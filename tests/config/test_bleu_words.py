"""BLEU splits the words of a language as that language needs."""

import importlib.util

import pytest

from tf_transformer.config import CorpusFacts
from tf_transformer.config.bleu_words import words_of_language, words_of_texts


@pytest.fixture
def mecab(monkeypatch):
    """Says whether MeCab is installed, for both languages."""

    def say(is_installed):
        found = object() if is_installed else None
        monkeypatch.setattr(importlib.util, "find_spec", lambda name: found)

    say(False)
    return say


@pytest.mark.parametrize("code", ["zh", "zh-Hant", "zh_CN", "ZH", "cmn", "cn", "yue"])
def test_chinese_is_split_as_chinese(code):
    assert words_of_language(code) == "zh"


@pytest.mark.parametrize(("code", "name"), [("ja", "ja-mecab"), ("ko_KR", "ko-mecab")])
def test_japanese_and_korean_are_split_by_mecab_where_it_is_installed(code, name, mecab):
    assert words_of_language(code) == "char"
    mecab(True)
    assert words_of_language(code) == name


@pytest.mark.parametrize("code", ["th", "km", "lo", "my", "bo"])
def test_what_is_written_without_spaces_is_split_into_characters(code):
    assert words_of_language(code) == "char"


@pytest.mark.parametrize("code", ["en", "pt", "target", "", "hi", "ar"])
def test_nothing_is_said_of_other_languages(code):
    assert words_of_language(code) == ""


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("猫在睡觉。2024", "zh"),
        ("猫が眠っています。東京都庁舎前", "char"),
        ("고양이가 자고 있다.", "char"),
        ("แมวกำลังหลับ", "char"),
        ("The cat is called 猫.", ""),
        ("Кот спит.", ""),
        ("बिल्ली सो रही है।", ""),
        ("1234 …", ""),
        ("", ""),
    ],
)
def test_a_text_of_an_unknown_language_is_known_by_its_script(text, name, mecab):
    assert words_of_texts([text] * 3) == name


def test_what_is_asked_for_wins_and_then_the_form():
    assert CorpusFacts("mine", target_language="zh").bleu_tokenize == "zh"
    assert CorpusFacts("mine", target_language="zh", tokenize="char").bleu_tokenize == "char"
    assert CorpusFacts("mine", target_language="zh", text_form="treebank").bleu_tokenize == (
        "treebank"
    )


def test_a_bleu_of_characters_is_said_to_compare_with_no_other():
    assert "counts characters" in CorpusFacts("mine", tokenize="char").bleu_note
    assert CorpusFacts("mine", target_language="zh").bleu_note == ""
