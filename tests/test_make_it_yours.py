"""docs/make-it-yours.md: its diffs still apply, and its quotes match the files."""

import re
import shutil
import subprocess

import pytest

from config import ROOT

PAGE = (ROOT / "docs" / "make-it-yours.md").read_text(encoding="utf-8")
RECIPES = ("Add a step", "Swap a provider")


def section(heading: str) -> str:
    """Return the part of the page below a heading."""
    (found,) = re.findall(rf"^## {heading}\n(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL)
    return str(found)


def blocks(text: str, language: str) -> list[str]:
    """Return the blocks of code in one language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


def program(name: str) -> str:
    """Return the path of a program, or skip the test."""
    return shutil.which(name) or pytest.skip(f"{name} is not installed")


@pytest.mark.parametrize("recipe", RECIPES)
def test_the_diffs_of_a_recipe_still_apply(recipe: str) -> None:
    diffs = "".join(blocks(section(recipe), "diff"))
    assert diffs.count("\n+++ b/") > 5

    done = subprocess.run(
        (program("git"), "apply", "--check", "-"),
        cwd=ROOT,
        input=diffs,
        capture_output=True,
        text=True,
        check=False,
    )

    advice = f"make the change of {recipe!r} again and copy its diff (git diff -U1) to the page"
    assert done.returncode == 0, f"{done.stderr}\n{advice}"


def test_the_command_takes_a_whole_recipe_from_the_page() -> None:
    (command,) = re.findall(r"^    (awk .*)$", PAGE, re.MULTILINE)
    taking, applying = command.split(" | ")

    taken = subprocess.run(
        (program("sh"), "-c", taking), cwd=ROOT, capture_output=True, text=True, check=True
    )

    assert applying == "git apply"
    assert taken.stdout == "".join(blocks(section(RECIPES[0]), "diff"))


@pytest.mark.parametrize("quoted", blocks(section("Add a pipeline"), "python"))
def test_what_is_quoted_of_the_example_is_in_it(quoted: str) -> None:
    sources = [path.read_text("utf-8") for path in (ROOT / "examples" / "documents").glob("*.py")]
    assert any(quoted in source for source in sources)
