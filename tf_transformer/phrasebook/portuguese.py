"""Portuguese morphology: conjugation, number, gender, contractions and clitics.

Person is an index everywhere: 0 eu, 1 tu, 2 ele/ela, 3 nós, 4 eles/elas/vocês.
The spelling is that of Portugal after the 1990 agreement.
"""

from __future__ import annotations

import functools

from tf_transformer.phrasebook.tables import read_table, words

_REGULAR = {
    "present": {"ar": "o as a amos am", "er": "o es e emos em", "ir": "o es e imos em"},
    "preterite": {
        "ar": "ei aste ou ámos aram",
        "er": "i este eu emos eram",
        "ir": "i iste iu imos iram",
    },
    "imperfect": {
        "ar": "ava avas ava ávamos avam",
        "er": "ia ias ia íamos iam",
        "ir": "ia ias ia íamos iam",
    },
}
_ON_INFINITIVE = {
    "future": "ei ás á emos ão",
    "conditional": "ia ias ia íamos iam",
}
_SUBJUNCTIVE = {"ar": "e es e emos em", "er": "a as a amos am", "ir": "a as a amos am"}
_SHORT_FUTURE = {"dizer": "dir", "fazer": "far", "trazer": "trar", "pôr": "por"}

# First persons such as "sirvo" and "durmo": the stem vowel rises before -o and -a.
_RAISING = {
    **dict.fromkeys(
        words(
            "servir vestir despir sentir mentir preferir repetir divertir seguir perseguir "
            "conseguir sugerir"
        ),
        ("e", "i"),
    ),
    **dict.fromkeys(["dormir", "tossir", "cobrir", "descobrir"], ("o", "u")),
}
_PARTICIPLES = {
    "abrir": "aberto",
    "cobrir": "coberto",
    "descobrir": "descoberto",
    "dizer": "dito",
    "escrever": "escrito",
    "fazer": "feito",
    "ganhar": "ganho",
    "gastar": "gasto",
    "pagar": "pago",
    "pôr": "posto",
    "ver": "visto",
    "vir": "vindo",
}
# These have a second, short participle that the passive takes.
_PASSIVE_PARTICIPLES = {
    "aceitar": "aceite",
    "acender": "aceso",
    "entregar": "entregue",
    "limpar": "limpo",
    "matar": "morto",
    "prender": "preso",
}
_ARTICLES = words("o a os as")
_DEMONSTRATIVES = words("este esta estes estas esse essa esses essas aquele aquela aqueles aquelas")
_INDEFINITES = words("um uma uns umas outro outra outros outras")
_PERSONAL = words("ele ela eles elas")
_CONTRACTIONS = {
    **{("de", w): "d" + w for w in _ARTICLES + _DEMONSTRATIVES + _PERSONAL + ("aqui", "ali")},
    **{("em", w): "n" + w for w in _ARTICLES + _DEMONSTRATIVES + _PERSONAL + _INDEFINITES},
    **{("por", w): "pel" + w for w in _ARTICLES},
    **{("a", w): "à" + w[1:] for w in _DEMONSTRATIVES if w.startswith("aquel")},
    ("a", "o"): "ao",
    ("a", "os"): "aos",
    ("a", "a"): "à",
    ("a", "as"): "às",
    ("com", "mim"): "comigo",
    ("com", "ti"): "contigo",
    ("com", "nós"): "connosco",
}
REFLEXIVES = ("me", "te", "se", "nos", "se")
_UNACCENTED = str.maketrans("áâãéêíóôõú", "aaaeeiooou")


@functools.cache
def _irregular_forms() -> dict[tuple[str, str], list[str]]:
    rows = read_table("portuguese_irregular.tsv")
    return {(row["verb"], row["tense"]): row["forms"].split() for row in rows}


def _join(stem: str, ending: str, conjugation: str) -> str:
    """Join stem and ending so that the sound stays: ficar → fiquei, seguir → sigo."""
    if conjugation == "ar" and ending[0] in "eéê":
        for last, spelling in (("c", "qu"), ("g", "gu"), ("ç", "c")):
            if stem.endswith(last):
                return stem[:-1] + spelling + ending
    elif conjugation != "ar" and ending[0] in "oa":
        for last, spelling in (("gu", "g"), ("c", "ç"), ("g", "j")):
            if stem.endswith(last):
                return stem[: -len(last)] + spelling + ending
    return stem + ending


