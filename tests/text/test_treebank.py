"""Ordinary text to lower-cased words and back, as the TED sets have them."""

import random

import pytest
import tensorflow as tf

from tf_transformer.text import TedHrlr, Treebank

FORMS = [Treebank(), TedHrlr()]

# Ordinary text, and its words.
WORDS = {
    "Este é um problema que temos de resolver.": "este é um problema que temos de resolver .",
    "O quê? Não pode ser!": "o quê ? não pode ser !",
    "Dá-lhe o guarda-chuva, por favor.": "dá-lhe o guarda-chuva , por favor .",
    "Fá-lo-ia... se pudesse…": "fá-lo-ia ... se pudesse ...",
    "Subiu 3,5 % (de 1.500 para 1.552,50).": "subiu 3,5 % ( de 1.500 para 1.552,50 ) .",
    "Às 10:30, 20 pessoas; às 11, 30.": "às 10:30 , 20 pessoas ; às 11 , 30 .",
    "Nasceu em 1980. Morreu novo.": "nasceu em 1980 . morreu novo .",
    "O Sr. Silva e o Dr. Costa.": "o sr. silva e o dr. costa .",
    "J. R. R. Tolkien, dos E.U.A., vive aqui.": "j. r. r. tolkien , dos e.u.a. , vive aqui .",
    "Fui aos E.U.A.": "fui aos e.u.a .",
    "Pão, leite, etc. [fim]": "pão , leite , etc. [ fim ]",
    "Lembra-te: recomendo-a. Vai!": "lembra-te : recomendo-a . vai !",
    "Vim--e vi — venci—e fugi.": "vim — e vi — venci — e fugi .",
    "I don't, can't and won't.": "i do n't , ca n't and wo n't .",
    "That's what I'm saying; we'll see.": "that 's what i 'm saying ; we 'll see .",
    "They’ve seen the girls’ school.": "they 've seen the girls ' school .",
    "At five o'clock, 'the end' came.": "at five o'clock , 'the end ' came .",
    "I cannot; I'm gonna, you gotta.": "i can not ; i 'm gon na , you got ta .",
    "It costs $20 & 5% — #1!": "it costs $ 20 & 5 % — # 1 !",
    "ÀS TRÊS, ÉMILE!": "às três , émile !",
    "  tudo\tbem \n aqui\u00a0.  ": "tudo bem aqui .",
    "olá 🙂, 漢字!": "olá 🙂 , 漢字 !",
    "": "",
    " \t\n": "",
}

QUOTES = {
    'Disse: "Vou já."': ("disse : `` vou já . ''", "`` disse : `` vou já . '' ''"),
    'O "dono" fugiu.': ("o `` dono '' fugiu .", "`` o `` '' dono '' '' fugiu . ''"),
    "«Sim», disse “ele”.": (
        "`` sim '' , disse `` ele '' .",
        "`` `` '' sim '' '' , disse `` '' ele '' '' . ''",
    ),
    '("Sim," disse.)': ("( `` sim , '' disse . )", "`` ( `` '' sim , '' '' disse . ) ''"),
    'Disse: "Não sei.': ("disse : `` não sei .", "`` disse : `` '' não sei . ''"),
    'Talvez." E saiu.': ("talvez . '' e saiu .", "`` talvez . '' '' e saiu . ''"),
}

# The words of a model, and text for people.
PRESENTED = {
    "that 's what i 'm saying , is n't it ?": "That's what I'm saying, isn't it?",
    "it is so . i know . ( laughter ) thank you !": "It is so. I know. (Laughter) thank you!",
    "he said : `` no way . '' and then he left .": 'He said: "No way." And then he left.',
    "`` really ? '' he asked .": '"Really?" he asked.',
    "on monday , in june , mr. smith met dr. lee .": "On Monday, in June, Mr. Smith met Dr. Lee.",
    "i i think we can not , so ... no ?": "I I think we cannot, so... no?",
    "5 % of $ 10,000 [ sic ] ; the r & d": "5% of $10,000 [sic]; the r&d",
    "the girls ' school — it 's in the '90s": "The girls' school — it's in the '90s",
    "a .3 share": "A .3 share",
    "état . é isso": "État. É isso",
    "": "",
}


