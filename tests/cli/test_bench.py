"""bench/run.sh --readme finds where its results go."""
import pathlib
import sys

import pytest

PROJECT = pathlib.Path(__file__).resolve().parents[2]


@pytest.fixture(name="documents")
def speed_documents(monkeypatch):
    monkeypatch.syspath_prepend(PROJECT / "bench")
    import speed_documents as module
    yield module
    for name in [name for name, module in sys.modules.items() if str(PROJECT / "bench") in str(getattr(module, "__file__", ""))]:
        del sys.modules[name]


@pytest.mark.parametrize("document", ["README.md", "bench/README.md"])
def test_results_take_the_place_of_older_results(documents, tmp_path, document):
    text = (PROJECT / document).read_text()
    copy = tmp_path / "README.md"
    copy.write_text(text)
    for lines in (["first"], ["second", ""]):
        documents.replace(copy, lines)
    new = copy.read_text()
    assert f"{documents.BEGIN}\n\nsecond\n\n{documents.END}\n" in new and "first" not in new.partition(documents.BEGIN)[2].partition(documents.END)[0]
    assert new.partition(documents.BEGIN)[0] == text.partition(documents.BEGIN)[0]
    assert new.partition(documents.END)[2] == text.partition(documents.END)[2] != ""


def test_a_document_without_marks_is_refused(documents, tmp_path):
    copy = tmp_path / "README.md"
    copy.write_text("no marks\n")
    with pytest.raises(SystemExit, match="no line"):
        documents.replace(copy, ["new"])
    assert copy.read_text() == "no marks\n"
