"""The messages of the sources: each string that a person reads at run time, but the texts of --help.

A message is a string with two words or more, or one that a function of FUNCTIONS takes; adjacent literals are one message, and PRIu64 is
the llu that it stands for. Programs' styles, markup and keys of JSON are no messages. The page of a report in HTML has its own.
"""
import dataclasses
import pathlib
import re

TOP = pathlib.Path(__file__).resolve().parents[2]

# Functions that take what a diagnostic or a finding says: their strings are messages even when they have one word.
FUNCTIONS = {"cramfs_report", "cramfs_fail", "cramfs_node_report", "cramfs_node_fail", "mtree_entry_report", "report_finding",
             "report_finding_as", "usage_error", "NOTE", "FAIL", "fail", "fail_system", "fail_value", "fail_line", "fail_header",
             "fail_entry", "fail_zip_entry", "fail_gzip", "whole_fail", "fail_above", "lose", "refuse", "profile_fail"}

TOKEN = re.compile(r'(?P<comment>/\*.*?\*/|//[^\n]*)|(?P<directive>^[ \t]*#[ \t]*(?!define)\w+[^\n]*)|(?P<string>"(?:\\.|[^"\\])*")'
                   r"|(?P<character>'(?:\\.|[^'\\])*')|(?P<name>[A-Za-z_]\w*)|(?P<blank>\s+|\\\n)|(?P<other>.)", re.DOTALL | re.MULTILINE)
CONVERSION = re.compile(r"%(?:%|[-+ 0#]*(?:\d+|\*)?(?:\.(?:\d+|\*))?(?:hh|h|ll|l|z|j)?[a-zA-Z])")
LENGTH = {"64": "ll", "MAX": "j", "PTR": "l"}
HELP = re.compile(r"argp|calling_name|COMMON_HELP|COMMON_VERSION|_OPTIONS\(group\)|DOC_")  # their initializers and macros
NOT_CALLS = {"if", "while", "switch", "for", "return", "sizeof"}


@dataclasses.dataclass
class Message:
    path: str
    line: int
    text: str      # with the escapes of C
    function: str  # the innermost call that the string is in, or nothing
    spans: list    # of its literals and macros in the file

    def __str__(self):
        return f"{self.path}:{self.line}: {self.text}"


def tokens(text):
    for found in TOKEN.finditer(text):
        if found.lastgroup not in ("comment", "directive", "blank"):
            yield found.lastgroup, found.group(), found.start(), found.end()


def strings(path):
    """Every string of a source file but those of its help."""
    text = path.read_text()
    listed = list(tokens(text))
    calls, found, at = [], [], 0  # calls: the name before each open bracket, and the text of the statement before it
    statement = 0                 # where the current one begins
    while at < len(listed):
        kind, word, start, end = listed[at]
        if kind == "string" or re.fullmatch(r"PRI[diouxX]\w+", word):
            merged, spans = "", []
            while at < len(listed):
                kind, word, start, end = listed[at]
                macro = re.fullmatch(r"PRI([diouxX])(\w+)", word)
                if kind == "string":
                    merged += word[1:-1]
                elif macro:
                    merged += LENGTH.get(macro[2], "") + macro[1]
                elif kind == "name" and word.isupper() and at + 1 < len(listed) and spans and listed[at + 1][0] in ("string", "other"):
                    merged += "{" + word + "}"
                else:
                    break
                spans.append((kind, word, start, end))
                at += 1
            macro_start = text.rfind("\n#define", 0, spans[0][2])
            in_macro = macro_start >= 0 and not re.search(r"[^\\]\n", text[macro_start + 1:spans[0][2]])
            is_help = in_macro and HELP.search(text[macro_start:spans[0][2]].split("\n")[1])
            if not is_help and not any("=" in head and HELP.search(head) for _, head in calls):
                merged = without_markup(merged)
                inner = next((call for call, _ in reversed(calls) if call), "")
                found.append(Message(str(path.relative_to(TOP)), text.count("\n", 0, spans[0][2]) + 1, merged, inner, spans))
            continue
        if word in "([{":
            called = listed[at - 1][1] if at and listed[at - 1][0] == "name" and word == "(" else ""
            head = re.sub(r"/\*.*?\*/", "", text[statement:start], flags=re.DOTALL) if word == "{" else ""
            calls.append(("" if called in NOT_CALLS else called, head))
        elif word in ")]}" and calls:
            calls.pop()
        statement = end if word in ";{}" else statement
        at += 1
    return found


def plain(text):
    """Without conversions and escapes: what is left are words."""
    return re.sub(r"\\[a-z0-9]{1,3}", " ", CONVERSION.sub("%", text).replace("%%", "%"))


def without_markup(text):
    """What a reader sees of a string with markup in it."""
    seen = re.findall(r'aria-label=\\"([^"\\]+)', text)
    text = re.sub(r"<style>.*|<script>.*", "", text)
    return " ".join([*seen, *re.sub(r"<[a-z/?!][^<>]*(>|$)", " ", text).split(" ")]) if re.search(r"<[a-z/?!]", text) else text


def is_message(message):
    words = re.findall(r"[A-Za-z]{2,}", plain(message.text))
    if message.function in ("_Static_assert", "strstr", "strcmp", "_Pragma") or message.path.endswith("elsewhere.c"):
        return False
    if re.search(r'[{;}]\\n|=\\"|#mtree|^# name|\bpx\b|\\"\w+\\":', message.text):
        return False  # styles, JSON, headers of files
    return bool(words) and (" " in message.text.strip() and bool(re.search(r"[A-Za-z]{2}", plain(message.text))) and
                            bool(re.search(r"[A-Za-z%)'] |[,:;] ", message.text)) or message.function in FUNCTIONS)


def messages():
    sources = sorted([*TOP.glob("src/**/*.[ch]"), TOP / "include/cramfs/finding.h"])
    return [message for path in sources for message in strings(path) if is_message(message)]


def page_texts():
    """What the page of a report in HTML says: its markup's texts, and strings of its scripts; a string of several words, or a heading."""
    for path in sorted((TOP / "src/report/html/page").glob("*.*")):
        text = path.read_text()
        name = str(path.relative_to(TOP))
        if path.suffix == ".html":
            for found in re.finditer(r'>([^<>@]*[a-z]{2}[^<>@]*)<|(?:aria-label|placeholder)="([^"]+)"', text):
                yield Message(name, text.count("\n", 0, found.start()) + 1, (found[1] or found[2]).strip(), "", [])
        elif path.suffix == ".js":
            blanked = re.sub(r"/\*.*?\*/|^\s*//[^\n]*", lambda comment: re.sub(r"[^\n]", " ", comment[0]), text, flags=re.DOTALL | re.MULTILINE)
            for found in re.finditer(r'"((?:[^"\\\n]|\\.)*)"', blanked):
                if re.search(r"[a-z]{2} [A-Za-z]|^[A-Z][a-z]+$|^[,.;:]? [a-z]{2}", found[1]) and found[1] != "use strict":
                    yield Message(name, text.count("\n", 0, found.start()) + 1, found[1], "", [])


def table():
    return [str(message) for message in [*messages(), *page_texts()]]
