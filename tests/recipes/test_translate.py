"""Recipe 06: what it translates, and what it says to those who call it wrongly."""

import builtins
import functools
import io
import json
import os
import re
import sys
import threading

import pytest
import tensorflow as tf

import tf_transformer as tft


class Model:
    """Says of each line how long it is, once for each hypothesis."""

    def search(self, text, beam_size, alpha):
        numbers = tf.strings.as_string(tf.range(beam_size))
        lengths = tf.strings.as_string(tf.strings.length(text, "UTF8_CHAR"))
        return {
            "translations": lengths[:, None] + "/" + numbers,
            "scores": tf.zeros([len(text), beam_size]),
            "truncated": tf.fill([len(text), beam_size], False),
        }


@pytest.fixture
def counting(recipe, monkeypatch):
    """Runs recipe 06 with a `Model`; returns what is printed and the exit code."""
    monkeypatch.setattr(tft, "load_saved_model", lambda directory, **_: Model())
    return functools.partial(recipe, "06", "--model_dir=.")


@pytest.fixture
def translate(recipe, first_run, load_once):
    """Runs recipe 06 with the model of the first run; returns lines on both outputs."""

    def run(*arguments, **options):
        finished = recipe("06", f"--model_dir={first_run.model_dir}", *arguments, **options)
        assert finished.code == 0, finished
        return finished.out.split("\n")[:-1], finished.err.splitlines()

    return run


# Right answers


def test_each_line_of_input_gives_one_of_output(translate):
    lines = [
        "o gato vê um livro.",
        "",
        "a menina compra o navio!\r",
        " \t ",
        "\xa0\u3000",
        "\u200b",
        "a\x00b \x01\x1b[31m\x7f",
        "🙂 👩\u200d👩\u200d👧 \u2028 e\u0301",
        "o gato vê um livro.",
    ]
    stdin = "\n".join(lines).encode() + b"\n\xff\xfe o \xe3 gato\n"
    out, err = translate(stdin=stdin)
    assert len(out) == len(lines) + 1
    assert [line.partition(",")[0] for line in err] == ["warning: standard input is not all UTF-8"]
    assert out[1] == out[3] == out[4] == out[5] == ""
    assert out[0] == out[8] != ""
    assert out[2] == translate("a menina compra o navio!")[0][0]


def test_a_last_line_without_its_end_counts(translate):
    out, _ = translate(stdin=b"o gato\num livro.")
    assert len(out) == 2
    assert translate("o gato", "um livro.")[0] == out


def test_an_argument_of_several_lines_gives_as_many(translate):
    out, _ = translate("o gato vê um livro.\n\num livro.", "o navio!")
    alone = [translate(line)[0][0] for line in ("o gato vê um livro.", "um livro.", "o navio!")]
    assert out == [alone[0], "", *alone[1:]]


def test_empty_lines_are_kept(translate):
    assert translate(stdin=b"\n\n\n")[0] == ["", "", ""]


def test_a_sentence_of_ten_thousand_words_is_cut_with_a_warning(translate):
    out, err = translate(stdin=b"um livro.\n" + b"gato " * 10_000 + b"\num livro.\n")
    assert len(out) == 3
    assert out[0] == out[2]
    assert err == ["warning: line 2: a sentence or its translation was too long and was cut."]


def test_n_best_gives_scored_translations_best_first(translate):
    out, _ = translate("o gato vê um livro.", "", "--n_best=3", "--beam_size=4")
    assert len(out) == 6
    scores = [float(line.split("\t")[0]) for line in out[:3]]
    assert scores == sorted(scores, reverse=True)
    assert out[0].split("\t")[1] == translate("o gato vê um livro.")[0][0]


def test_a_beam_of_one_is_greedy_search(translate, first_run):
    out, _ = translate("o gato vê um livro.", "--beam_size=1")
    model = tft.load_saved_model(first_run.model_dir)
    greedy = model.signatures["serving_default"](tf.constant(["o gato vê um livro."]))
    assert out == [greedy["translation"].numpy()[0].decode()]


def test_a_line_break_in_a_translation_does_not_add_a_line(recipe, monkeypatch):
    class Model:
        def search(self, text, beam_size, alpha):
            return {
                "translations": tf.fill([len(text), beam_size], "one\ntwo"),
                "scores": tf.zeros([len(text), beam_size]),
                "truncated": tf.fill([len(text), beam_size], False),
            }

    monkeypatch.setattr(tft, "load_saved_model", lambda directory, **_: Model())
    assert recipe("06", "--model_dir=.", stdin=b"um\ndois\n").out == "one two\none two\n"


