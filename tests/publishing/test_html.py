"""The page to send: nothing to load, nothing to run, text from data as text, the same bytes each time."""

import re
from html.parser import HTMLParser

import nbformat
import pandas as pd
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from estimation.errors import RunError
from estimation.pages.displays import show_headline, show_table, show_text
from estimation.pages.figures import show_chart
from estimation.publishing.html import render_report, shown_fact
from estimation.publishing.safe_html import safe_html, safe_svg

ATTACK = "<script>alert(1)</script>"
VOID = {"br", "hr", "img", "meta", "use", "path", "rect", "circle", "line"}


def displayed(part):
    if hasattr(part, "_repr_mimebundle_"):
        data, metadata = part._repr_mimebundle_()
    else:
        data, metadata = {"text/html": part._repr_html_(), "text/plain": repr(part)}, {}
    return new_output("display_data", data=data, metadata=metadata)


def executed(*outputs, words="# Kickoff\n\nWhich date can we promise?\n\nThe rest."):
    return new_notebook(
        cells=[new_markdown_cell(words), new_code_cell("secret_code = 1", outputs=list(outputs))]
    )


def bars(table, *, ax):
    ax.barh(table["phase"], table["days"])
    ax.set_title(ATTACK)
    ax.fill_between([0, 1], [0, 1], hatch="//")  # a hatch is drawn by reference


class Elements(HTMLParser):
    """Collects what a browser would see; notes what was opened and not closed."""

    def __init__(self, page):
        super().__init__()
        self.seen, self.open = [], []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.seen.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.seen.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        if tag in self.open:
            assert self.open.pop() == tag

    def named(self, tag):
        return [attrs for name, attrs in self.seen if name == tag]


@pytest.fixture
def hostile_page():
    slips = pd.DataFrame({"phase": [ATTACK, "deployment"], "days": [1.0, 5.0]})
    notebook = executed(
        displayed(show_chart(bars, slips, alt=f'Late: "{ATTACK}"')),
        displayed(show_table(slips, caption=ATTACK)),
        displayed(show_headline({ATTACK: ATTACK})),
        displayed(show_text(ATTACK)),
        new_output("stream", name="stdout", text=ATTACK),
        new_output("execute_result", data={"text/plain": ATTACK}, execution_count=1),
        new_output(
            "display_data", data={"text/html": f"<p onclick='x()'>bare{ATTACK}<style>p{{}}</style></p>"}
        ),
        words=f"# Title {ATTACK}\n\nQuestion {ATTACK}?\n\nRest {ATTACK} <img src='https://example.org/x.png'>",
    )
    facts = {
        "report": {
            "title": ATTACK,
            "as_of": ATTACK,
            "n_projects": ATTACK,
            "data_hash": ATTACK,
            "note": ATTACK,
        }
    }
    return render_report(notebook, facts)


def test_text_from_data_never_becomes_an_element(hostile_page):
    page = Elements(hostile_page)

    assert page.open == []
    assert not page.named("script")
    assert hostile_page.count("&lt;script&gt;alert(1)&lt;/script&gt;") >= 12
    assert all(not name.startswith("on") for _, attrs in page.seen for name in attrs)


def test_nothing_is_loaded_from_anywhere(hostile_page):
    assert not re.search(r"https?:", hostile_page)
    assert not re.search(r"url\((?!#)", hostile_page)
    assert "@import" not in hostile_page
    page = Elements(hostile_page)
    assert not [tag for tag, _ in page.seen if tag in ("link", "iframe", "object", "embed", "base", "form")]
    assert all(attrs["href"].startswith("#") for attrs in page.named("use"))


def test_the_security_policy_allows_no_script(hostile_page):
    policies = [
        attrs["content"]
        for attrs in Elements(hostile_page).named("meta")
        if attrs.get("http-equiv") == "Content-Security-Policy"
    ]
    assert len(policies) == 1
    assert policies[0].startswith("default-src 'none'; style-src 'unsafe-inline'; img-src data:")
    assert "script-src" not in policies[0]


def test_no_code_and_no_warnings_are_shown():
    page = render_report(executed(new_output("stream", name="stderr", text="FutureWarning: x")))

    assert "secret_code" not in page
    assert "FutureWarning" not in page


