"""Pictures of few pixels and very many parts, each a complete file that any viewer would open."""

import io
import struct
import zlib
from functools import cache

from PIL import Image

MANY = 200_000


@cache
def all_of_them() -> dict[str, bytes]:
    """Return the pictures by name; the extension is that of their kind."""
    return {
        "exif-segments.jpg": jpeg(_segment(0xE1, b"Exif\0\0MM\0*\0\0\0\x08")),
        "comment-segments.jpg": jpeg(_segment(0xFE, b"")),
        "fill-bytes.jpg": jpeg(b"\xff" * 50),
        "filler.jpg": jpeg(b"\xff\0" * 40),
        "scans.jpg": jpeg_of_scans(300),
        "chunks.png": png(_chunk(b"teXt", b"a\0b"), MANY),
        "pieces.png": png(_chunk(b"IDAT", b""), MANY),
        "profiles.png": png(_chunk(b"iCCP", b"a\0\0" + zlib.compress(bytes(1_000_000), 9)), 9_000),
        "comments.gif": gif(b"!\xfe\x01a\0", MANY),
        "filler.gif": gif(b"\0" * 50, MANY),
        "long-comment.gif": gif(b"!\xfe" + b"\xff" * (256 * 50_000) + b"\0", 1),
        "entries.tif": tiff_of_entries(60_000),
        "strips.tif": tiff_of_strips(2_000_000),
        "chunks.webp": webp(_riff(b"JUNK", b""), MANY),
        "frames.webp": webp_of_frames(),
        "boxes.avif": _encoded("AVIF") + box(b"free", b"") * MANY,
        "boxes.heic": _encoded("HEIF") + box(b"free", b"") * MANY,
        "items.heic": isobmff_of_items(b"heic", 65_000),
        "items.avif": isobmff_of_items(b"avif", 65_000),
        "boxes.jp2": jp2(b"", box(b"free", b"") * MANY),
        "header-boxes.jp2": jp2(box(b"free", b"") * MANY, b""),
        "tiles.jp2": j2k_of_tiles(6_000, 1),
    }


def jpeg(segment: bytes) -> bytes:
    """Return a JPEG with one segment many times before its picture."""
    whole = _encoded("JPEG")
    return whole[:2] + segment * MANY + whole[2:]


def jpeg_of_scans(count: int) -> bytes:
    """Return a progressive JPEG whose last scan is there many times."""
    file = io.BytesIO()
    Image.new("RGB", (7_000, 7_000), "white").save(file, "JPEG", progressive=True, quality=30)
    whole = file.getvalue()
    last = whole.rindex(b"\xff\xda")
    return whole[:-2] + whole[last:-2] * count + whole[-2:]


def png(chunk: bytes, count: int) -> bytes:
    """Return a PNG with one chunk many times before its pixels."""
    whole = _encoded("PNG")
    return whole[:33] + chunk * count + whole[33:]


def gif(block: bytes, count: int) -> bytes:
    """Return a GIF with one block many times before its picture."""
    whole = _encoded("GIF")
    start = whole.index(b",", 13 + 3 * 2 ** ((whole[10] & 7) + 1))
    return whole[:start] + block * count + whole[start:]


def tiff_of_directories(count: int) -> bytes:
    """Return a TIFF of a page and many empty directories behind it."""
    whole = _encoded("TIFF")
    (start,) = struct.unpack_from("<I", whole, 4)
    (entries,) = struct.unpack_from("<H", whole, start)
    following = start + 2 + 12 * entries
    places = (len(whole) + 6 * (number + 1) for number in range(count))
    behind = b"".join(struct.pack("<HI", 0, place) for place in places)
    return whole[:following] + struct.pack("<I", len(whole)) + whole[following + 4 :] + behind


def tiff_of_entries(count: int) -> bytes:
    """Return a TIFF whose directory has many entries of half the file each."""
    half = 4_000_000
    head = [(256, 8), (257, 8), (258, 8), (259, 1), (262, 1), (273, 8), (278, 8), (279, 64)]
    entries = b"".join(struct.pack("<HHII", tag, 4, 1, value) for tag, value in head)
    many = b"".join(
        struct.pack("<HHII", 1_000 + number, 7, half, 8) for number in range(count - len(head))
    )
    return b"II*\0" + struct.pack("<IH", 8, count) + entries + many + b"\0\0\0\0" + bytes(half)


