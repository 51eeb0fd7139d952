"""The forms of all templates, as they are written: what Enter presses in them."""

from html.parser import HTMLParser
from pathlib import Path

import pytest

from web.desk.pages import HERE

TEMPLATES = sorted((HERE / "templates").glob("*.html"))
GUARD = '{% include "guard.html" %}'
TYPED = ("text", "email", "password", "search", "")


class _Forms(HTMLParser):
    """Collects of each form its typed fields, and its buttons in their order."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[tuple[list[str], list[dict[str, str]]]] = []
        self._is_inside = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form" and given.get("method") == "post":
            self.forms.append(([], []))
            self._is_inside = True
        elif self._is_inside and tag == "button":
            self.forms[-1][1].append(given)
        elif self._is_inside and tag == "input" and given.get("type", "") in TYPED:
            self.forms[-1][0].append(given.get("name", ""))

    def handle_endtag(self, tag: str) -> None:
        self._is_inside = self._is_inside and tag != "form"


def is_guarded(fields: list[str], buttons: list[dict[str, str]]) -> bool:
    """Tell whether Enter in a field of a form presses no button that decides something."""
    decides = (
        "reason" in fields
        or len(buttons) > 1
        or any("stop" in one.get("class", "") for one in buttons)
    )
    return not (fields and decides) or {"disabled", "hidden"} <= set(buttons[0])


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.stem)
def test_enter_in_a_field_presses_no_button_that_decides(template: Path) -> None:
    reader = _Forms()
    text = template.read_text()
    reader.feed(text.replace(GUARD, (HERE / "templates/guard.html").read_text()))

    for fields, buttons in reader.forms:
        assert is_guarded(fields, buttons), (fields, buttons)


def test_a_form_with_a_reason_and_no_guard_is_found() -> None:
    assert not is_guarded(["reason"], [{"class": "go"}])
    assert not is_guarded(["reason"], [{"class": "stop"}, {"disabled": "", "hidden": ""}])
