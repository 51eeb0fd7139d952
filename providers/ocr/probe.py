"""Whether the embedded engine is there, and whether it reads. Blocking."""

from importlib.util import find_spec
from io import BytesIO

from providers.errors import Unfit
from providers.ocr import TextReader

_PRINTED = "TOTAL 12.30"


def probe_installed() -> str:
    """Look for the engine's packages, which takes no time; raises Unfit if one is missing."""
    missing = [name for name in ("rapidocr", "openvino") if find_spec(name) is None]
    if missing:
        raise Unfit(f"the package {missing[0]} is missing: install requirements.txt")
    return "the embedded engine is installed"


def probe_reading(reader: TextReader) -> str:
    """Let a reader read a small picture; raises Unfit if it finds nothing there."""
    from PIL import Image, ImageDraw

    picture = Image.new("RGB", (640, 200), "white")
    ImageDraw.Draw(picture).text((60, 70), _PRINTED, fill="black", font_size=60)
    file = BytesIO()
    picture.save(file, "PNG")
    read = " ".join(line.text for line in reader.read(file.getvalue()).lines)
    if "12.30" not in read:
        raise Unfit(f"the embedded engine reads {read!r} where {_PRINTED!r} stands")
    return "the embedded engine reads"
