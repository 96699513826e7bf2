"""What text is: the same in the graph and in plain Python."""

import random
import unicodedata

import pytest
import tensorflow as tf

from tf_transformer.tasks.pieces import pieces_of
from tf_transformer.text import clean_text, cleaning, join_sentences, rules, split_sentences

CHARACTERS = [
    *"aoeAZ19.?!-()'\"“”»,;:*#|/\\%€",
    *" \t\n\v\f\r\0\x1c\x85\xa0\u1680\u2003\u2028\u202f\u3000",
    *"\ufeff\u200b\u2060\xad\ufe0f\U000e0101\u200c\u200d",
    *"\u0303\u0301\u0327\u0345ãéçİßſ가\u1100\u1161\u11a8한中。किﷺ",
    *"😆👨→•★½Ⅳ①\u20e3\ufffd\ufdd1",
    "Sr.",
    "Cia.",
    "p. ",
    "dia",
    "2010",
    "etc.",
    ". ",
    "? ",
    "www.",
]


def texts(count, seed):
    rng = random.Random(seed)
    found = ["".join(rng.choices(CHARACTERS, k=rng.randrange(25))) for _ in range(count)]
    found += [
        "".join(chr(rng.choice((rng.randrange(0x800), rng.randrange(0x10000, 0x20000)))) for _ in s)
        for s in found[: count // 4]
    ]
    return found


def in_graph(function, values):
    return [
        x.decode() if isinstance(x, bytes) else bool(x)
        for x in function(tf.constant(values, tf.string)).numpy()
    ]


def test_graph_and_python_clean_alike():
    found = texts(8_000, 0)
    expected = [rules.clean(text) for text in found]
    assert in_graph(clean_text, found) == expected
    assert [rules.clean(text) for text in expected] == expected
    assert all(unicodedata.is_normalized("NFC", text) for text in expected)


def test_graph_and_python_copy_alike():
    found = [rules.clean(text) for text in texts(4_000, 1)] + list("-?😆1a½") + ["1.", "2) -"]
    expected = [rules.is_copied(text) for text in found]
    assert in_graph(cleaning.is_copied, found) == expected
    assert len(set(expected)) == 2


def test_graph_and_python_split_alike():
    found = [text.replace("\n", " ").replace(rules.BOUNDARY, "") for text in texts(6_000, 2)]
    pieces = pieces_of(tf.constant(found))
    rows = [[piece.decode() for piece in row if piece] for row in pieces.to_list()]
    assert rows == [rules.split_line(text) for text in found]
    assert sum(len(row) > 1 for row in rows) > 100


def test_what_is_not_utf8_is_the_replacement_character_in_both():
    surrogates = ["\ud83d", "a\udc00b", "\ud83d\ude06 x"]
    raw = [text.encode(errors="surrogatepass") for text in surrogates]
    assert in_graph(clean_text, raw) == [rules.clean(text) for text in surrogates]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("O Joa\u0303o cozinhou o salma\u0303o.", "O João cozinhou o salmão."),
        ("\ufeffQuem", "Quem"),
        ("Quem\xa0vendeu\ta  casa\u3000azul? ", "Quem vendeu a casa azul?"),
        ("ven\xaddeu a\u200b\u2060\ufe0f", "vendeu a"),
        ("می\u200cخواهم क\u094d\u200dष", "می\u200cخواهم क\u094d\u200dष"),
        ("\xa0", ""),
        ("\u3000\u200b", ""),
    ],
)
def test_text_is_composed_and_only_its_seen_characters_and_joiners_stay(text, expected):
    assert in_graph(clean_text, [text]) == [rules.clean(text)] == [expected]


@pytest.mark.parametrize("text", ["-", "...", "?", "😆", "1.", "2)", "1️⃣", "½", "* * *", "", "→ •"])
def test_there_is_nothing_to_translate_without_letters_and_numbers(text):
    assert rules.is_copied(rules.clean(text))


@pytest.mark.parametrize("text", ["a", "é!", "中", "12", "10:30", "1. a", "क", "3,14"])
def test_letters_and_numbers_are_translated(text):
    assert not rules.is_copied(text)


def test_duplicates_differ_in_white_space_and_case_alone():
    keys = {rules.duplicate_key(x) for x in ("A Casa", " a\xa0casa\u200b", "A  CASA", "a ca\xadsa")}
    assert keys == {"a casa"}
    assert rules.duplicate_key("STRASSE") == rules.duplicate_key("Straße")


SIGNS = """\
Quem vendeu a casa azul?|😆|O João cozinhou o salmão.
Um.|•|Dois.|→|Três!
Um?|*|"Dois."
„Um.“|😆|„Dois.“|Três.
»Um!«|•|Dois.|»Três?«
Um.|👨‍👩‍👧 ★|dois.
★|Quem vendeu?
Fim|😆
Um|•|Dois|•|Três
Gosto de 5 € e 10 %
A R&D e o C# são A + B
Eu ★ tu
""".splitlines()


@pytest.mark.parametrize("line", SIGNS)
def test_signs_between_sentences_and_at_the_ends_are_pieces(line):
    text = line.replace("|", " ")
    pieces = split_sentences(tf.constant([text]))
    assert [piece.decode() for piece in pieces.flat_values.numpy()] == line.split("|")
    assert join_sentences(pieces, pieces.flat_values).numpy()[0].decode() == text


@pytest.mark.parametrize(
    "text",
    [
        "A Cia. Azul faliu.",
        "O Pe. Joel chegou.",
        "A Fig. A mostra a Tab. B.",
        "Ver Cap. II e Págs. X a Y.",
        "O Min. Costa e o Pres. Lula.",
        "A Univ. Nova e o Inst. Superior.",
        "Acme Corp. Ltd. Services e Warner Bros. Pictures.",
        "See Sec. A and Eq. B of Vol. C.",
        "Veja http://exemplo.pt/a?Bom e mais.",
    ],
)
def test_abbreviations_and_addresses_end_no_sentence(text):
    assert rules.split_line(text) == [text]


@pytest.mark.parametrize(
    "line",
    [
        "bom dia.| obrigado!| tudo bem?| sim.",
        "quem vendeu a casa azul?|o João cozinhou.",
        "não fui eu.| foi ele.| e depois?| nada.",
        "Quem vendeu a casa azul?| o João cozinhou o salmão.| e comeu.",
        "foi em 2010.| depois voltou.",
        "Foi ao cinema.|Depois voltou.",
        "olá!| (tudo bem?)",
    ],
)
def test_sentences_in_small_letters_are_split(line):
    assert rules.split_line(line.replace("|", "")) == [piece.strip() for piece in line.split("|")]


@pytest.mark.parametrize(
    "text",
    [
        "não se divide . nunca ! `` nunca '' . porquê ? ninguém sabe .",
        "comprei pão, leite, etc. e fui às 5 p.m. com o dr. silva e o sr. costa.",
        "são aprox. dez, p. ex. aqui, i.e. agora, e o máx. de três.",
        "bem... talvez não… quem sabe",
        "— Não! — gritou ele.",
        '"não!" gritou ele. ',
        "veja exemplo.pt e http://exemplo.pt/a?bom e mais, no 3. andar",
    ],
)
def test_where_it_is_uncertain_small_letters_are_not_split(text):
    assert rules.split_line(text) == [text.strip()]


def test_a_question_ends_a_sentence_though_no_space_follows():
    pieces = split_sentences(tf.constant(["azul?O João cozinhou o salmão."])).flat_values.numpy()
    assert [piece.decode() for piece in pieces] == ["azul?", "O João cozinhou o salmão."]