def prepare(form, texts):
    return [text.decode() for text in form.prepare(tf.constant(list(texts), tf.string)).numpy()]


def present(form, texts, **options):
    texts = tf.constant(list(texts), tf.string)
    return [text.decode() for text in form.present(texts, **options).numpy()]


@pytest.fixture(params=FORMS, ids=lambda form: form.name)
def form(request):
    return request.param


@pytest.mark.parametrize(("text", "words"), WORDS.items(), ids=range(len(WORDS)))
def test_text_becomes_lower_cased_words(form, text, words):
    assert prepare(form, [text]) == [words]


@pytest.mark.parametrize(("text", "words"), QUOTES.items(), ids=range(len(QUOTES)))
def test_quotes_open_and_close(text, words):
    assert tuple(prepare(form, [text])[0] for form in FORMS) == words


@pytest.mark.parametrize(("words", "text"), PRESENTED.items(), ids=range(len(PRESENTED)))
def test_words_become_text_for_people(words, text):
    assert present(Treebank(), [words]) == [text]


def test_words_stay_as_they_are(form):
    words = prepare(form, [*WORDS, *QUOTES, *PRESENTED])
    assert prepare(form, words) == words


def test_words_come_back_from_what_people_are_shown(form):
    words = prepare(form, [*WORDS, *QUOTES])
    assert prepare(form, present(form, words)) == words


def test_all_but_its_case_comes_back_of_ordinary_text(form, english, portuguese):
    texts = [*english, *portuguese]
    straight = [text.replace("«", '"').replace("»", '"').lower() for text in texts]
    words = prepare(form, texts)
    assert present(form, words, case=False) == straight
    assert [text.lower() for text in present(form, words)] == straight


@pytest.mark.parametrize("text", ['Said "no" twice.', 'Said: "No." Then: "Yes!"', '"No!"'])
def test_the_quotes_around_a_whole_line_are_not_shown(text):
    form = TedHrlr()
    words = prepare(form, [text])[0]
    assert words.startswith("`` ")
    assert words.endswith(" ''")
    assert present(form, [words]) == [text]
    assert present(form, ["`` no quotes in it . ''"]) == ["No quotes in it."]


def test_without_case_nothing_is_capital(form):
    texts = present(form, PRESENTED, case=False)
    assert [text.lower() for text in present(form, PRESENTED)] == texts


def test_any_bytes_give_valid_text(form):
    rng = random.Random(0)
    alphabet = ["\ufdd0", "\ufdd1", "`", "''", '"', "“", ".", "'s", " ", "\n", "i", "É", "🙂"]
    texts = [b"\xff\xfe. a", b"a\xc3", b"\x00", b"\xed\xa0\x80'", *map(str.encode, alphabet)]
    texts += [rng.randbytes(rng.randrange(40)) for _ in range(500)]
    texts += ["".join(rng.choices(alphabet, k=rng.randrange(12))).encode() for _ in range(500)]
    words = prepare(form, texts)
    assert len(present(form, words)) == len(texts)
    assert len(present(form, present(form, words))) == len(texts)


def test_what_follows_a_nul_is_kept(form):
    (words,) = prepare(form, ["Um\0 Gato."])
    assert words.endswith(" gato .")


def test_rows_do_not_depend_on_each_other(form):
    texts = [*WORDS, *QUOTES]
    words = prepare(form, texts)
    assert words == [prepare(form, [text])[0] for text in texts]
    assert present(form, words) == [present(form, [text])[0] for text in words]
    assert prepare(form, []) == present(form, []) == []