def test_a_figure_has_words_and_two_drawings_whose_names_do_not_clash():
    slips = pd.DataFrame({"phase": ["discovery", "deployment"], "days": [1.0, 5.0]})
    chart = displayed(show_chart(bars, slips, alt='Deployment is "late".'))
    page = Elements(render_report(executed(chart, chart)))

    assert [attrs["aria-label"] for attrs in page.named("figure")] == ['Deployment is "late".'] * 2
    assert [attrs["class"] for attrs in page.named("svg")] == ["wide", "narrow"] * 2
    names = [attrs["id"] for _, attrs in page.seen if "id" in attrs]
    assert len(names) == len(set(names))
    used = [attrs["href"].removeprefix("#") for attrs in page.named("use")]
    used += re.findall(r"url\(#([^)]+)\)", str(page.seen))
    assert used
    assert set(used) <= set(names)


def test_a_sentence_for_charts_that_could_not_be_drawn_stands_once_under_its_heading():
    sentence = displayed(show_text("No backtest was possible."))
    page = render_report(
        executed(displayed(show_text("No backtest was possible.", "Else.")), sentence, sentence)
    )

    assert page.count("No backtest was possible.") == 1


def test_the_screen_chooses_the_drawing():
    page = render_report(executed())

    narrow_screen = page[page.index("@media (max-width: 640px)") : page.index("@media print")]
    assert "svg.wide { display: none; }" in narrow_screen
    assert "svg.narrow { display: block; }" in narrow_screen


def test_a_bitmap_is_put_into_the_page():
    image = new_output("display_data", data={"image/png": "aGVsbG8=\n", "text/plain": "A picture"})
    page = Elements(render_report(executed(image)))

    assert page.named("img") == [{"alt": "", "src": "data:image/png;base64,aGVsbG8="}]
    assert page.named("figure")[0]["aria-label"] == "A picture"


def test_the_title_block_says_what_the_numbers_rest_on_and_the_last_line_how_they_are_made_again():
    facts = {
        "report": {
            "title": "Kickoff of Atlas",
            "as_of": "2026-11-16",
            "n_projects": 72,
            "data_hash": "sha256:0123456789abcdef0123",
            "p80_held": "in 78 of 100",
            "iterations": 10000,
            "seed": "7",
            "method": "full model",
        },
        "written_by": {"estimation": "0.1.0"},
    }
    page = render_report(executed(), facts)

    assert "<h1>Kickoff of Atlas</h1>" in page
    assert '<p class="question">Which date can we promise?</p>' in page
    lines = re.findall(r"<dt>(.*?)</dt><dd>(.*?)</dd>", page)
    assert lines == [
        ("Status date", "16 Nov 2026"),
        ("Projects behind it", "72"),
        ("P80 held", "in 78 of 100"),
    ]
    assert re.findall(r"</main>\s*<footer.*?>(.*?)</footer>", page) == [
        "Data: 0123456789ab · Iterations: 10,000 · Seed: 7 · Method: full model · Toolkit: 0.1.0"
    ]


def test_a_client_is_told_the_status_date_and_nothing_of_how_numbers_are_made():
    report = {"audience": "client", "as_of": "2026-11-16", "data_hash": "sha256:0123", "seed": "7"}
    page = render_report(executed(), {"report": report, "written_by": {"estimation": "0.1.0"}})

    assert re.findall(r"<dt>(.*?)</dt><dd>(.*?)</dd>", page) == [("Status date", "16 Nov 2026")]
    assert "<footer" not in page


def test_a_table_wider_than_the_screen_shows_on_which_side_it_goes_on():
    # The covers move with the table (local), the shadows stay with the frame (scroll): one pair for each side.
    frame = render_report(executed()).split(".scroll {", 1)[1].split("}", 1)[0]
    assert (frame.count("no-repeat local"), frame.count("no-repeat scroll")) == (2, 2)


def test_facts_that_a_run_does_not_state_are_missed_aloud():
    page = render_report(executed(), {})

    assert "<h1>Kickoff</h1>" in page
    assert page.count("not stated") == 3


