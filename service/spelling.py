"""Names of fields as somebody has written them: ``order_id``, or ``orderId`` as JavaScript does.

Both are read. What is wrong with a document is said in the spelling of the document: whoever wrote
it searches for that name, and a JSON Pointer must lead somewhere.
"""

from collections.abc import Iterator, Sequence

from pydantic.alias_generators import to_camel, to_snake

Path = tuple[str | int, ...]


class Spelling:
    """How the fields of one document are spelt."""

    def __init__(self, document: object = None) -> None:
        self.document = document
        self._is_snake = _is_mostly_snake(document)

    def name(self, name: str, beside: object = None) -> str:
        """Return a name as it stands in an object, or as the rest of the document would have it."""
        spellings = (name, to_camel(name), to_snake(name))
        if isinstance(beside, dict) and (found := [one for one in spellings if one in beside]):
            return found[0]
        return to_snake(name) if self._is_snake else to_camel(name)

    def path(self, path: Sequence[str | int]) -> Path:
        """Return the names and places that lead to a part of the document, or to what is missing.

        What leads nowhere, such as the name of a choice, stays as it is.
        """
        spelt: list[str | int] = []
        at = self.document
        for part in path:
            known = self.name(part, at) if isinstance(part, str) and isinstance(at, dict) else part
            spelt.append(known)
            at = _part_of(at, known)
        return tuple(spelt)


def _part_of(whole: object, part: str | int) -> object:
    if isinstance(whole, dict):
        return whole.get(part)
    if isinstance(whole, list) and isinstance(part, int) and 0 <= part < len(whole):
        return whole[part]
    return None


def _is_mostly_snake(document: object) -> bool:
    names = list(_names_in(document))
    snake = sum("_" in name for name in names)
    camel = sum("_" not in name and name != name.lower() for name in names)
    return snake > camel


def _names_in(document: object) -> Iterator[str]:
    """Yield the names of all fields; without recursion, because anybody may nest deeply."""
    left = [document]
    while left:
        part = left.pop()
        if isinstance(part, dict):
            yield from (name for name in part if isinstance(name, str))
            left += part.values()
        elif isinstance(part, list):
            left += part
