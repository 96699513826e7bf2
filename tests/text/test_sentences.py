"""Paragraphs into sentences, and translations into paragraphs."""

import random

import pytest
import tensorflow as tf

from tf_transformer.text import join_sentences, split_sentences

# Each line is a paragraph; "|" shows where it is split.
PARAGRAPHS = """\
Olá!| Tudo bem?| Sim.
O Sr. Silva e a Sra. Dra. Ana Costa vivem na Av. da Liberdade.| Gostam de lá estar.
Mr. and Mrs. Smith know Prof. Jones, Jr. Brown and St. Peter.| They do.
J. R. R. Tolkien escreveu-o.| George W. Bush não.
Custa 3.14 euros.| Não, 3,14!| "Está bem", disse ela.
"Não!" gritou ele.| "Vai-te embora!"| E foi.
Bem... talvez.| Ou não…| Quem sabe?!| Eu não...
Comprei pão, leite, etc.| Depois, queijo, etc. e fui.
Os E.U.A. Unidos, p. ex. a U.S. Army, at 5 p.m. Sharp, i.e. Now.
1. Comprar pão.| É para hoje.
Nasceu em 1980.| Morreu em 2010. 300 pessoas foram.
Ele disse: «Sim.»| (Risos.)| Depois calou-se.| — E tu?| - Eu não.
Isto é o que é.| Mas não há mais.
em minúsculas . não se divide . nunca ! `` nunca '' .
O séc. XIX, vol. II, foi longo.| ¿Qué tal?| ¡Bien!
Foi ao cinema.Depois não. www.exemplo.pt e a.b.c
שלום.| מה שלומך?| טוב.
uma só frase
""".splitlines()


def split(texts):
    return [
        [piece.decode() for piece in row]
        for row in split_sentences(tf.constant(texts, tf.string)).to_list()
    ]


def join(texts, translate=lambda piece: piece):
    pieces = split_sentences(tf.constant(texts, tf.string))
    translations = [translate(piece.decode()).encode() for piece in pieces.flat_values.numpy()]
    joined = join_sentences(pieces, tf.constant(translations, tf.string))
    return [text.decode() for text in joined.numpy()]


@pytest.mark.parametrize("paragraph", PARAGRAPHS)
def test_sentences_end_where_a_reader_would_end_them(paragraph):
    assert split([paragraph.replace("|", "")]) == [paragraph.split("| ")]


def test_rows_do_not_depend_on_each_other():
    texts = [paragraph.replace("|", "") for paragraph in PARAGRAPHS]
    assert split(texts) == [split([text])[0] for text in texts]


@pytest.mark.parametrize("space", [" ", "   ", "\t", "\u00a0", "\u3000"])
def test_the_space_between_sentences_is_no_part_of_them(space):
    assert split([f"Um.{space}Dois."]) == [["Um.", "Dois."]]


@pytest.mark.parametrize(
    "text", ["", " ", "  um só  ", "Um. ", " Um", "\u2028", "a\x00. b", "🙂. 🙂"]
)
def test_what_is_one_sentence_stays_as_it_is(text):
    assert split([text]) == [[text] if text else []]
    assert join([text]) == [text]


@pytest.mark.parametrize(
    "text",
    ["\n", "\n\n", "Um.\nDois", "Um. Dois.\r\n\r\n  - três\n", "\n um \n\n\t dois. Três\n", " \n "],
)
def test_line_breaks_are_kept(text):
    assert join([text]) == [text]


def test_each_sentence_is_replaced_by_its_translation_and_line_breaks_are_not():
    texts = ["Um. Dois!\n\n  Três. Quatro", "", "cinco", "\n"]
    assert join(texts, lambda piece: f"<{len(piece.strip())}>") == [
        "<3> <5>\n\n  <5> <6>",
        "",
        "<5>",
        "\n",
    ]


def test_columns_are_joined_each_by_itself():
    pieces = split_sentences(tf.constant(["Um. Dois!\n\nTrês.", "", "quatro"]))
    columns = [tf.strings.lower(pieces.flat_values), tf.strings.upper(pieces.flat_values)]
    joined = join_sentences(pieces, tf.stack(columns, axis=1))
    expected = tf.stack([join_sentences(pieces, column) for column in columns], axis=1)
    assert joined.numpy().tolist() == expected.numpy().tolist()


def test_an_empty_batch_gives_no_rows():
    assert split([]) == join([]) == []
    pieces = split_sentences(tf.zeros([0], tf.string))
    assert join_sentences(pieces, tf.zeros([0, 3], tf.string)).shape == [0, 3]


def test_any_bytes_are_split_and_nothing_but_space_is_lost():
    rng = random.Random(0)
    alphabet = ["\ufdd0", ".", "…", "!", '"', " ", "\t", "\n", "A", "É", "b", "Sr.", "1", "🙂", "-"]
    texts = [rng.randbytes(rng.randrange(40)) for _ in range(500)]
    texts += ["".join(rng.choices(alphabet, k=rng.randrange(15))).encode() for _ in range(1000)]
    pieces = split_sentences(tf.constant(texts))
    assert len(split(texts)) == len(texts)
    for text, joined in zip(texts, join_sentences(pieces, pieces.flat_values).numpy(), strict=True):
        expected = text.decode(errors="replace").replace("\ufdd0", "")
        assert "".join(joined.decode().replace("\ufdd0", "").split()) == "".join(expected.split())


def test_it_works_in_a_graph():
    @tf.function(input_signature=[tf.TensorSpec([None], tf.string)], autograph=False)
    def there_and_back(text):
        pieces = split_sentences(text)
        return join_sentences(pieces, tf.strings.upper(pieces.flat_values))

    assert there_and_back(tf.constant(["um. Dois\nx"])).numpy().tolist() == [b"UM. DOIS\nX"]
    assert there_and_back(tf.zeros([0], tf.string)).shape == [0]