def tiff_of_strips(count: int) -> bytes:
    """Return a TIFF that has its strips' places twice over, one for each pixel."""
    lists = 8 + 2 + 12 * 9 + 4
    entries = (
        *((256, 4, 1, 1), (257, 4, 1, count), (258, 3, 1, 8), (259, 3, 1, 1), (262, 3, 1, 1)),
        *((273, 4, count, lists), (277, 3, 1, 1), (278, 4, 1, 1)),
        (279, 4, count, lists + 4 * count),
    )
    return (
        b"II*\0"
        + struct.pack("<IH", 8, len(entries))
        + b"".join(struct.pack("<HHII", *entry) for entry in entries)
        + b"\0\0\0\0"
        + struct.pack("<I", 8) * count
        + struct.pack("<I", 1) * count
    )


def webp(chunk: bytes, count: int) -> bytes:
    """Return a WebP with one chunk many times behind its picture."""
    picture = _encoded("WEBP")[12:]
    extended = _riff(b"VP8X", bytes(4) + (59).to_bytes(3, "little") + (39).to_bytes(3, "little"))
    body = b"WEBP" + extended + picture + chunk * count
    return b"RIFF" + struct.pack("<I", len(body)) + body


def webp_of_frames() -> bytes:
    """Return a WebP that moves, of very many frames of one pixel."""
    pixel = _encoded("WEBP", Image.new("RGB", (1, 1)))[12:]
    frame = _riff(b"ANMF", bytes(12) + b"\1\0\0\0" + pixel)
    extended = _riff(b"VP8X", b"\2\0\0\0" + (59).to_bytes(3, "little") + (39).to_bytes(3, "little"))
    body = b"WEBP" + extended + _riff(b"ANIM", bytes(6)) + frame * (MANY // 2)
    return b"RIFF" + struct.pack("<I", len(body)) + body


def isobmff_of_items(brand: bytes, count: int) -> bytes:
    """Return a file of very many pictures that are derived from each other."""
    entries = b"".join(
        box(b"infe", b"\2\0\0\0" + struct.pack(">HH4s", number, 0, b"iden") + b"\0")
        for number in range(1, count + 1)
    )
    places = b"".join(struct.pack(">HHHH", number, 0, 0, 0) for number in range(1, count + 1))
    refers = b"".join(
        box(b"dimg", struct.pack(">HHH", number, 1, number % count + 1))
        for number in range(1, count + 1)
    )
    meta = (
        bytes(4)
        + box(b"hdlr", bytes(8) + b"pict" + bytes(13))
        + box(b"pitm", bytes(4) + b"\0\1")
        + box(b"iloc", b"\1\0\0\0" + b"\0\0" + struct.pack(">H", count) + places)
        + box(b"iinf", bytes(4) + struct.pack(">H", count) + entries)
        + box(b"iref", bytes(4) + refers)
    )
    return box(b"ftyp", brand + bytes(4) + b"mif1" + brand) + box(b"meta", meta)


def jp2(in_header: bytes, behind: bytes) -> bytes:
    """Return a JPEG 2000 file with more boxes in its header and behind it."""
    whole = _encoded("JPEG2000")
    start = whole.index(b"jp2h") - 4
    size = int.from_bytes(whole[start : start + 4], "big")
    header = box(b"jp2h", in_header + whole[start + 8 : start + size])
    return whole[:start] + behind + header + whole[start + size :]


def j2k_of_tiles(side: int, tile: int) -> bytes:
    """Return a JPEG 2000 stream whose header claims tiles of that many pixels a side."""
    siz = struct.pack(">HIIIIIIIIH", 0, side, side, 0, 0, tile, tile, 0, 0, 1) + b"\7\1\1"
    cod = b"\0\0\0\1\0" + b"\0\4\4\0\1"
    qcd = b"\x40\x40"
    part = b"\xff\x90\0\x0a" + struct.pack(">HIBB", 0, 0, 0, 1) + b"\xff\x93" + bytes(40)
    parts = ((0x51, siz), (0x52, cod), (0x5C, qcd))
    head = b"".join(b"\xff" + bytes([m]) + struct.pack(">H", len(b) + 2) + b for m, b in parts)
    return b"\xff\x4f" + head + part + b"\xff\xd9"


def _encoded(form: str, image: Image.Image | None = None) -> bytes:
    if form == "HEIF":
        import pillow_heif

        pillow_heif.register_heif_opener()
    file = io.BytesIO()
    (image or Image.new("RGB", (60, 40), "white")).save(file, form)
    return file.getvalue()


def _segment(marker: int, body: bytes) -> bytes:
    return bytes((0xFF, marker)) + struct.pack(">H", len(body) + 2) + body


def _chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def _riff(name: bytes, body: bytes) -> bytes:
    return name + struct.pack("<I", len(body)) + body + b"\0" * (len(body) % 2)


def box(name: bytes, body: bytes) -> bytes:
    """Return a box of an ISO base media file."""
    return struct.pack(">I4s", 8 + len(body), name) + body
