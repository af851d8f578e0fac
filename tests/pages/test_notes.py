from estimation.pages.notes import Note, ReportBanner, ReportNotes
from estimation.publishing.safe_html import safe_html

ATTACK = "<script>alert(1)</script>"


def test_notes_keep_their_words_and_nothing_else_when_the_page_is_cleaned():
    page = safe_html(ReportNotes((Note(f"2.2 {ATTACK}", (("Why", f"late {ATTACK}"),)),))._repr_html_())
    assert "<script" not in page
    assert "<h3>2.2 &lt;script&gt;" in page
    assert "<dt>Why</dt><dd>late &lt;script&gt;" in page
    assert 'class="report-note"' in page


def test_without_notes_one_sentence_stands_there():
    assert (
        ReportNotes((), "Nothing is <late>.")._repr_html_()
        == '<p class="report-text">Nothing is &lt;late&gt;.</p>'
    )
    assert ReportNotes(())._repr_html_() == ""
    assert repr(ReportNotes((Note("a", (("b", "c"),)),))) == "a\n  b: c"


def test_a_banner_shows_only_when_there_is_something_to_warn_of():
    assert ReportBanner("")._repr_html_() == ""
    page = safe_html(ReportBanner(f"Careful {ATTACK}")._repr_html_())
    assert page == '<div class="report-banner"><p>Careful &lt;script&gt;alert(1)&lt;/script&gt;</p></div>'
