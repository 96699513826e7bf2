"""The page about attention: what is in the file, and what a browser makes of it."""

import json
import re
import shutil
import subprocess
from html.parser import HTMLParser

import numpy as np
import pytest

from tf_transformer.errors import UserError
from tf_transformer.plots import save_attention_page

SOURCE = ["▁o", "▁gato", "▁beb", "e", "▁</script>", "[END]"]
TARGET = ["▁the", "▁cat", "▁drink", "s", "[END]"]
RNG = np.random.default_rng(0)

BROWSER = shutil.which("chromium") or shutil.which("google-chrome")
in_a_browser = pytest.mark.skipif(BROWSER is None, reason="there is no Chromium")


def weights(rows, columns, layers=2, heads=3, causal=False):
    """Random attention, whose rows each look most at one key."""
    scores = 3 * RNG.standard_normal((layers, heads, rows, columns))
    scores = np.where(np.tri(rows, columns, dtype=bool), scores, -np.inf) if causal else scores
    powers = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return powers / powers.sum(axis=-1, keepdims=True)


ATTENTION = {
    "cross": weights(5, 6),
    "encoder": weights(6, 6),
    "decoder": weights(5, 5, causal=True),
}
LABELS = {  # what is read of the queries and keys of each kind
    "cross": (["the", "cat", "drink", "s", "[END]"], ["o", "gato", "beb", "e", "</script>"]),
    "encoder": (["o", "gato", "beb", "e", "</script>"], ["o", "gato", "beb", "e", "</script>"]),
    "decoder": (["the", "cat", "drink", "s", "[END]"], ["[START]", "the", "cat", "drink", "s"]),
}


@pytest.fixture
def page(tmp_path):
    path = tmp_path / "new" / "look.html"
    save_attention_page(path, ATTENTION, SOURCE, TARGET)
    return path


def test_the_page_is_one_file_that_loads_nothing(page):
    assert list(page.parent.iterdir()) == [page]
    text = page.read_text(encoding="utf-8")
    assert not re.search(r"https?://(?!www\.w3\.org/2000/svg)", text)
    assert "default-src 'none'" in text
    assert "{{" not in text
    assert text.count("</script>") == 2  # those of the page, none of a token
    assert "<title>Attention: ▁o ▁gato ▁beb e ▁&lt;/script&gt; [END]</title>" in text


def test_the_confidence_is_explained_where_it_is_known(page, tmp_path):
    save_attention_page(tmp_path / "known.html", {"cross": np.ones((1, 1, 1, 1))}, "a", "b", 0.43)
    chance = "the chance that it has at least the model's usual quality, is 43%."
    assert chance in (tmp_path / "known.html").read_text(encoding="utf-8")
    assert "the chance" not in page.read_text(encoding="utf-8")


def test_tokens_are_shown_as_words(page):
    found = re.search(r'id="data">(.*)</script>', page.read_text(encoding="utf-8"))
    maps = {kind["name"]: kind for kind in json.loads(found[1])}
    assert maps["cross"]["keys"][2:] == [
        ["beb", True, False],
        ["e", False, False],
        ["</script>", True, False],
        ["[END]", True, True],
    ]
    assert [text for text, _, _ in maps["decoder"]["keys"]] == LABELS["decoder"][1]


def test_wordpiece_tokens_are_shown_as_words(tmp_path):
    save_attention_page(tmp_path / "a.html", {"cross": weights(1, 3)}, ["a", "##b", "[END]"], ["c"])
    text = (tmp_path / "a.html").read_text(encoding="utf-8")
    assert '"keys": [["a", true, false], ["b", false, false], ["[END]", true, true]]' in text


@pytest.mark.parametrize("shape", [(2, 3, 6, 5), (3, 5, 6), (0, 3, 5, 6)])
def test_weights_that_do_not_fit_are_refused(shape, tmp_path):
    with pytest.raises(UserError, match=r"cross .* cannot be shown as \(layers, heads, 5, 6\)"):
        save_attention_page(tmp_path / "a.html", {"cross": np.zeros(shape)}, SOURCE, TARGET)
    assert list(tmp_path.iterdir()) == []


class _Tree(HTMLParser):
    """Collects the elements of a page: `(tag, attributes, text)`, those within others too."""

    def __init__(self, text):
        super().__init__()
        self.found, self._open = [], []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        element = [tag, dict(attributes), ""]
        self.found.append(element)
        if tag not in ("input", "meta", "link"):
            self._open.append(element)

    def handle_endtag(self, tag):
        self._open.pop()

    def handle_data(self, data):
        for element in self._open:
            element[2] += data

    def where(self, **attributes):
        return [
            element
            for element in self.found
            if attributes.items() <= element[1].items()  # those that are asked for, among others
        ]


