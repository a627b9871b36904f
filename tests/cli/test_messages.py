"""Messages: what is wrong, where, what to do, in plain English. They are read from the sources, all at once.

python3 tests/cli/test_messages.py prints all of them as FILE:LINE: MESSAGE, to be read by someone who does not know the code.
"""
import pathlib
import re
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))

import messages  # noqa: E402 - it needs what the path above brings

TOP = messages.TOP
ALL = messages.messages()
PAGE = list(messages.page_texts())
DIAGNOSTICS = [message for message in ALL if not message.path.startswith("src/report/") or message.function in messages.FUNCTIONS]

# Words of HACKING's table that are also right words, with what makes them wrong.
ONLY = {
    "fits": r"\b(nothing|none|that|file|rule|glob|pattern|directory) fits?\b(?! (in|into|below|within)\b)|\bfits? '",
    "told": r"\btold\b",
    "what is in place": r"\bwhat is\b",
    "one that is none": r"\b(is|are) none\b|\bnone of (?!(its|the|these)\b)|\bone that\b",
    "stands": r"\bstands?\b",
}
NOT_PLAIN = r"\bplease\b|!(?!!)|\betc\b|\bcan't\b|\bdoesn't\b|\bisn't\b|\bI\b|\bwe\b|\bsorry\b"
LONGEST = 240  # characters: three lines of a terminal
NAMES = re.compile(r"(ELF|FDPIC|RAM|XIP|HAZARD|KiB|SELinux|CRC|U\+|Linux|TRAILER|AF_|Unrecognized archive|POSIX|DIRECTORY|IMAGE|SOURCE|EROFS|F2FS|XFS)")


def rejected():
    """{word: pattern}: the left column of HACKING's table of words that are not used."""
    text = (TOP / "HACKING.md").read_text().split("Words that are not used")[1].split("\n\n")[1]
    words = {}
    for row in text.splitlines()[2:]:
        for word in re.sub(r"\([^)]*\)", "", row.split("|")[1]).split(","):
            words[word.strip()] = ONLY.get(word.strip(), rf"\b{re.escape(word.strip())}\b")
    return words


def found(pattern, where, flags=0):
    return [str(message) for message in where if re.search(pattern, messages.plain(message.text).replace("TRAILER!!!", ""), flags)]


def test_messages_are_found():
    texts = [message.text for message in ALL]
    assert len(ALL) > 900 and len(PAGE) > 80
    assert "out of memory%s" in texts                                                        # an argument of a function
    assert "the image would have %llu bytes, over the format's limit of %u bytes; make the tree smaller or put less in place" in texts
    assert "a rule with must puts all of it in place" in texts                               # returned
    assert "--allow=%s accepts the loss" in texts                                            # in a table
    assert any("begins with a typographic dash" in text for text in texts)                   # in a function with argp's types
    assert any("No erase block differs." == message.text for message in PAGE)
    assert not any("Page size of the target" in text for text in texts)                      # of --help


def test_the_tests_see_what_is_wrong(tmp_path):
    source = tmp_path / "a.c"
    source.write_text('int f(void)\n{\n    /* "no" */\n    return cramfs_fail(d, 1, p, "what %" PRIu64 " stands "\n                       "behind it!", n);\n}\n')
    before, messages.TOP = messages.TOP, tmp_path
    try:
        one, = messages.strings(source)
    finally:
        messages.TOP = before
    assert str(one) == "a.c:4: what %llu stands behind it!" and messages.is_message(one)
    assert found(rejected()["stands"], [one]) and found(rejected()["behind"], [one]) and found(NOT_PLAIN, [one])


def test_words_that_are_not_used():
    words = rejected()
    assert {"behind", "afresh", "dear", "wants", "stands", "fits"} <= set(words) and set(ONLY) <= set(words)
    for word, pattern in words.items():
        assert found(pattern, [*ALL, *PAGE], re.IGNORECASE) == [], word
    assert found(NOT_PLAIN, [*ALL, *PAGE]) == []


def test_diagnostics_are_one_line_each_in_lower_case_without_full_stop():
    for message in DIAGNOSTICS:
        text = message.text.strip()
        line = text.removesuffix("\\n") if message.function in ("fprintf", "fputs", "printf") else text
        assert "\\t" not in line and "\\n" not in line.removeprefix("\\n"), message
        assert not line.endswith(".") or line.endswith(("...", " .")), message  # " ." is in a command
        assert not re.match("[A-Z]", line) or NAMES.match(line) or line.isupper(), message
        assert "  " not in line.strip() or message.function == "fprintf", message


def test_sentences_of_the_page_begin_with_a_capital_and_end_with_a_full_stop():
    for message in ALL:
        if message.path == "src/report/html/reasons.c" and message.text.count(" ") > 2:
            assert re.match("[A-Z]", message.text) and message.text.endswith("."), message


def test_messages_are_short():
    assert [str(message) for message in DIAGNOSTICS if len(message.text) > LONGEST] == []


def test_sizes_have_a_unit():
    """A number of 64 bits has a noun after it, or it is none of a size: the word before it says what it is."""
    bare = r"(?<!offset )(?<!byte )(?<! at )(?<!from )(?<! to )(?<!between )(?<!and )(?<!size=)(?<!fit=)(?<!0x)%(?:llu|zu)(?! ?[a-zA-Z(%]|-bit)"
    for message in DIAGNOSTICS:
        if message.function in messages.FUNCTIONS:
            assert not re.search(bare, message.text), message


if __name__ == "__main__":
    print(*messages.table(), sep="\n")