class Controlled(Model):
    """Answers with what is asked of each line."""

    def search_controlled(self, text, *asked):
        *lines, copy, min_length, beam_size, alpha, groups, diversity = asked
        numbers = map(tf.strings.as_string, (copy, min_length, groups, diversity))
        said = tf.strings.join([text, *lines, *(tf.fill([len(text)], x) for x in numbers)], "|")
        size = [len(text), beam_size]
        return {
            "translations": tf.repeat(said[:, None], beam_size, axis=1) + ["", "/2", "", ""],
            "scores": tf.fill(size, alpha),
            "truncated": tf.fill(size, False),
            "tokens": tf.constant([["a", "b", ""]]),
            "log_probabilities": tf.constant([[-0.5, -0.25, 0.0]]),
            "alignment": tf.constant(["0-0"]),
        }


def test_what_the_flags_ask_for_reaches_the_model(recipe, monkeypatch, tmp_path):
    terms = tmp_path / "terms.tsv"
    terms.write_text("João\tJohn\nsão\tsane\n")
    monkeypatch.setattr(tft, "load_saved_model", lambda directory, **_: Controlled())
    translate = functools.partial(recipe, "06", "--model_dir=.", "--alpha=0.5", "um")
    asked = ["--prefix=The ", "--must=a b", "--must=c", "--must_not=d", f"--terms={terms}"]
    out = translate(*asked, "--copy", "--min_length=3", "--diversity=2", "--n_best=2").out
    said = "um|The |a b c|d|João\tJohn são\tsane|true|3|4|2.000000"
    assert out == f"0.500\t{said}\n0.500\t{said}/2\n"
    assert translate("--must_not=d").out == "um|||d||false|0|1|0.000000\n"
    assert json.loads(translate("--details", "--n_best=2").out) == {
        "translation": "um|||||false|0|1|0.000000",
        "score": 0.5,
        "truncated": False,
        "translations": ["um|||||false|0|1|0.000000", "um|||||false|0|1|0.000000/2"],
        "scores": [0.5, 0.5],
        "tokens": ["a", "b"],
        "log_probabilities": [-0.5, -0.25],
        "alignment": "0-0",
    }


@pytest.mark.long
def test_the_translator_in_the_box_does_what_the_flags_ask_for(recipe, tmp_path):
    terms = tmp_path / "terms.tsv"
    terms.write_text("Ana\tHannah\n")
    translate = functools.partial(recipe, "06", "--model_dir=pt_en")
    asked = ["--prefix=Who ", "--must=home", "--must_not=blue", "--n_best=3", "--diversity=1"]
    lines = translate(*asked, "Quem vendeu a casa azul?").out.splitlines()
    texts = [line.split("\t")[1] for line in lines]
    assert len(set(texts)) == 3
    for text in texts:
        assert re.match(r"Who .*\bhome\b", text)
        assert "blue" not in text
    asked = [f"--terms={terms}", "--copy", "--min_length=9", "--details"]
    row = json.loads(translate(*asked, "A Ana vendeu a casa por 3,50.").out)
    assert row["translation"].count("Hannah") == row["translation"].count("3,50") == 1
    assert len(row["tokens"]) == len(row["log_probabilities"]) > 9
    assert re.fullmatch(r"\d+-\d+( \d+-\d+)*", row["alignment"])


def test_a_model_that_cannot_be_asked_says_how_it_could(counting):
    finished = counting("um", "--must=a")
    assert finished.code == 2
    assert "exported without control; export its run again with --control" in finished.err


class Typist(io.BytesIO):
    """Standard input of someone who goes on after looking at how many answers there are."""

    def __init__(self, chunks, answers):
        super().__init__()
        self.chunks, self.answers, self.seen = list(chunks), answers, []

    def read1(self, size=-1):
        self.seen.append(len(self.answers))
        return self.chunks.pop(0) if self.chunks else b""


