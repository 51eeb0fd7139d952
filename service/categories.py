"""The category of an expense, by rules in a file: which words of a merchant's name mean which.

The file is TOML: a category, and the names that are of it. The first that fits counts::

    "Food:Coffee" = ["cafe", "kettle & quill"]
    "Travel" = ["deutsche bahn", "uber"]
"""

import re
import tomllib
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from service.errors import BadInput

MAX_RULES_BYTES = 1_048_576

_CATEGORY = re.compile(r"[A-Z][A-Za-z0-9-]*(?::[A-Z0-9][A-Za-z0-9-]*)*")
"""What is a part of an account's name, too, in Ledger and in Beancount."""


@dataclass(frozen=True)
class Categories:
    """Rules in the order of their file: the words of a name, and the category that they mean."""

    rules: tuple[tuple[str, str], ...] = ()

    def of(self, merchant: str | None) -> str | None:
        """Return the category of the first rule whose words stand in a name, whole; or None."""
        words = f" {_plain(merchant or '')} "
        return next((category for name, category in self.rules if f" {name} " in words), None)


def read_categories(file: Path) -> Categories:
    """Return the rules of a file; raise BadInput that says what is wrong in it."""
    try:
        with file.open("rb") as stream:
            text = stream.read(MAX_RULES_BYTES + 1)
        if len(text) > MAX_RULES_BYTES:
            raise BadInput(f"{file} has more than {MAX_RULES_BYTES:,} bytes")
        found = tomllib.loads(text.decode())
    except OSError as error:
        raise BadInput(f"{file} cannot be read: {error.strerror}") from None
    except (ValueError, RecursionError) as error:  # no TOML, or no UTF-8
        raise BadInput(f"{file} is no TOML: {error}") from None
    return Categories(tuple(_rules(found, file)))


def _rules(found: Mapping[str, object], file: Path) -> list[tuple[str, str]]:
    rules = []
    for category, names in found.items():
        if not _CATEGORY.fullmatch(category):
            raise BadInput(
                f"{file}: the category is {category[:60]!r}: it must be letters, digits and '-', "
                'each part of it beginning with a capital letter, such as "Food:Coffee"'
            )
        if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
            raise BadInput(f'{file}: {category} must be a list of names, such as ["cafe"]')
        for name in names:
            if not _plain(name):
                raise BadInput(f"{file}: {category} has the name {name[:60]!r}, without a letter")
            rules.append((_plain(name), category))
    return rules


def _plain(name: str) -> str:
    """Return the words of a name, however it is written: without case, accents and signs."""
    letters = unicodedata.normalize("NFKD", name.casefold())
    spelt = "".join(one for one in letters if not unicodedata.combining(one))
    return " ".join(re.findall(r"\w+", spelt))
