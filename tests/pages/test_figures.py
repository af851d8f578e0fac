"""Charts, tables and sentences arrive in the notebook escaped, aligned and the same each time."""

import subprocess
import sys
from xml.etree import ElementTree as ET

import matplotlib as mpl
import matplotlib.pyplot as plt
import pandas as pd
import pytest

from estimation.pages import figures
from estimation.pages.charts.axes import nothing_to_draw
from estimation.pages.displays import show_headline, show_table, show_text
from estimation.pages.figures import show_chart, use_report_style

ATTACK = "<script>alert(1)</script>"


@pytest.fixture(autouse=True)
def _style_is_put_back():
    with mpl.rc_context():
        yield


def bars(table, *, ax, title="slip"):
    ax.barh(table["phase"], table["days"])
    ax.set_title(title)
    return ax


@pytest.fixture
def slips():
    return pd.DataFrame({"phase": ["discovery", ATTACK], "days": [1.0, 5.0]})


def test_a_chart_carries_a_wide_and_a_narrow_drawing_and_its_words(slips):
    data, metadata = show_chart(bars, slips, alt="Deployment is late.", height=3)._repr_mimebundle_()

    assert set(data) == {"image/svg+xml", "text/plain"}
    assert data["text/plain"] == metadata["image/svg+xml"]["alt"] == "Deployment is late."
    # 72 points to the inch: 9 x 3 and 4.4 x 3 inches
    assert ET.fromstring(data["image/svg+xml"]).get("viewBox") == "0 0 648 216"
    assert ET.fromstring(metadata["image/svg+xml"]["narrow"]).get("viewBox") == "0 0 316.8 216"


def test_options_reach_the_chart_function(slips):
    titles = []

    def draw(table, *, ax, title):
        titles.append(title)

    show_chart(draw, slips, alt="x", title="late")

    assert titles == ["late", "late"]


def test_a_chart_with_nothing_to_draw_is_its_sentence(slips):
    def draw(table, *, ax):
        nothing_to_draw(ax, "too few")

    shown = show_chart(draw, slips, alt="Too few projects  closed.")
    assert shown._repr_html_() == '<p class="report-text">Too few projects closed.</p>'


@pytest.mark.parametrize(("caption", "said"), [("", "Nothing to list."), ("No backtest.", "No backtest.")])
def test_a_table_without_rows_is_a_sentence_and_no_headers(slips, caption, said):
    page = show_table(slips.iloc[:0], caption=caption)._repr_html_()
    assert page == f'<p class="report-text">{said}</p>'


def test_a_chart_without_words_is_refused(slips):
    with pytest.raises(TypeError, match="alt is empty"):
        show_chart(bars, slips, alt="  ")


def test_no_figure_stays_open_even_when_drawing_fails(slips):
    def fails(table, *, ax):
        raise KeyError("days")

    with pytest.raises(KeyError):
        show_chart(fails, slips, alt="x")
    show_chart(bars, slips, alt="x")
    assert plt.get_fignums() == []


def test_text_from_data_never_becomes_an_element_of_the_drawing(slips):
    chart = show_chart(bars, slips, alt="x", title=ATTACK)

    for drawing in (chart.wide, chart.narrow):
        tags = {element.tag.rpartition("}")[2] for element in ET.fromstring(drawing).iter()}
        assert "script" not in tags
        assert "<script" not in drawing


def test_a_dollar_sign_in_a_name_is_no_formula(slips):
    use_report_style()

    chart = show_chart(bars, slips, alt="x", title=r"$5 \frac for $6")  # as a formula this would not parse
    assert chart.wide != show_chart(bars, slips, alt="x", title="5 for 6").wide


def test_the_same_chart_has_the_same_bytes_in_another_process():
    code = (
        "import hashlib, pandas as pd\n"
        "from estimation.pages.figures import show_chart, use_report_style\n"
        "use_report_style()\n"
        "def draw(t, *, ax): ax.plot(t['x'], t['y'], 'o'); ax.set_ylabel('days')\n"
        "c = show_chart(draw, pd.DataFrame({'x': [1, 2], 'y': [3, 4]}), alt='x')\n"
        "print(hashlib.sha256((c.wide + c.narrow).encode()).hexdigest())\n"
    )
    runs = [
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
        for _ in range(2)
    ]
    assert runs[0] == runs[1]


