"""Names that are no settings, but were probably meant as one.

Without it the default would take the place of a setting whose name is misspelt, in silence.
"""

import re
from collections.abc import Iterable, Mapping
from itertools import takewhile

from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, DotEnvSettingsSource, EnvSettingsSource

from settings.sources import Variables, read_from_files

_OF_OTHERS = re.compile(
    r"(temporal|aws|boto|otel|openai|stripe|pg|python|pip|uv|uvicorn|ssl|ssh|requests|compose"
    r"|docker|rclone)_?|https?_proxy$|no_proxy$|all_proxy$|tz$|lang$|lc_"
)
"""Names that the SDKs, Compose and the system read from the same places."""

_A_NAME = re.compile(r"[a-z_]\w{0,63}", re.ASCII)

_SHORTEST = 8
"""Letters of the shortest name that is looked for misspelt in the environment: with fewer, such
as USER_ID, what is nearly the same is often another program's."""


def misspelt_names(settings: type[BaseSettings]) -> list[str]:
    """Return a sentence for each misspelt name of the environment and of ``.env``."""
    return misspelt(
        EnvSettingsSource(settings).env_vars,
        DotEnvSettingsSource(settings).env_vars,
        settings.model_fields,
    )


def misspelt(environment: Variables, file: Variables, fields: Mapping[str, FieldInfo]) -> list[str]:
    """Return a sentence for each name that is no setting, but was probably meant as one.

    In ``.env``, that is every name which none of the others that read the file knows. In the
    environment, it is one that differs from a setting in a single letter; not if that setting is
    there as well, as then the other name is probably another program's.
    """
    known = {*fields, *(f"{name}_file" for name in read_from_files(fields))}
    given = {*environment, *file}
    found: dict[str, None] = {}
    for name in sorted(set(given) - known):
        meant = _meant_by(name, known)
        if name in file:
            if meant is not None:
                found[f"{name.upper()} is no setting; {meant.upper()} is"] = None
            elif not _A_NAME.fullmatch(name):
                found["a line of .env is no setting: lines are NAME=value"] = None
            elif not _OF_OTHERS.match(name):
                found[f"{name.upper()} in .env is no setting"] = None
        elif meant is not None and meant not in given and len(meant) >= _SHORTEST:
            found[f"{name.upper()} is no setting; {meant.upper()} is"] = None
    return list(found)


def _meant_by(name: str, known: Iterable[str]) -> str | None:
    """Return the setting that a name differs from in one letter, or in _FILE without need."""
    without = name.removesuffix("_file")
    if without in known:
        return without
    return next((setting for setting in sorted(known) if _is_one_slip(name, setting)), None)


def _is_one_slip(typed: str, meant: str) -> bool:
    """Whether one letter is missing, added or another, or two have changed places."""
    if typed == meant or abs(len(typed) - len(meant)) > 1:
        return False
    same = sum(
        1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(typed, meant, strict=False))
    )
    typed, meant = typed[same:], meant[same:]
    return (
        typed[1:] == meant[1:]
        or typed[1:] == meant
        or typed == meant[1:]
        or (typed[:2] == meant[1::-1] and typed[2:] == meant[2:])
    )