def test_lines_are_answered_as_they_come(counting, monkeypatch):
    def search(model, text, beam_size, alpha):
        asked.append([line.decode() for line in text.numpy()])
        return answer(model, text, beam_size, alpha)

    answer, asked = Model.search, []
    monkeypatch.setattr(Model, "search", search)
    typist = Typist([b"\xef\xbb\xbfum\r\ndois\ntr\xc3", b"\xaas\n", b"\ncinco"], asked)
    found = counting(stdin=io.TextIOWrapper(typist))
    assert (found.out, found.err) == ("2/0\n4/0\n4/0\n0/0\n5/0\n", "")
    assert asked == [["um", "dois"], ["três"], [""], ["cinco"]]
    assert typist.seen == [0, 1, 2, 3]


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_without_arguments_at_a_terminal_it_answers_what_is_typed(counting, monkeypatch):
    typed, prompts = ["um", "", "caf\udce9"], []

    def answer(prompt):
        prompts.append(prompt)
        if not typed:
            raise EOFError
        return typed.pop(0)

    monkeypatch.setattr(builtins, "input", answer)
    found = counting(stdin=Terminal())
    assert (found.code, found.out) == (0, "2/0\n0/0\n4/0\n")
    assert found.err == "Type a sentence; Ctrl-D ends.\n\n"
    assert len(prompts) == 4


class Typing(threading.Thread):
    """Types lines at a terminal, each when the last one is answered; `seen` is what it shows."""

    def __init__(self, terminal, lines):
        super().__init__(daemon=True)
        self.terminal, self.lines, self.seen = terminal, lines, b""

    def run(self):
        for count, line in enumerate(self.lines, start=1):
            while self.seen.count(b"> ") < count:
                self.seen += os.read(self.terminal, 2**16)
            os.write(self.terminal, line)


@pytest.fixture
def at_terminal(counting, monkeypatch):
    """Runs recipe 06 at a terminal where lines are typed; returns what that shows, and the end."""

    def run(lines):
        ours, theirs = os.openpty()
        others = os.dup(0), os.dup(1)
        typing = Typing(ours, lines)
        try:
            os.dup2(theirs, 0)
            os.dup2(theirs, 1)
            monkeypatch.setattr(sys, "stdout", os.fdopen(1, "w", encoding="utf-8", closefd=False))
            typing.start()
            finished = counting(stdin=os.fdopen(0, encoding="utf-8", closefd=False))
            typing.join(timeout=60)
        finally:
            for number, other in enumerate(others):
                os.dup2(other, number)
        for descriptor in (theirs, ours, *others):
            os.close(descriptor)
        shown = re.sub(rb"\x1b\[\?2004[hl]\r?", b"", typing.seen)  # pasting, on and off
        return shown.decode().split("\r\n"), finished

    return run


def test_a_prompt_answers_each_line_as_it_is_typed_until_ctrl_d(at_terminal):
    typed = ["um\n", "\n", "caféx\x7f\n", "\x04"]  # the third is mended by a backspace
    shown, finished = at_terminal([line.encode() for line in typed])
    assert shown[4].startswith("> caféx\b")
    assert [*shown[:4], *shown[5:]] == ["> um", "2/0", "> ", "0/0", "4/0", "> "]
    assert (finished.code, finished.err) == (0, "Type a sentence; Ctrl-D ends.\n\n")


def test_more_translations_than_the_beam_holds_widen_it(counting):
    assert counting("um", "--n_best=6").out == "".join(f"0.000\t2/{n}\n" for n in range(6))
    assert counting("um", "--n_best=2", "--beam_size=8").out == "0.000\t2/0\n0.000\t2/1\n"


def test_scores_are_explained_where_they_are_printed(counting):
    said = "Scores are log-probabilities, {}; the nearer to 0, the better.\n"
    assert counting("um", "--n_best=2").err == said.format("divided by a length penalty of 0.6")
    assert counting("um", "--n_best=2", "--alpha=0").err == said.format("without a length penalty")
    assert counting("um").err == ""


