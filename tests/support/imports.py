"""Which file imports which module, and when.

Read from the syntax tree, so imports inside functions count too, and no code is run.
"""

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import Enum, auto
from functools import cache
from pathlib import Path

from config import ROOT


class Moment(Enum):
    """When an import happens."""

    AT_IMPORT = auto()
    WHEN_CALLED = auto()
    ONLY_FOR_TYPES = auto()


@dataclass(frozen=True)
class Import:
    """One imported module."""

    file: str
    module: str
    moment: Moment

    @property
    def room(self) -> str:
        """Return the folder or file at the top that the module belongs to."""
        return self.module.split(".")[0]


def files_of(*rooms: str) -> Iterator[Path]:
    """Yield the files of rooms, each a folder or a single file at the top."""
    for room in rooms:
        single = ROOT / f"{room}.py"
        yield from [single] if single.exists() else sorted((ROOT / room).rglob("*.py"))


def sources_of(*rooms: str) -> dict[str, str]:
    """Return the text of each file of rooms by its path."""
    return {
        path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8")
        for path in files_of(*rooms)
    }


def imports_of(*rooms: str) -> list[Import]:
    """Return what the files of rooms import."""
    return [found for path in files_of(*rooms) for found in imports_in(path)]


@cache
def imports_in(path: Path) -> list[Import]:
    """Return what one file imports."""
    name = path.relative_to(ROOT).as_posix()
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return [
        Import(name, module, moment)
        for node, moment in _nodes(tree, Moment.AT_IMPORT)
        for module in _modules(node)
    ]


def reached_from(*rooms: str) -> set[Path]:
    """Return the files of rooms and all our files that they load, also when called."""
    reached: set[Path] = set()
    waiting = list(files_of(*rooms))
    while waiting:
        path = waiting.pop()
        if path not in reached:
            reached.add(path)
            waiting += files_loaded_by(
                found for found in imports_in(path) if found.moment is not Moment.ONLY_FOR_TYPES
            )
    return reached


def files_loaded_by(imports: Iterable[Import]) -> Iterator[Path]:
    """Yield our files that the imports load, a package's own file before its module's."""
    for found in imports:
        parts = found.module.split(".")
        for length in range(1, len(parts) + 1):
            path = ROOT.joinpath(*parts[:length])
            for file in (path.with_suffix(".py"), path / "__init__.py"):
                if file.is_file():
                    yield file


def _modules(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        assert node.level == 0, "imports are absolute"
        module = node.module or ""
        # "from providers import payments" imports a module, as "import providers.payments" does.
        named = [f"{module}.{alias.name}" for alias in node.names]
        return list({one if _is_module(one) else module for one in named})
    return []


def _is_module(name: str) -> bool:
    path = ROOT / name.replace(".", "/")
    return path.is_dir() or path.with_suffix(".py").is_file()


def _nodes(node: ast.AST, moment: Moment) -> Iterator[tuple[ast.AST, Moment]]:
    for child in ast.iter_child_nodes(node):
        when = moment
        if isinstance(child, ast.If) and ast.unparse(child.test) == "TYPE_CHECKING":
            when = Moment.ONLY_FOR_TYPES
        elif isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            when = Moment.WHEN_CALLED
        yield child, when
        yield from _nodes(child, when)
