"""The docs are true: their tables match the code, and what they name exists."""

import re
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import unquote

import pytest
from pydantic import SecretStr

from activities.policies import TABLE, UNLIMITED, Policy
from benchmarks import costs
from config import ROOT, Settings
from sandbox.provider_api.scenarios import MAGIC, MagicRow
from starter import build_parser

MAX_README_LINES = 160
TEST_ONLY = {"sandbox_crash_at"}

_CHANGE_OR_QUOTE = re.compile(r"^```(?:diff|python)$.*?^```$", re.MULTILINE | re.DOTALL)
"""``test_make_it_yours.py`` holds what these say."""

PAGES = sorted(
    path.relative_to(ROOT).as_posix()
    for path in (ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").rglob("*.md"))
)
ROOMS = sorted(
    path.name for path in ROOT.iterdir() if path.is_dir() and not path.name.startswith((".", "__"))
)
"""The folders of the project; a word that begins with one of their names is a path of ours."""


def _page(name: str) -> str:
    """Return a page with runs of blanks reduced to one, so that tables may be aligned."""
    return re.sub(" +", " ", Path(ROOT, name).read_text(encoding="utf-8"))


def _default(name: str) -> str:
    default = Settings.model_fields[name].default
    if isinstance(default, SecretStr):
        default = default.get_secret_value()
    if default is None:
        return ""
    return f"`{str(default).replace(f'{ROOT}/', '')}`"


def test_the_readme_is_short() -> None:
    assert Path(ROOT, "README.md").read_text(encoding="utf-8").count("\n") <= MAX_README_LINES


@pytest.mark.parametrize("name", sorted(set(Settings.model_fields) - TEST_ONLY))
def test_every_setting_is_in_the_table(name: str) -> None:
    meaning = Settings.model_fields[name].description
    row = f"| `{name.upper()}` | {_default(name)} | {meaning} |"
    assert re.sub(" +", " ", row) in _page("docs/settings.md")


@pytest.mark.parametrize("row", MAGIC, ids=lambda row: row.word)
def test_every_magic_word_is_in_the_table(row: MagicRow) -> None:
    assert f"| `{row.word}` | {row.call} | {row.effect} |" in _page("docs/sandbox.md")


def test_the_costs_are_those_of_the_recorded_histories() -> None:
    assert "\n".join(costs.rows()) in _page("docs/costs.md")


@pytest.mark.parametrize("policy", TABLE, ids=lambda policy: policy.activity)
def test_every_policy_is_in_the_table(policy: Policy) -> None:
    assert _policy_row(policy) in _page("docs/durability.md")


def _policy_row(policy: Policy) -> str:
    count = 10 if policy.attempts == UNLIMITED else policy.attempts - 1
    waits = [f"{policy.waits.after(attempt + 1).total_seconds():g}" for attempt in range(count)]
    shown = waits if count < 5 else [*waits[:3], "…"]
    cells = (
        f"`{policy.activity}`",
        f"for {policy.patience.days} days" if policy.attempts == UNLIMITED else policy.attempts,
        f"{policy.limit:g}",
        ", ".join(shown),
        "local" if policy.is_local_first else "ordinary",
        ", ".join(f"`{error.__name__}`" for error in policy.never_retried),
    )
    return re.sub(" +", " ", f"| {' | '.join(map(str, cells))} |")


def test_every_command_is_explained() -> None:
    commands = _commands()
    page = _page("docs/usage.md")

    assert len(commands) > 10
    unexplained = {c for c in commands if f"`{c}" not in page and f"starter.py {c}" not in page}
    assert unexplained == set()


# --- what is named exists -----------------------------------------------------------------------


def _commands() -> set[str]:
    return set(re.findall(r"^    ([a-z]+) ", build_parser().format_help(), re.MULTILINE))


@cache
def _code_in(page: str) -> tuple[str, ...]:
    """Return the code of a page: spans in backticks and indented lines, each on one line."""
    text = _CHANGE_OR_QUOTE.sub("", Path(ROOT, page).read_text(encoding="utf-8"))
    blocks = re.findall(r"^ {4,}(.+?)(?:  +#.*)?$", text, re.MULTILINE)
    prose = re.sub(r"^ {4,}.+$", "", text, flags=re.MULTILINE)
    return (*blocks, *(" ".join(span.split()) for span in re.findall(r"`([^`]+)`", prose)))


def _named_in(page: str, pattern: str) -> set[str]:
    return {name for code in _code_in(page) for name in re.findall(pattern, code)}


def _anchors(path: Path) -> set[str]:
    """Return the anchors of a page's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", path.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES)
def test_every_link_leads_somewhere(page: str) -> None:
    folder = Path(ROOT, page).parent
    text = Path(ROOT, page).read_text(encoding="utf-8")
    dead = []
    for link in re.findall(r"\]\(([^)\s]+)\)", text):
        if re.match(r"[a-z]+:", link):
            continue  # another site, which no test connects to
        name, _, anchor = unquote(link).partition("#")
        target = folder / name if name else Path(ROOT, page)
        if not target.exists() or (anchor and anchor not in _anchors(target)):
            dead.append(link)
    assert dead == []


@pytest.mark.parametrize("page", PAGES)
def test_every_path_that_is_named_exists(page: str) -> None:
    named = _named_in(page, rf"(?:^|[\s(])((?:{'|'.join(ROOMS)})/[\w./-]*\w/?)")
    named -= set(re.findall(r"^\+\+\+ b/(.+)$", Path(ROOT, page).read_text("utf-8"), re.MULTILINE))
    assert {name for name in named if not (ROOT / name).exists()} == set()


@pytest.mark.parametrize("page", PAGES)
def test_every_make_target_that_is_named_exists(page: str) -> None:
    makefile = Path(ROOT, "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z][a-z-]*):", makefile, re.MULTILINE))
    assert _named_in(page, r"(?:^|\s)make ([a-z][a-z-]*)") <= targets


@pytest.mark.parametrize("page", PAGES)
def test_every_module_that_is_named_can_be_run(page: str) -> None:
    named = _named_in(page, r"python -m ([a-z_]+(?:\.[a-z_]+)*)")
    assert {name for name in named if not _can_be_run(name)} == set()


def _can_be_run(module: str) -> bool:
    try:
        spec = find_spec(module)
        if spec is not None and spec.submodule_search_locations is not None:
            spec = find_spec(f"{module}.__main__")
    except ModuleNotFoundError:
        return False
    return spec is not None


@pytest.mark.parametrize("page", PAGES)
def test_every_command_that_is_named_exists(page: str) -> None:
    assert _named_in(page, r"starter\.py ([a-z]+)") <= _commands()


@pytest.mark.parametrize("page", [page for page in PAGES if Path(page).name != "README.md"])
def test_every_page_is_in_the_index_of_its_folder(page: str) -> None:
    index = Path(ROOT, page).with_name("README.md").read_text(encoding="utf-8")
    assert f"({Path(page).name})" in index
