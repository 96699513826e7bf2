"""What people see and do, in Chromium."""

import time

import pytest

from benchmarks.page import measure
from docs.browser import Browser
from tests.page.javascript import needs_browser

pytestmark = needs_browser

_DONE = """
document.getElementById("status")?.textContent
  || (document.getElementById("sure")?.hidden === false && "done") || ""
"""
MOTION = {"name": "prefers-reduced-motion", "value": "reduce"}  # all tokens come at once
TEXT = "o gato vê a porta azul."


@pytest.fixture(scope="module")
def browser():
    with Browser(1100, 800) as browser:
        browser.call("Emulation.setEmulatedMedia", features=[MOTION])
        yield browser


@pytest.fixture
def opened(browser, page):
    """The page, which has translated a sentence."""
    browser.open((page / "index.html").as_uri() + "#text=" + TEXT, 0)
    wait(browser)
    return browser


def wait(browser):
    for _ in range(600):
        if browser.run(_DONE, 0) == "done":
            return
        time.sleep(0.1)
    raise AssertionError(browser.run(_DONE, 0) or "it is not done")


def text_of(browser, selector):
    script = f'[...document.querySelectorAll("{selector}")].map((each) => each.textContent)'
    return browser.run(script, 0)


def test_a_sentence_is_translated_and_shown_inside(opened):
    assert text_of(opened, "#translation") == [TEXT]
    assert text_of(opened, "#source-name, #target-name") == ["Portuguese", "English"]
    assert text_of(opened, "#kinds label")[0] == "Translation to source"
    written = text_of(opened, "#queries .token bdi")
    assert "".join(written).endswith("azul.[END]")
    chosen = text_of(opened, "#queries [aria-selected=true] bdi")[0]
    assert f"writing {chosen}, it looks at {chosen} 75\u00a0%" in text_of(opened, "#said")[0]
    assert len(text_of(opened, "#heads .cell")) == 3  # two heads and their mean
    assert text_of(opened, "#sure-text")[0].startswith("Confidence ")
    found = text_of(opened, "#found label bdi")
    assert found[0] == TEXT
    assert len(found) == len(set(found)) > 1
    assert opened.run("document.querySelectorAll('#tree .dropped').length", 0) > 0
    assert opened.run("document.querySelectorAll('#tree .best').length", 0) == len(written)


def test_pointing_and_clicking_lead_to_what_else_was_probable(opened):
    script = """
    byId("queries").children[2].dispatchEvent(new PointerEvent("pointerover", { bubbles: true }));
    """
    opened.run(script, 0.2)
    chosen = "document.querySelector('#queries [aria-selected=true] bdi').textContent"
    token = opened.run(chosen, 0)
    best, *others = text_of(opened, "#next bdi")
    assert best.removeprefix("·") == token
    (on_tree,) = text_of(opened, "#tree .chosen text:not(.share)")
    assert on_tree.removeprefix("·") == token
    before = text_of(opened, "#next-name b")[0]
    assert TEXT.startswith(before)

    opened.run("byId('sure').hidden = true; byId('next').children[1].click()", 0)
    wait(opened)
    assert text_of(opened, "#translation") != [TEXT]
    assert text_of(opened, "#queries .token bdi")[2] == others[0].removeprefix("·")
    opened.run("byId('sure').hidden = true; byId('free').click()", 0)
    wait(opened)
    assert text_of(opened, "#translation") == [TEXT]


@pytest.mark.long
def test_the_keyboard_is_enough(opened):
    script = """
    byId("sure").hidden = true;
    byId("text").value = "Há cães aqui! O gato vê.";
    byId("text").dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", bubbles: true }));
    """
    opened.run(script, 0)
    wait(opened)
    assert text_of(opened, "#translation button") == ["Há cães aqui!", "O gato vê."]
    press = """
    byId("translation").querySelector("button").click();
    byId("queries").children[0].dispatchEvent(
      new KeyboardEvent("keydown", { key: "End", bubbles: true }));
    document.activeElement.textContent
    """
    assert opened.run(press, 0) == "[END]"
    assert "aqui" in "".join(text_of(opened, "#keys .token bdi"))
    arrows = """
    for (const key of ["ArrowRight", "ArrowLeft", "ArrowDown", "Enter"])
      document.activeElement.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
    """
    chosen, other = "document.querySelector('#tree .chosen')", "document.activeElement"
    opened.run(f"{chosen}.focus(); byId('sure').hidden = true", 0)
    before = text_of(opened, "#translation")
    opened.run(arrows, 0)
    wait(opened)
    assert opened.run(f"{other} === {chosen}", 0)
    assert text_of(opened, "#translation") != before
    within = "[...document.querySelectorAll('button, select, textarea, #queries [tabindex]')]"
    assert opened.run(f"{within}.every((each) => each.tabIndex >= -1)", 0)


@pytest.mark.long
def test_other_hypotheses_can_be_looked_into(opened):
    second = text_of(opened, "#found label bdi")[1]
    opened.run("byId('found').querySelectorAll('input')[1].click()", 0.2)
    assert text_of(opened, "#translation") == [second]


@pytest.mark.long
def test_blank_text_and_signs_need_no_model(opened):
    for text, shown in (("", ""), ("… !", "… !")):
        given = f"byId('text').value = '{text}'; byId('asked').requestSubmit()"
        opened.run(given, 0.5)
        assert text_of(opened, "#translation") == [shown]
        assert opened.run("byId('inside').hidden", 0)


@pytest.mark.long
@pytest.mark.parametrize("colours", ["light", "dark"])
def test_it_fits_a_phone_in_light_and_dark(opened, colours):
    size = {"width": 390, "height": 800, "deviceScaleFactor": 1, "mobile": False}
    opened.call("Emulation.setDeviceMetricsOverride", **size)
    feature = {"name": "prefers-color-scheme", "value": colours}
    opened.call("Emulation.setEmulatedMedia", features=[feature, MOTION])
    time.sleep(0.2)
    assert opened.run("document.documentElement.scrollWidth", 0) == 390
    script = """
    const style = getComputedStyle(document.body);
    const sum = (colour) => colour.match(/\\d+/g).slice(0, 3).reduce((a, b) => a + Number(b), 0);
    [sum(style.color), sum(style.backgroundColor)]
    """
    ink, paper = opened.run(f"{{{script}}}", 0)
    assert (ink < paper) == (colours == "light")


@pytest.mark.long
def test_its_speed_can_be_measured(page):
    figures = measure(page)
    assert 0 < figures["first_answer"] < 300
    assert all(figures[f"tokens_per_second_beam_{beam}"] > 0 for beam in (1, 4))
