"""What people read: the pages, and the code and the commands on them."""

import ast
import itertools
import re
import shlex
import textwrap
from pathlib import Path

ROOT = Path(__file__).parents[1]
FOLDERS = (".", "saved_models", "docs", "docs/errors", "docs/signatures")
PAGES = [path for folder in FOLDERS for path in sorted((ROOT / folder).glob("*.md"))]
_FENCED = re.compile(r"^ *```python\n(.*?)^ *```", re.DOTALL | re.MULTILINE)
_PROGRAMS = ("python ", "tft ", "make ", "pip ", "tensorboard ")
_COMMAND = re.compile(rf"^(?:\$ )?(?:[A-Z_]+=\S+ )*((?:{'|'.join(_PROGRAMS)}).*)$")


def relative(path):
    """Return a path as a person writes it."""
    return path.relative_to(ROOT).as_posix()


def text_of(path):
    """Return the text of a page: of a recipe, which is one too, its comments."""
    text = path.read_text(encoding="utf-8")
    if path.suffix != ".py":
        return text
    return "\n".join(line[2:] for line in text.splitlines() if line.startswith("#"))


def python_of(text):
    """Return the Python of a text: what stands in its fences, in order."""
    return [textwrap.dedent(code) for code in _FENCED.findall(text)]


def commands_of(path):
    """Return the commands of a page, as lists of arguments: on lines, and in single backticks."""
    text = text_of(path).replace("\\\n", " ")
    lines = [line.strip() for line in text.splitlines()]
    spans = [" ".join(span.split()) for span in re.findall(r"(?<!`)`([^`]+)`(?!`)", text)]
    found = [match[1] for match in map(_COMMAND.match, lines + spans) if match]
    return [shlex.split(command, comments=True) for command in dict.fromkeys(found)]


def statements_of(code):
    """Yield the statements of some code: each with its source, and the comment about its value."""
    lines = code.splitlines()
    for statement in ast.parse(code).body:
        end = statement.end_lineno
        _, _, comment = lines[end - 1].partition("  # ")
        below = itertools.takewhile(lambda line: line.startswith("# "), lines[end:])
        source = "\n".join(lines[statement.lineno - 1 : end])
        yield statement, source, comment or "\n".join(line[2:] for line in below)


def value_of(statement, source, names):
    """Run a statement, and return its value, or that of the name that it assigns to."""
    if isinstance(statement, ast.Expr):
        return eval(source, names)
    exec(source, names)
    is_named = isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name)
    return names[statement.targets[0].id] if is_named else None