def _present(infinitive: str, stem: str, conjugation: str) -> list[str]:
    endings = _REGULAR["present"][conjugation].split()
    forms = [_join(stem, ending, conjugation) for ending in endings]
    if infinitive in _RAISING:
        low, high = _RAISING[infinitive]
        head, _, tail = stem.rpartition(low)
        forms[0] = _join(head + high + tail, "o", conjugation)
    if infinitive.endswith("ear"):  # passear → passeio, but passeamos
        forms = [
            f if i == 3 else stem + "i" + e
            for i, (f, e) in enumerate(zip(forms, endings, strict=True))
        ]
    if infinitive.endswith("uzir"):  # conduz, not conduze
        forms[2] = stem
    return forms


def _hiatus(stem: str, form: str, conjugation: str) -> str:
    """Accent the i of caí, construíste, reagíamos, …, which does not join the vowel before it."""
    ending = form[len(stem) :]
    open_stem = stem.endswith(("a", "u")) and not stem.endswith(("gu", "qu"))
    if conjugation == "ir" and open_stem and ending.startswith("i") and ending != "iu":
        return stem + "í" + ending[1:]
    return form


@functools.cache
def conjugate(infinitive: str, tense: str) -> tuple[str, str, str, str, str]:
    """Return the five personal forms of a verb.

    Args:
        infinitive: a verb without its reflexive pronoun, such as "levantar".
        tense: `"present"`, `"preterite"`, `"imperfect"`, `"future"`, `"conditional"`,
            `"subjunctive"` (present), `"future_subjunctive"`, `"imperfect_subjunctive"` or
            `"infinitive"` (personal).

    Returns:
        The forms of eu, tu, ele/ela, nós and eles/elas/vocês.
    """
    if forms := _irregular_forms().get((infinitive, tense)):
        return tuple(forms)
    if tense == "infinitive":
        return _on_r(infinitive.replace("ô", "o"), infinitive)
    if tense in _ON_INFINITIVE:
        stem = _SHORT_FUTURE.get(infinitive, infinitive)
        return tuple(stem + ending for ending in _ON_INFINITIVE[tense].split())
    if tense in ("future_subjunctive", "imperfect_subjunctive"):
        return _from_preterite(infinitive, tense)
    stem, conjugation = infinitive[:-2], infinitive[-2:]
    if tense == "subjunctive":
        first = conjugate(infinitive, "present")
        endings = _SUBJUNCTIVE[conjugation if infinitive != "pôr" else "er"].split()
        stems = [
            first[3][:-4] if i == 3 and conjugation == "ar" else first[0][:-1] for i in range(5)
        ]
        return tuple(
            _subjunctive_join(s, e, conjugation) for s, e in zip(stems, endings, strict=True)
        )
    if tense == "present":
        forms = _present(infinitive, stem, conjugation)
    else:
        forms = [_join(stem, e, conjugation) for e in _REGULAR[tense][conjugation].split()]
    return tuple(_hiatus(stem, form, conjugation) for form in forms)


def _subjunctive_join(stem: str, ending: str, conjugation: str) -> str:
    return _join(stem, ending, "ar") if conjugation == "ar" else stem + ending


def _on_r(stem: str, bare: str) -> tuple[str, ...]:
    """Add the endings of the personal infinitive and the future subjunctive."""
    hiatus = stem.endswith(("air", "uir")) and not stem.endswith(("guir", "quir"))
    accented = stem[:-2] + "ír" if hiatus else stem
    return (bare, accented + "es", bare, stem + "mos", accented + "em")


