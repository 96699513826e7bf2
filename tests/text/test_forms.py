"""Forms of text, and tokenizers of text that is written in one."""

import json

import pytest
import tensorflow as tf

from tf_transformer.errors import UserError
from tf_transformer.text import SentencePiece, Tokenizer, WordPiece, find_form, train_tokenizers

TEXTS = ["O Velho Pescador não abre a porta.", 'Disse: "Não, obrigado!"', "", "  ", "🙂 É assim…"]


@pytest.fixture(scope="module", params=[SentencePiece, WordPiece])
def kind(request):
    return request.param


@pytest.fixture(scope="module")
def tokenizer(kind, corpus):
    """A tokenizer of TED's form, trained on ordinary text."""
    return kind.train(corpus, vocab_size=400, form="ted_hrlr")


def prepare(texts):
    return find_form("ted_hrlr").prepare(tf.constant(texts))


def vocabulary(tokenizer):
    return tokenizer.tokens(tf.range(tokenizer.vocab_size)).numpy().tolist()


def test_forms_are_found_by_name():
    for name in ("plain", "treebank", "ted_hrlr"):
        assert find_form(name).name == name
    with pytest.raises(UserError, match=r"'moses'; choose one of plain, treebank, ted_hrlr"):
        find_form("moses")


def test_plain_text_is_not_touched():
    text = tf.constant([b"Don't  \xff!", b""])
    assert find_form("plain").prepare(text) is text
    assert find_form("plain").present(text) is text


def test_ordinary_text_has_the_ids_of_its_words(tokenizer, kind, corpus):
    plain = kind.train([text.decode() for text in prepare(corpus).numpy()], vocab_size=400)
    assert vocabulary(tokenizer) == vocabulary(plain)
    ids = plain.tokenize(prepare(TEXTS)).to_list()
    assert tokenizer.tokenize(TEXTS).to_list() == ids
    assert tokenizer.tokenize(prepare(TEXTS)).to_list() == ids


def test_ids_become_text_for_people(tokenizer):
    texts = ["The old fisherman doesn't like it.", '"Three loaves?" I said.']
    ids = tokenizer.tokenize(texts)
    assert [text.decode() for text in tokenizer.detokenize(ids).numpy()] == texts


def test_both_tokenizers_of_a_pair_have_the_form(portuguese, english):
    for joint in (True, False):
        pair = train_tokenizers(portuguese, english, vocab_size=400, joint=joint, form="treebank")
        assert [tokenizer.form.name for tokenizer in pair] == ["treebank", "treebank"]


def test_the_form_is_saved_and_loaded(tokenizer, tmp_path):
    tokenizer.save(tmp_path / "tokenizer")
    loaded = Tokenizer.load(tmp_path / "tokenizer")
    assert loaded.form.name == "ted_hrlr"
    assert loaded.tokenize(TEXTS).to_list() == tokenizer.tokenize(TEXTS).to_list()


def test_a_tokenizer_that_names_no_form_is_one_of_plain_text(sentencepiece, tmp_path):
    sentencepiece.save(tmp_path / "old")
    manifest = json.loads((tmp_path / "old" / "tokenizer.json").read_text())
    assert manifest.pop("text_form") == "plain"
    (tmp_path / "old" / "tokenizer.json").write_text(json.dumps(manifest))
    assert Tokenizer.load(tmp_path / "old").form.name == "plain"


def test_an_unknown_form_is_refused(english, sentencepiece, tmp_path):
    with pytest.raises(UserError, match="'moses'"):
        train_tokenizers(english, english, form="moses")
    sentencepiece.save(tmp_path / "later")
    path = tmp_path / "later" / "tokenizer.json"
    path.write_text(path.read_text().replace('"plain"', '"moses"'))
    with pytest.raises(UserError, match="'moses'"):
        Tokenizer.load(tmp_path / "later")


class Endpoints(tf.Module):
    def __init__(self, tokenizer):
        super().__init__()
        self.tokenizer = tokenizer

    @tf.function(input_signature=[tf.TensorSpec([None], tf.string)], autograph=False)
    def there_and_back(self, text):
        return self.tokenizer.detokenize(self.tokenizer.tokenize(text))


def test_a_saved_model_holds_the_form(tokenizer, tmp_path):
    expected = tokenizer.detokenize(tokenizer.tokenize(TEXTS)).numpy().tolist()
    tf.saved_model.save(Endpoints(tokenizer), tmp_path)
    loaded = tf.saved_model.load(tmp_path)
    assert loaded.there_and_back(tf.constant(TEXTS)).numpy().tolist() == expected
    assert loaded.there_and_back(tf.zeros([0], tf.string)).shape == [0]
