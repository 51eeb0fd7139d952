"""``.ci/install.py``, which ``make`` runs, with the test's own venv and package index."""

import hashlib
import subprocess
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

from config import ROOT

NAMES = [f"part-{number}" for number in range(10)]
NO_HASH = f"--hash=sha256:{'0' * 64}"


@pytest.fixture
def python(tmp_path: Path) -> Path:
    """Return the interpreter of an empty virtual environment."""
    venv.create(tmp_path / "venv", with_pip=False)
    return tmp_path / "venv" / "bin" / "python"


@pytest.fixture
def wheels(tmp_path: Path) -> Path:
    """Return a folder with a small wheel for each name."""
    folder = tmp_path / "wheels"
    folder.mkdir()
    for name in NAMES:
        module = name.replace("-", "_")
        about = {
            "METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n",
            "WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
            "RECORD": "",
        }
        with zipfile.ZipFile(folder / f"{module}-1.0-py3-none-any.whl", "w") as wheel:
            wheel.writestr(f"{module}.py", "")
            for file, text in about.items():
                wheel.writestr(f"{module}-1.0.dist-info/{file}", text)
    return folder


def install(python: Path, wheels: Path, lock: str) -> "subprocess.CompletedProcess[str]":
    (wheels / "lock.txt").write_text(lock)
    return subprocess.run(
        (python, ROOT / ".ci" / "install.py", "lock.txt", "1 MB, a moment"),
        cwd=wheels,
        env={
            "PYTHONPATH": sysconfig.get_path("purelib"),  # has pip
            "PIP_CONFIG_FILE": "/dev/null",
            "PIP_NO_INDEX": "1",
            "PIP_FIND_LINKS": str(wheels),
        },
        capture_output=True,
        text=True,
        check=False,
    )


def test_says_how_much_it_is_and_how_long_it_took(python: Path, wheels: Path) -> None:
    lock = f"elsewhere==1.0 ; sys_platform == 'nowhere' {NO_HASH}\n"
    for name, wheel in zip(NAMES, sorted(wheels.glob("*.whl")), strict=True):
        lock += (
            f"{name}==1.0 \\\n    --hash=sha256:{hashlib.sha256(wheel.read_bytes()).hexdigest()}\n"
        )
        lock += "    # via us\n"

    done = install(python, wheels, lock)

    assert (done.returncode, done.stderr) == (0, "")
    first, *_, last = done.stdout.splitlines()
    assert first == "installing lock.txt, once: 10 packages, 1 MB, a moment"
    assert last.endswith(" s")
    subprocess.run((python, "-c", "import part_0, part_9"), check=True)


def test_a_failure_is_told_in_pips_words(python: Path, wheels: Path) -> None:
    done = install(python, wheels, f"part-0==1.0 {NO_HASH}\n")

    assert done.returncode == 1
    assert "THESE PACKAGES DO NOT MATCH THE HASHES" in done.stderr
    assert "pip failed; all that it said is in " in done.stderr