def test_a_drawing_names_no_date_and_no_tool(slips):
    chart = show_chart(bars, slips, alt="x")

    assert "<dc:" not in chart.wide
    assert "matplotlib.org" not in chart.wide


def _contrast_with_white(colour):
    # WCAG 2.1, relative luminance and contrast ratio
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    luminance = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    return 1.05 / (luminance + 0.05)


def test_colours_stand_out_from_the_white_page():
    # WCAG 2.1: 3 for graphical objects (1.4.11), 4.5 for text (1.4.3)
    for colour in (figures.BASELINE, figures.ACTUAL, figures.FORECAST, figures.LATE):
        assert _contrast_with_white(colour) >= 3
    for colour in (figures.INK, figures.QUIET, figures.ACTUAL, figures.LATE):
        assert _contrast_with_white(colour) >= 4.5


def test_importing_changes_no_style():
    code = (
        "import matplotlib as mpl\nbefore = dict(mpl.rcParams)\n"
        "import estimation.pages.figures\nassert dict(mpl.rcParams) == before"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_text_from_data_is_escaped_in_tables_cards_and_sentences(slips):
    shown = [
        show_table(slips, columns={"phase": ATTACK, "days": "days"}, caption=ATTACK),
        show_headline({ATTACK: ATTACK}),
        show_text(ATTACK, "A & B"),
    ]
    for part in shown:
        html = part._repr_html_()
        assert "<script" not in html
        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html


def test_a_table_names_its_columns_and_rows():
    html = show_table(pd.DataFrame({"phase": ["discovery"], "slip_days": [2.0]}))._repr_html_()

    table = ET.fromstring(html)
    assert [th.text for th in table.findall("thead/tr/th[@scope='col']")] == ["phase", "slip days"]
    assert [th.text for th in table.findall("tbody/tr/th[@scope='row']")] == ["discovery"]
    assert [td.get("class") for td in table.findall("tbody/tr/td")] == ["num"]


def test_values_read_as_a_person_writes_them():
    table = pd.DataFrame(
        {
            "finish": pd.to_datetime(["2026-11-16", None]).astype("datetime64[s]"),
            "n": pd.array([1234, None], dtype="Int64"),
            "slip": [-2.5, float("nan")],
            "late": pd.array([True, None], dtype="boolean"),
            "name": pd.Series(["a-b", None], dtype="str"),
        }
    )

    assert show_table(table).rows == (
        ("16 Nov 2026", "1,234", "−2.5", "yes", "a-b"),
        ("–", "–", "–", "–", "–"),
    )


def test_formats_are_specifications_or_texts_with_braces():
    table = pd.DataFrame({"a": [0.256], "b": [1.5], "c": [-3.2]})

    shown = show_table(table, formats={"a": ".0%", "b": "{:.2f} ×", "c": "+.0f"})

    assert shown.rows == (("26%", "1.50 ×", "−3"),)


def test_nothing_has_no_sign():
    table = pd.DataFrame({"a": [0.0, -0.2, 0.2, -5.0]})

    assert [row[0] for row in show_table(table, formats={"a": "+.0f"}).rows] == ["0", "0", "0", "−5"]


def test_columns_choose_order_and_header():
    shown = show_table(pd.DataFrame({"a": [1], "b": [2], "c": [3]}), columns={"c": "Last", "a": "First"})

    assert shown.headers == ("Last", "First")
    assert shown.rows == (("3", "1"),)


def test_a_column_that_is_not_there_is_named():
    with pytest.raises(KeyError, match="slip"):
        show_table(pd.DataFrame({"a": [1]}), columns={"slip": "Slip"})
    with pytest.raises(KeyError, match="slip"):
        show_table(pd.DataFrame({"a": [1]}), formats={"slip": ".1f"})