def test_where_texts_of_an_n_best_list_repeat_a_wider_beam_fills_it(counting, monkeypatch):
    def search(model, text, beam_size, alpha):
        widths.append((len(text), beam_size))
        numbers = tf.range(beam_size)
        count = tf.where(tf.strings.length(text) == 2, numbers[:, None] // 2, numbers[:, None])
        texts = tf.transpose(tf.strings.as_string(count))
        scores = tf.fill(texts.shape, -1.0)
        return {"translations": texts, "scores": scores, "truncated": scores > 0}

    widths = []
    monkeypatch.setattr(Model, "search", search)
    out = counting("três", "um", "--n_best=3", "--beam_size=3").out
    assert out == 2 * "".join(f"-1.000\t{n}\n" for n in range(3))
    assert widths == [(2, 3), (1, 12)]


def test_a_line_that_is_longer_than_any_sentence_in_training_is_named(counting, monkeypatch):
    def is_too_long(model, text):
        return {"is_too_long": tf.strings.length(text) > 3}

    monkeypatch.setattr(Model, "is_too_long", is_too_long, raising=False)
    found = counting("um", "cinco")
    assert found.out == "2/0\n5/0\n"
    assert found.err == "warning: line 2 is longer than nearly all sentences in training.\n"
    longest = tf.constant(5)
    monkeypatch.setattr(Model, "usual_longest", lambda model: longest, raising=False)
    assert counting("um", "cinco").err == ""  # a line has no more tokens than bytes
    assert counting("um", "quatro").err.startswith("warning: line 2 is longer")


def test_another_language_is_asked_for_by_its_name(counting, monkeypatch, refused):
    def search_to(model, text, to, beam_size, alpha):
        return model.search(to + text, beam_size, alpha)

    assert "only one direction; leave --to out" in refused("06", "--model_dir=.", "--to=pt", "um")
    languages = tf.constant(["en", "pt"])
    monkeypatch.setattr(Model, "languages", lambda model: languages, raising=False)
    monkeypatch.setattr(Model, "search_to", search_to, raising=False)
    assert counting("um", "--to=en").out == counting("um").out == "2/0\n"
    assert counting("um", "dois", "--to=pt").out == "4/0\n6/0\n"
    assert "--to=de: the model does" in refused("06", "--model_dir=.", "--to=de", "um")
    picture = ("--to=pt", "--attention_png=look.png", "um")
    assert "only translations into en can be drawn" in refused("06", "--model_dir=.", *picture)


def test_attention_is_drawn(translate, tmp_path):
    path = tmp_path / "look.png"
    out, err = translate("o gato vê um livro.", f"--attention_png={path}")
    assert path.read_bytes().startswith(b"\x89PNG")
    assert len(out) == 1
    assert err == [f"wrote {path}"]


def test_attention_is_explored_on_a_page(translate, tmp_path):
    path = tmp_path / "look.html"
    out, err = translate("o gato vê um livro.", f"--attention_html={path}")
    page = path.read_text(encoding="utf-8")
    for kind in ("cross", "encoder", "decoder"):
        assert f'"name": "{kind}"' in page
    assert (len(out), err) == (1, [f"wrote {path}"])


# Mistakes


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["gato", "--beam_size=0"], "--beam_size=0"),
        (["gato", "--beam_size=-1"], "--beam_size=-1"),
        (["gato", "--beam_size=two"], "--beam_size=two"),
        (["gato", "--n_best=0"], "--n_best=0"),
        (["um", "dois", "--attention_png=a.png"], "--attention_png draws one line, not 2"),
        (["um\ndois", "--attention_png=a.png"], "--attention_png draws one line, not 2"),
        (["um", "dois", "--attention_html=a.html"], "--attention_html draws one line, not 2"),
        (["gato", "--beam=3"], "'beam'"),
        (["gato", "--model_dir=nowhere"], "model_dir=nowhere is not a directory"),
        (["gato", "--model_dir=."], "model_dir=. holds no SavedModel"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_mistakes(arguments, says, refused, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert says in refused("06", *arguments)
    assert list(tmp_path.iterdir()) == []


def test_an_empty_standard_input(refused):
    assert "standard input is empty" in refused("06", stdin=b"")


def test_a_damaged_model(refused, tmp_path):
    (tmp_path / "1").mkdir()
    (tmp_path / "1" / "saved_model.pb").write_bytes(b"damaged")
    message = refused("06", "gato", f"--model_dir={tmp_path}")
    assert f"model_dir={tmp_path}" in message


@pytest.mark.parametrize("path", ["folder", "file/look.png"])
def test_a_picture_that_cannot_be_written(path, refused, first_run, load_once, tmp_path):
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").write_text("mine")
    arguments = [f"--model_dir={first_run.model_dir}", f"--attention_png={tmp_path / path}"]
    message = refused("06", *arguments, "o gato vê um livro.")
    assert str(tmp_path / path.partition("/")[0]) in message
    assert sorted(found.name for found in tmp_path.iterdir()) == ["file", "folder"]
