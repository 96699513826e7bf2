"""A character is a token."""

import tensorflow as tf

from tf_transformer.text import UNKNOWN, Characters


def round_trip(tokenizer, texts):
    return [text.decode() for text in tokenizer.detokenize(tokenizer.tokenize(texts)).numpy()]


def test_text_of_known_characters_comes_back_exactly(characters, corpus):
    texts = [*corpus, "", "  two  spaces ", " a"]
    assert round_trip(characters, texts) == texts


def test_line_breaks_and_any_script_are_characters(tmp_path):
    text = " First:\n\tnão, 日本 👍\0 ▁\u2028\r\n"
    tokenizer = Characters.train([text], vocab_size=100)
    assert round_trip(tokenizer, [text]) == [text]
    tokenizer.save(tmp_path / "tokenizer")
    assert round_trip(Characters.load(tmp_path / "tokenizer"), [text]) == [text]


def test_ids_follow_the_order_of_characters():
    tokenizer = Characters.train(["bacca"], vocab_size=100)
    assert tokenizer.vocab_size == 7
    assert tokenizer.tokenize(["cab", "z"]).to_list() == [[6, 4, 5], [UNKNOWN]]
    assert tokenizer.tokens(tf.range(4, 7)).numpy().tolist() == [b"a", b"b", b"c"]


def test_a_small_vocabulary_keeps_the_most_frequent():
    tokenizer = Characters.train(["aaa bb ccc d"], vocab_size=7)
    assert round_trip(tokenizer, ["abcd "]) == ["a\ufffdc\ufffd "]