def _from_preterite(infinitive: str, tense: str) -> tuple[str, ...]:
    stem = conjugate(infinitive, "preterite")[4][:-3]  # falaram → fala, tiveram → tive
    if tense == "future_subjunctive":
        plain = stem[:-1] + "i" if stem.endswith("í") else stem
        return _on_r(plain + "r", plain + "r")
    regular_er = infinitive.endswith("er") and stem == infinitive[:-1]
    accents = {"a": "á", "e": "ê" if regular_er else "é", "i": "í", "o": "ô", "í": "í"}
    return (
        stem + "sse",
        stem + "sses",
        stem + "sse",
        stem[:-1] + accents[stem[-1]] + "ssemos",
        stem + "ssem",
    )


def participle(infinitive: str, *, passive: bool = False) -> str:
    """Return the masculine singular past participle: falado, escrito; passive: aceite."""
    if passive and infinitive in _PASSIVE_PARTICIPLES:
        return _PASSIVE_PARTICIPLES[infinitive]
    if infinitive in _PARTICIPLES:
        return _PARTICIPLES[infinitive]
    stem = infinitive[:-2]
    if infinitive.endswith("ar"):
        return stem + "ado"
    return stem + ("ído" if stem.endswith(("a", "o", "u")) and not stem.endswith("gu") else "ido")


def plural(word: str) -> str:
    """Return the regular plural of a noun or adjective: limão → limões, papel → papéis."""
    if word.endswith("ão"):
        return word[:-2] + "ões"
    if word.endswith("m"):
        return word[:-1] + "ns"
    if word.endswith("l"):
        return _plural_of_l(word)
    if word.endswith("ês"):
        return word[:-2] + "eses"
    if word.endswith(("r", "z", "n", "us", "ás")):
        return word.translate(_UNACCENTED) + "es" if word.endswith("ás") else word + "es"
    return word if word.endswith(("s", "x")) else word + "s"


def _plural_of_l(word: str) -> str:
    stem, vowel = word[:-2], word[-2]
    accented = any(letter in "áâéêíóôú" for letter in stem)
    if vowel == "i":
        return stem + ("eis" if accented else "is")
    stressed = {"a": "a", "e": "é", "o": "ó", "u": "u"}
    return stem + (vowel if accented else stressed[vowel]) + "is"


def feminine(adjective: str) -> str:
    """Return the feminine singular of an adjective: bonito → bonita, alemão → alemã."""
    irregular = {"bom": "boa", "mau": "má", "espanhol": "espanhola", "cru": "crua"}
    if adjective in irregular:
        return irregular[adjective]
    for ending, replacement in (
        ("ão", "ã"),
        ("ês", "esa"),
        ("eu", "eia"),
        ("o", "a"),
        ("or", "ora"),
    ):
        if adjective.endswith(ending):
            return adjective[: -len(ending)] + replacement
    return adjective


@functools.cache
def agree(adjective: str, gender: str, is_plural: bool) -> str:
    """Return an adjective or participle of this gender ("m" or "f") and number."""
    if adjective == "cor-de-rosa":
        return adjective
    form = feminine(adjective) if gender == "f" else adjective
    if form == "alemão" and is_plural:
        return "alemães"
    return plural(form) if is_plural else form


def contract(preposition: str, phrase: str) -> str:
    """Join a preposition to a phrase: ("em", "a casa") → "na casa", ("de", "um") → "de um".

    Prepositions of several words contract at their last one: ("perto de", "o rio").
    """
    *before, last = preposition.split(" ")
    first, *after = phrase.split(" ")
    joined = _CONTRACTIONS.get((last, first))
    middle = [joined] if joined else [last, first]
    return " ".join(before + middle + after)


def enclitic(form: str, clitic: str) -> str:
    """Hang a clitic pronoun on a verb form: ("ver", "o") → "vê-lo", ("dão", "a") → "dão-na"."""
    if clitic in ("o", "a", "os", "as"):
        if form[-1] in "rsz":
            vowels = {"a": "á", "e": "ê", "o": "ô"}
            stem = form[:-1]
            accented = stem[:-1] + vowels.get(stem[-1], stem[-1])
            return f"{stem if form[-1] == 's' else accented}-l{clitic}"
        if form.endswith(("m", "ão", "õe")):
            return f"{form}-n{clitic}"
    if clitic == "nos" and form.endswith("mos"):
        form = form[:-1]  # levantamo-nos
    return f"{form}-{clitic}"
