"""What the page's JavaScript does to text is what Python does, token for token."""

import pytest
import sentencepiece

from tests.first_run import CHECKOUT
from tests.page.javascript import in_node, run_javascript
from tests.page.sentences import sentences
from tf_transformer.page.javascript_patterns import javascript_pattern, text_rules
from tf_transformer.page.page_settings import unigram_model
from tf_transformer.text import rules

MODEL = CHECKOUT / "tf_transformer" / "pretrained" / "pt_en" / "tokenizer" / "tokenizer.model"
KNOWN = "".join(map(chr, [*range(0x20, 0x7F), *range(0xA0, 0x100), 0x2014, 0x201C, 0x201D]))

_CODE = """
const tokenizer = new SentencePiece(given.table);
const rules = new Rules(given.rules.patterns, given.rules);
const cost = (text) => tokenizer.tokenize(text).length;
return given.sentences.map((text) => {
  const clean = rules.clean(text), [hidden, words] = rules.hide(clean);
  const [usual, restyle] = rules.usualSpelling(clean, cost);
  const parts = rules.splitLong(clean, (part) => [...part].length > 12).map((part) => {
    const [whole, asPart] = rules.asSentence(part);
    return [whole, asPart("x.")];
  });
  return {
    ids: tokenizer.tokenize(text), text: tokenizer.detokenize(tokenizer.tokenize(text)), clean,
    lines: rules.splitLine(text), hidden, words,
    restored: rules.restore(hidden + " \\ue002", words), usual,
    styled: restyle("the Cat is é big"), copied: rules.isCopied(clean), parts,
  };
});
"""


def of_python(text, processor, unseen):
    clean = rules.clean(text)
    hidden, words = rules.hide(clean, unseen)
    usual, restyle = rules.usual_spelling(clean, lambda text: len(processor.encode(text)))
    parts = map(rules.as_sentence, rules.split_long(clean, lambda part: len(part) > 12))
    return {
        "ids": processor.encode(text),
        "text": text,
        "clean": clean,
        "lines": rules.split_line(text),
        "hidden": hidden,
        "words": words,
        "restored": rules.restore(f"{hidden} \ue002", words),
        "usual": usual,
        "styled": restyle("the Cat is é big"),
        "copied": rules.is_copied(clean),
        "parts": [[whole, as_part("x.")] for whole, as_part in parts],
    }


@in_node
def test_a_thousand_texts_are_read_as_python_reads_them():
    texts, model = sentences(), MODEL.read_bytes()
    assert len(texts) > 1_000
    processor = sentencepiece.SentencePieceProcessor(model_proto=model)
    unseen = rules.unseen_pattern(KNOWN)
    given = {"table": unigram_model(model), "rules": text_rules(KNOWN), "sentences": texts}
    found = run_javascript(["tokenizer", "rules"], _CODE, given)
    for text, ours in zip(texts, found, strict=True):
        assert ours == of_python(text, processor, unseen), repr(text)
    assert any(each["words"] for each in found)
    assert any(len(each["lines"]) > 2 for each in found)
    assert any(each["usual"] != each["clean"] for each in found)
    assert any(len(each["parts"]) > 1 for each in found)


@in_node
def test_ids_become_text_up_to_end_with_broken_bytes_replaced():
    table = unigram_model(MODEL.read_bytes())
    house, byte = table["labels"].index("▁casa"), table["labels"].index("<0xE6>")
    code = "const tokenizer = new SentencePiece(given.table);"
    code += "return given.ids.map((ids) => tokenizer.detokenize(ids));"
    ids = [[2, house, 3, house], [house, byte], [house, 1, 0], []]
    found = run_javascript(["tokenizer"], code, {"table": table, "ids": ids})
    assert found == ["casa", "casa\ufffd", "casa \ufffd", ""]


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        (r"\pL\p{Nd}", (r"\p{L}\p{Nd}", "")),
        (r"(?s)^(.*)$", (r"^(.*)$", "s")),
        (r"(?m)^a[^$]$", (r"(?<![^\n])a[^$](?![^\n])", "")),
        (r"(?:(?i:ab|m[aá]x)c)d", (r"(?:(?:[aA][bB]|[mM][aAáÁ][xX])c)d", "")),
        (r"['\"\-\]]\"\.", (r"""['"\-\]]"\.""", "")),
    ],
)
def test_patterns_in_javascripts_dialect(pattern, expected):
    assert javascript_pattern(pattern) == expected