def browse(page, place="", script=""):
    """Open the page in a browser, let a script act, and return what is there then."""
    text = page.read_text(encoding="utf-8")
    acted = page.with_name("acted.html")
    acted.write_text(text.replace("</body>", f"<script>{script}</script></body>"), "utf-8")
    command = [BROWSER, "--headless", "--no-sandbox", "--disable-gpu", "--dump-dom"]
    command += [f"--user-data-dir={page.parent / 'browser'}", f"{acted.as_uri()}{place}"]
    finished = subprocess.run(command, capture_output=True, encoding="utf-8", timeout=300)
    return _Tree(finished.stdout)


def shares(tree):
    """Return what the page says of each key: `{text: percent}`."""
    labels = [element[1]["aria-label"] for element in tree.where(role="listitem")]
    return [re.fullmatch(r"(.*), (\d+)\u00a0%", label).groups() for label in labels]


@in_a_browser
@pytest.mark.parametrize(
    ("kind", "layer", "head", "row"), [("cross", 2, 1, 3), ("decoder", 1, 4, 5)]
)
def test_a_browser_shows_the_weights_of_a_place(kind, layer, head, row, page):
    tree = browse(page, f"#{kind}/{layer}/{head}/{row}")
    queries, keys = LABELS[kind]
    of_layer = ATTENTION[kind][layer - 1]
    expected = (of_layer.mean(axis=0) if head == 4 else of_layer[head - 1])[row - 1]

    found = shares(tree)
    assert [text for text, _ in found][:5] == keys
    pale = [element[2] for element in tree.where(role="listitem") if "later" in element[1]["class"]]
    assert pale == []  # the last row sees all keys, and a row of another kind does, too
    np.testing.assert_allclose([int(share) for _, share in found], 100 * expected, atol=0.8)
    (chosen,) = tree.where(role="option", **{"aria-selected": "true"})
    assert chosen[2] == queries[row - 1]
    (said,) = tree.where(id="said")
    best = [found[i][0] for i in np.argsort(-expected)]
    assert said[2].startswith(f"Layer {layer}, ")
    assert f" {chosen[2]}, it looks at {best[0]} " in said[2]

    heads = [element[1] for element in tree.where(type="radio", name="head")]
    assert len(heads) == 2 * (3 + 1)  # and the mean of each layer
    at = ATTENTION[kind][1, 2, row - 1].argmax()
    assert f"layer 2, head 3: most at {found[at][0]}, " in heads[6]["aria-label"]


@in_a_browser
def test_a_browser_follows_pointer_and_keys(page):
    script = """
      const option = (i) => byId("queries").children[i];
      const bubbles = true;
      const press = (at, key) => at.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles }));
      const point = (i) => option(i).dispatchEvent(new PointerEvent("pointerover", { bubbles }));
      const seen = [];
      const look = () => seen.push(place());
      point(3); look();
      press(option(3), "ArrowLeft"); look();
      press(option(2), "End"); look();
      option(1).click(); point(4); look();
      press(document.body, "Escape"); point(0); look();
      press(byId("heads").querySelector(":checked"), "ArrowUp"); look();
      press(byId("heads").querySelector(":checked"), "ArrowRight"); look();
      byId("kinds").querySelectorAll("input")[1].click(); look();
      document.title = seen.join(" ");
    """
    (title,) = (text for tag, _, text in browse(page, "", script).found if tag == "title")
    assert title.split() == [
        "cross/2/4/4",  # pointed at
        "cross/2/4/3",  # one back
        "cross/2/4/5",  # the last one
        "cross/2/4/2",  # clicked at, and so held
        "cross/2/4/1",  # let go
        "cross/1/4/1",
        "cross/1/1/1",  # round the end
        "encoder/1/1/1",
    ]


@in_a_browser
def test_a_browser_shows_it_light_or_dark_at_the_readers_will(page):
    script = """
      const seen = [];
      const look = () => {
        const style = getComputedStyle(document.body);
        const sum = (color) => color.match(/[\\d.]+/g).slice(0, 3).reduce((a, b) => a + +b, 0);
        seen.push(sum(style.backgroundColor) > sum(style.color) ? "light" : "dark");
      };
      look();
      byId("theme").click(); look();
      byId("theme").click(); look();
      document.title = seen.join(" ");
    """
    (title,) = (text for tag, _, text in browse(page, "", script).found if tag == "title")
    assert title == "light dark light"
