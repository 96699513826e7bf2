"""Corpora that are prepared: every pair is there once, and nothing that is held out."""

import collections
import gzip
import shutil
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
import tensorflow as tf

import tf_transformer as tft
from tf_transformer.data import text_files
from tf_transformer.data.prepared_corpus import INDEX, TABLE
from tf_transformer.text.rules import duplicate_key

FIELDS = {"preset": "tiny", "vocab_size": 300, "max_length": 40, "unseen_share": 0.0}


def sentences(count, seed=0):
    """Return pairs of digits, each as often as chance will have it."""
    rng = np.random.default_rng(seed)
    rows = [rng.integers(0, 9, rng.geometric(0.15)) for _ in range(count)]
    return [(" ".join(map(str, row)), " ".join("abcdefghi"[x] for x in row)) for row in rows]


def write(path, pairs):
    path.write_text("".join(f"{source}\t{target}\n" for source, target in pairs))
    return str(path)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder with a text and what is prepared from it, by this process."""
    folder = tmp_path_factory.mktemp("prepared")
    write(folder / "mine.tsv", sentences(3000))
    tft.prepare(str(folder / "mine.tsv"), folder / "one", processes=1, **FIELDS)
    return folder


@pytest.fixture(scope="module")
def corpus(folder):
    return tft.load_corpus(str(folder / "one"))


def ids_of(corpus):
    """Count the pairs of token ids in a prepared corpus."""
    sources, targets = corpus.blocks.read(np.arange(len(corpus.blocks.table)))
    return collections.Counter(
        (tuple(sources[row].tolist()), tuple(targets[row].tolist())) for row in range(len(sources))
    )


def test_the_files_hold_the_ids_of_each_pair_to_train_on(folder, corpus):
    held = {pair for split in ("validation", "test") for pair in corpus.pairs(split)}
    text = tft.load_corpus(str(folder / "mine.tsv")).pairs("all")
    train = [pair for pair in text if pair not in held and pair[0] not in {s for s, _ in held}]
    pairs = tft.data.Pairs(*([pair[side] for pair in train] for side in (0, 1)))
    expected = tft.data.tokenize_pairs(pairs, *corpus.tokenizers(), max_length=40)
    start, end = tft.START, tft.END
    counts = collections.Counter(
        (
            tuple(expected.sources[row].tolist()),
            (start, *expected.targets[row].tolist(), end),
        )
        for row in range(len(expected))
    )
    assert ids_of(corpus) == counts
    assert f"{len(expected):,} of 3,000 pairs kept" in corpus.index.report


def test_two_processes_write_the_same_pairs(folder, corpus):
    two = tft.prepare(str(folder / "mine.tsv"), folder / "two", processes=2, **FIELDS)
    assert ids_of(two) == ids_of(corpus)
    assert two.splits == corpus.splits
    assert two.pairs("test") == corpus.pairs("test")


def test_what_is_held_out_is_what_a_small_corpus_holds_out(tmp_path):
    distinct = [*dict(sentences(3000)).items()]
    path = write(tmp_path / "distinct.tsv", distinct)
    found = tft.prepare(path, tmp_path / "prepared", processes=1, **FIELDS)
    small = tft.load_corpus(path)
    for split in ("validation", "test"):
        assert set(found.pairs(split)) == set(small.pairs(split))
        assert len(found.pairs(split)) == len(distinct) // 50


def test_no_sentence_is_in_two_splits(corpus):
    keys = [set(map(duplicate_key, corpus.pairs(split).sources)) for split in corpus.splits]
    assert len(set().union(*keys)) == sum(map(len, keys))


def test_gzipped_aligned_files_hold_the_same_pairs(folder, corpus, tmp_path):
    pairs = sentences(3000)
    for side, name in enumerate(("a.pt.gz", "a.en.gz")):
        with gzip.open(tmp_path / name, "wt") as file:
            file.writelines(f"{pair[side]}\n" for pair in pairs)
    files = f"{tmp_path}/a.pt.gz,{tmp_path}/a.en.gz"
    found = tft.prepare(files, tmp_path / "prepared", processes=1, **FIELDS)
    assert ids_of(found) == ids_of(corpus)
    assert (found.source_language, found.target_language) == ("pt", "en")


def test_a_folder_of_files_holds_the_same_pairs(corpus, tmp_path):
    pairs = sentences(3000)
    (tmp_path / "parts").mkdir()
    write(tmp_path / "parts" / "0.tsv", pairs[:1000])
    with gzip.open(tmp_path / "parts" / "1.tsv.gz", "wt") as file:
        file.writelines("\t".join(pair) + "\n" for pair in [("source", "target"), *pairs[1000:]])
    found = tft.prepare(str(tmp_path / "parts"), tmp_path / "out", processes=1, **FIELDS)
    assert ids_of(found) == ids_of(corpus)
    assert [part.name for part in found.parts] == [str(tmp_path / "parts")]


def test_header_and_quotation_marks_are_left_out(tmp_path):
    quoted = [("source", "target"), *((f'"{a}"', f'"{b}"') for a, b in sentences(1500)[1:])]
    quoted[0] = ('"source"', '"target"')
    path = write(tmp_path / "quoted.tsv", quoted)
    found = tft.prepare(path, tmp_path / "prepared", processes=1, **FIELDS)
    assert '"' not in "".join(found.pairs("train").sources)
    assert "source" not in found.pairs("train").sources


@pytest.mark.parametrize("both", [False, True])
def test_a_mixture_has_the_tags_and_weights_that_it_has_in_memory(both, tmp_path):
    first = write(tmp_path / "first.tsv", sentences(1200, seed=1))
    second = write(tmp_path / "second.tsv", sentences(800, seed=2))
    dataset = f"{first} + {second}*2.5"
    fields = {**FIELDS, "directions": "both" if both else "one"}
    found = tft.prepare(dataset, tmp_path / "prepared", processes=1, **fields)
    expected = tft.load_corpus(dataset, directions=fields["directions"])
    assert [part.tag for part in found.parts] == [part.tag for part in expected.parts]
    assert found.weights.tolist() == [1, 2.5] * (1 + both)
    table = found.blocks.table
    assert set(table["part"]) == set(range(2 * (1 + both)))
    sources, _ = found.blocks.read(np.flatnonzero(table["part"] == table["part"].max()))
    tags = {tft.text.tags.tag_id(found.tokenizers()[0], part.tag) for part in found.parts}
    assert (sources[0][0] in tags) == both
    batches = tft.data.StreamedBatches(found.blocks, 400, weights=found.weights)
    shown = sum(
        int((ids.numpy() == tft.END).sum())
        for (ids, _), _ in batches.dataset().take(batches.steps_per_epoch)
    )
    pairs = [int(table["pairs"][table["part"] == part].sum()) for part in range(len(found.parts))]
    assert shown == pytest.approx(found.weights @ pairs, rel=0.1)


def test_a_pair_that_another_corpus_holds_out_is_not_trained_on(tmp_path, capsys):
    pairs = sentences(1500, seed=3)
    files = [write(tmp_path / f"{name}.tsv", pairs) for name in ("first", "second")]
    files[1] = write(tmp_path / "second.tsv", pairs[::-1] + sentences(100, seed=4))
    found = tft.prepare(" + ".join(files), tmp_path / "prepared", processes=1, **FIELDS)
    held = {key for split in ("validation", "test") for key in found.pairs(split).sources}
    sources, _ = found.blocks.read(np.arange(len(found.blocks.table)))
    rows = tf.RaggedTensor.from_row_splits(sources.values, sources.row_splits)
    texts = found.tokenizers()[0].detokenize(rows).numpy()
    assert not held & {text.decode() for text in texts}
    assert "other corpora hold them out" in capsys.readouterr().err
    tft.load_corpus(str(tmp_path / "prepared"))
    assert capsys.readouterr().err == ""  # preparing it has said so


def test_the_sample_is_of_the_size_that_was_asked_and_from_the_whole_text(folder, tmp_path):
    found = tft.prepare(
        str(folder / "mine.tsv"), tmp_path / "out", processes=1, sample_pairs=700, **FIELDS
    )
    rows = {pair: number for number, pair in enumerate(sentences(3000))}
    places = [rows[pair] for pair in found.pairs("train")]
    assert 650 < len(places) <= 700
    assert np.histogram(places, bins=5, range=(0, 3000))[0].min() > 60
    assert found.blocks.table["pairs"].sum() > 2500


def test_corpora_share_the_sample(tmp_path):
    files = [write(tmp_path / f"{seed}.tsv", sentences(1000, seed=seed)) for seed in (1, 2)]
    options = {"processes": 1, "sample_pairs": 600, **FIELDS}
    found = tft.prepare(" + ".join(files), tmp_path / "out", **options)
    assert [250 < len(part.shown.pairs("train")) <= 300 for part in found.parts] == [True, True]


def test_words_to_copy_come_a_second_time(tmp_path):
    pairs = [(f"o Rui{i} come", f"Rui{i} eats") for i in range(1500)]
    path = write(tmp_path / "names.tsv", pairs)
    fields = {**FIELDS, "vocab_size": 500, "unseen_share": 0.1}
    found = tft.prepare(path, tmp_path / "prepared", processes=1, **fields)
    assert "144 come a second time, with placeholders" in found.index.report
    assert found.blocks.table["pairs"].sum() == 1440 + 144


def test_interrupted_it_leaves_nothing_and_no_process(tmp_path):
    write(tmp_path / "mine.tsv", sentences(30_000))
    code = (
        "import tf_transformer as tft; "
        "tft.prepare('mine.tsv', 'out', preset='tiny', vocab_size=300, processes=2)"
    )
    process = subprocess.Popen(
        [sys.executable, "-u", "-c", code],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        text=True,
        stderr=subprocess.PIPE,
    )
    for line in process.stdout:
        if line.startswith("Learning"):
            break
    time.sleep(1)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=60)
    assert process.returncode != 0
    assert [path.name for path in tmp_path.iterdir()] == ["mine.tsv"]


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"epochs": 3}, "epochs is no field of a preparation"),
        ({"text_form": "verse"}, "verse"),
        ({"preset": "tinny"}, "did you mean tiny"),
        ({"vocab_size": 100_000, "max_length": 1}, "max_length"),
    ],
)
def test_bad_fields_are_refused_before_anything_is_read(fields, message, tmp_path):
    with pytest.raises(tft.UserError, match=message):
        tft.prepare("nowhere.tsv", tmp_path / "out", **fields)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "the file is empty"),
        ("a\tb\nc\n", "line 2: 1 column where two are needed"),
        ("source\ttarget\n", "nothing below the header"),
        ("a\tb\n", "too few different sources"),
    ],
)
def test_bad_files_are_refused_and_leave_nothing(text, message, tmp_path):
    (tmp_path / "bad.tsv").write_text(text)
    with pytest.raises(tft.UserError, match=message):
        tft.prepare(str(tmp_path / "bad.tsv"), tmp_path / "out", processes=1, **FIELDS)
    assert [path.name for path in tmp_path.iterdir()] == ["bad.tsv"]


def test_files_of_different_lengths_are_refused(tmp_path):
    (tmp_path / "a.pt").write_text("1\n2\n3\n" * 2000)
    (tmp_path / "a.en").write_text("1\n2\n3\n" * 1900)
    with pytest.raises(tft.UserError, match=r"has 6,000 lines but .*a\.en has 5,700"):
        tft.prepare(f"{tmp_path}/a.pt,{tmp_path}/a.en", tmp_path / "out", **FIELDS)


def test_an_existing_directory_stays_as_it_is(folder):
    before = (folder / "one" / INDEX).read_bytes()
    with pytest.raises(tft.UserError, match="exists already"):
        tft.prepare(str(folder / "mine.tsv"), folder / "one", **FIELDS)
    assert (folder / "one" / INDEX).read_bytes() == before


@pytest.mark.parametrize(
    ("dataset", "options", "message"),
    [
        ("{one} + phrasebook", {}, "cannot be mixed"),
        ("{one}*2", {}, "cannot be mixed"),
        ("{one}", {"text_form": "treebank"}, "prepared with text_form=plain"),
        ("{one}", {"directions": "both"}, "prepared with directions=one"),
    ],
)
def test_what_was_settled_cannot_be_changed(dataset, options, message, folder):
    with pytest.raises(tft.UserError, match=message):
        tft.load_corpus(dataset.format(one=folder / "one"), **options)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"vocab_size": 500}, "prepared with vocab_size=300"),
        ({"subword_sampling": 0.2}, "subword_sampling needs the text"),
        ({"init_from": "pt_en"}, "has a vocabulary of its own"),
    ],
)
def test_training_says_what_was_settled(fields, message, folder, tmp_path):
    with pytest.raises(tft.UserError, match=message):
        tft.train(str(folder / "one"), run_dir=tmp_path / "run", **fields)


@pytest.mark.parametrize("name", [INDEX, TABLE, "ids-0-0000.ids"])
@pytest.mark.parametrize("way", ["missing", "cut", "torn"])
def test_damage_is_named(name, way, folder, tmp_path):
    copy = tmp_path / "copy"
    shutil.copytree(folder / "one", copy)
    path = copy / name
    data = path.read_bytes()
    if way == "missing":
        path.unlink()
    elif way == "cut":
        path.write_bytes(data[: len(data) // 2])
    else:
        middle = len(data) // 2
        path.write_bytes(data[:middle] + bytes([data[middle] ^ 255]) + data[middle + 1 :])
    is_gone = name == INDEX and way == "missing"
    with pytest.raises(tft.UserError, match="is a directory" if is_gone else name):
        read_all(copy)


def read_all(folder):
    """Read a prepared corpus, as training does."""
    batches = tft.data.StreamedBatches(tft.load_corpus(str(folder)).blocks, 400)
    with batches.own_errors():
        for _ in batches.one_pass():
            pass


def test_a_stream_and_a_list_of_lines_are_read_alike(folder):
    path = str(folder / "mine.tsv")
    assert [*text_files.stream_lines(path)] == text_files.read_lines(path)


def test_files_that_do_not_fit_in_memory_are_sent_here(folder, monkeypatch):
    monkeypatch.setattr(sys.modules["tf_transformer.data.load_corpus"], "MOST_BYTES", 1_000)
    with pytest.raises(tft.UserError, match=r"tft prepare --dataset=.*mine\.tsv"):
        tft.load_corpus(str(folder / "mine.tsv"))
