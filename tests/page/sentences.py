"""A thousand texts, many of them odd."""

import random

from tests.first_run import CHECKOUT

_ODD = [
    *("", "  ", " a  b ", "日本語 😀", "▁", "a▁b ▁▁c", "\x1b", "\x1b0 \x1b1", "\x00nul"),
    *("“aspas” «x» 'y' \"z\"", "linha\nnova", "tab\tx", "\r\nfim", "\u2028", "É", "e\u0301"),
    *(
        "\ufeffoi",
        "ﬁm",
        "👨\u200d👩\u200d👧",
        "O GATO DORME.",
        "o gato dorme",
        "ǆ ǅ Σίσυφος ΣΊΣΥΦΟΣ",
    ),
    *("O Gato Dorme Na Casa", "azul?O João", "Sr. Silva chegou. Ela saiu.", "İstanbul ß STRASSE"),
    *("3. 14 ⭐ Bom dia. • item", "Łukasz e Öztürk foram a Kyiv.", "https://x.y/?Q=1 vê. Sim"),
    *("etc. E depois", "mal.feito.assim.Ok", "\ue000 \ue010x", "١٢٣ ４５", "DR. SÁ. Bom."),
    "Ele disse: «Não!» e saiu; ela ficou, mas não.",
]
_ALPHABET = "abcdeéãç ABC.,;:!?…\"'“”«»()-–—\n\t 0123456789日本😀▁\x1bŁß\u200b\u00a0•→\ue001"
_SEPARATE = ["SR.", "Dr.", "etc.", "p.m.", "\n", "  ", "🎉", "→", "Łódź"]


def sentences():
    rng = random.Random(0)
    lines = (CHECKOUT / "recipes" / "everyday_sentences.tsv").read_text(encoding="utf-8")
    found = [line.partition("\t")[0] for line in lines.splitlines()]
    words = " ".join(found).split() + 40 * _SEPARATE
    found += ["".join(rng.choices(_ALPHABET, k=rng.randrange(1, 40))) for _ in range(500)]
    found += [" ".join(rng.choices(words, k=rng.randrange(1, 14))) for _ in range(500)]
    return _ODD + found