def test_title_and_question_are_not_repeated_below():
    page = render_report(executed())

    assert page.count("Which date can we promise?") == 1
    assert "The rest." in page


def test_a_failed_notebook_makes_no_report():
    error = new_output("error", ename="ValueError", evalue="x", traceback=[])

    with pytest.raises(RunError, match="makes no report"):
        render_report(executed(error))


def test_the_same_outputs_give_the_same_bytes():
    def page():
        slips = pd.DataFrame({"phase": ["a", "b"], "days": [1.0, 5.0]})
        notebook = executed(displayed(show_chart(bars, slips, alt="x")), displayed(show_table(slips)))
        return render_report(nbformat.reads(nbformat.writes(notebook), as_version=4))

    assert page() == page()


def test_the_page_speaks_english_and_fits_a_phone():
    page = Elements(render_report(executed()))

    assert page.named("html") == [{"lang": "en"}]
    assert {"name": "viewport", "content": "width=device-width, initial-scale=1"} in page.named("meta")


def test_tables_scroll_sideways_inside_the_page():
    page = render_report(executed(displayed(show_table(pd.DataFrame({"a": [1]})))))

    assert re.search(r'<div class="scroll"[^>]*tabindex="0"><table class="report-table">', page)


@pytest.mark.parametrize(
    ("harmful", "harmless"),
    [
        ("<p onmouseover=x()>a</p>", "<p>a</p>"),
        ("a<style>p{}</style><iframe src=x></iframe>c", "ac"),
        ('<a href="javascript:x()">a</a>', "<a>a</a>"),
        ('<a href="ftp://example.org/a">a</a>', "<a>a</a>"),
        ('<a href="https://example.org/a">a</a>', '<a href="https://example.org/a">a</a>'),
        ('<img src="x" onerror="x()">', ""),
        ("<svg><script>x()</script></svg>a", "a"),
        ("<p>a<b>b</b></p>c</i>", "<p>a<b>b</b></p>c"),
        ("</div></main>a<p>b", "a<p>b</p>"),
        ("&lt;script&gt; &amp; <!-- x -->", "&lt;script&gt; &amp; "),
        ('<span class="num" style="color:red" id=x>1</span>', '<span class="num">1</span>'),
        ("<script>never closed", ""),
        ("<h1>Part</h1>", "Part"),
    ],
)
def test_only_harmless_html_passes(harmful, harmless):
    assert safe_html(harmful) == harmless


def test_only_harmless_drawings_pass():
    drawing = (
        '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="0 0 9 9" '
        'onload="x()"><metadata>m</metadata><script>x()</script><style>*{}</style><!-- c -->'
        '<foreignObject><p>p</p></foreignObject><g id="a" onclick="x()" style="fill: url(https://example.org/f)"/>'
        '<use xlink:href="https://example.org/x#a"/><use xlink:href="#a" clip-path="url(#a)"/>'
        '<image xlink:href="https://example.org/x.png"/></svg>'
    )

    assert safe_svg(drawing, prefix="f1-", css="wide") == (
        '<svg class="wide" viewBox="0 0 9 9" style="stroke-linejoin:round;stroke-linecap:butt" aria-hidden="true" '
        'focusable="false"><g id="f1-a" /><use /><use href="#f1-a" clip-path="url(#f1-a)" /><image /></svg>'
    )


@pytest.mark.parametrize(
    ("value", "key", "shown"),
    [
        ("2026-11-16", "p80_finish", "16 Nov 2026"),
        ("2026-13-40", "note", "2026-13-40"),
        (15.0, "slip_days", "15"),
        (1.3721, "multiplier", "1.37"),
        (72, "n_projects", "72"),
        (1234567.0, "cost", "1,234,567"),
        (0.256, "prob_on_time", "26 %"),
        (0.001, "prob_on_time", "<5 %"),
        (1.0, "prob_on_time", ">95 %"),
        (True, "late", "yes"),
        (None, "p80_finish", "–"),
    ],
)
def test_figures_of_a_run_are_written_for_readers(value, key, shown):
    assert shown_fact(value, key) == shown
