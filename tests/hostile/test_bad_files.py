"""Files that are not receipts: refused at the front door, and failed at once behind it."""

import asyncio
import contextlib
import hashlib
from functools import cache
from pathlib import Path

import boto3
import pytest
from temporalio.client import Client, WorkflowFailureError
from temporalio.exceptions import ApplicationError

from sandbox.stack import Stack
from service.receipts.start import start_receipt, stored_receipt
from tests.hostile import bombs, picture_bombs
from tests.support.terminal import DEADLINE_SECONDS, Terminal, photo

MEMORY_BOUND_MEBIBYTES = 1536
"""The limit in docs/limits.md for the OCR process, the worker's largest."""


@cache
def refused() -> dict[str, tuple[bytes, str]]:
    """Return files that a person might submit, by name, and what the refusal says."""
    return {
        "empty.jpg": (b"", "the file is empty"),
        "notes.jpg": (b"no picture at all", "the file starts with 'no pictu'"),
        "page.png": (b"<html><body>404</body></html>", "the file starts with '<html><b'"),
        "program.jpg": (b"\x7fELF\x02\x01\x01", "the file starts with"),
        "cut.jpg": (Path(photo("grocery")).read_bytes()[:20_000], "is cut off after 20,000 bytes"),
        "wide.png": (bombs.png(20_000, 20_000), "more pixels than the 50,000,000"),
        "vast.jpg": (bombs.jpeg_of_65535_squared(), "more pixels than the 50,000,000"),
        "vast.tif": (bombs.tiff_of_many_pixels(60_000, 60_000), "more pixels than the 50,000,000"),
        "large.tif": (bombs.tiff_of_many_pixels(9_000, 9_000), "at most 50,000,000 are allowed"),
        "fat.png": (bytes(20_000_001), "at most 20,000,000 are allowed"),
        "exif.jpg": (_bomb("exif-segments.jpg"), "the JPEG file has more than the 1,000 segments"),
        "items.avif": (_bomb("items.avif"), "the AVIF file has more than the 4,000 parts"),
        "long.pdf": (bombs.pdf_of_pages(100), "100 pages; at most 50 are allowed"),
        "locked.pdf": (bombs.locked_pdf(), "is encrypted; save it without a password"),
        "picture.pdf": (bombs.pdf_with_picture(30_000, 30_000), "a picture of 30000 x 30000"),
        "unfolds.pdf": (bombs.pdf_that_unpacks(1024), "unpacks to more than 1024 MiB"),
    }


@cache
def past_the_door() -> dict[str, tuple[bytes | None, str]]:
    """Return the same for the bucket itself, and the error type that the run must fail with."""
    return {
        "text": (b"no picture at all", "NotAnImage"),
        "cut": (Path(photo("grocery")).read_bytes()[:20_000], "NotAnImage"),
        "header-only": (bombs.png(100, 100, cut=True), "NotAnImage"),
        "one-byte": (bombs.tiff_of_many_pixels(600, 600), "NotAnImage"),
        "wide": (bombs.png(20_000, 20_000), "ImageTooLarge"),
        "vast": (bombs.jpeg_of_65535_squared(), "ImageTooLarge"),
        "fat": (bytes(20_000_001), "ImageTooLarge"),
        "items": (_bomb("items.avif"), "ImageTooLarge"),
        "long": (bombs.pdf_of_pages(100), "ImageTooLarge"),
        "locked": (bombs.locked_pdf(), "NotAnImage"),
        "unfolds": (bombs.pdf_that_unpacks(1024), "NotAnImage"),
        "missing": (None, "ObjectMissing"),
    }


def _bomb(name: str) -> bytes:
    return picture_bombs.all_of_them()[name]


def stored_objects(stack: Stack) -> set[Path]:
    """Return the files of the bucket."""
    folder = stack.settings.state_dir / "s3" / stack.settings.s3_bucket
    return {file for file in folder.rglob("*") if file.is_file()}


def test_nothing_of_a_bad_file_gets_past_the_front_door(shop: Terminal, tmp_path: Path) -> None:
    files = []
    for name, (content, _) in refused().items():
        files.append(tmp_path / name)
        files[-1].write_bytes(content)
    folder = tmp_path / "folder.jpg"
    folder.mkdir()
    strange = tmp_path / "a\nname\x1b[31m.jpg"
    odd_names = [str(folder), str(strange), "\udcff.jpg", "/proc/self/mem"]
    before = stored_objects(shop.stack)

    answer = shop.starter("receipt", *map(str, files), *odd_names, "--user", "mallory", "--json")

    assert answer.code == 2
    assert stored_objects(shop.stack) == before
    said = {Path(refusal["file"]).name: refusal["error"] for refusal in answer.objects}
    assert len(said) == len(refused()) + len(odd_names)
    for name, (_, complaint) in refused().items():
        assert complaint in said[name], name
    assert "Traceback" not in answer.err
    assert answer.err.count("\n") == len(said), "one line for each file"
    assert "\x1b" not in answer.err


@pytest.mark.parametrize("user", ["../eve", ""])
def test_a_path_is_refused_as_a_user_id(shop: Terminal, user: str) -> None:
    answer = shop.starter("receipt", photo("grocery"), f"--user={user}")

    assert (answer.code, answer.out) == (2, "")
    assert answer.err.startswith("error: --user is ")
    assert answer.err.count("\n") == 1


async def test_a_bad_file_behind_the_front_door_fails_at_once_and_harms_no_worker(
    shop: Terminal,
) -> None:
    stack, client = shop.stack, await shop.connect()
    processes = _descendants(stack.pid("worker"))

    failures = await asyncio.gather(
        *(
            failure_of(client, stack, name, content)
            for name, (content, _) in past_the_door().items()
        )
    )
    largest = await start(client, stack, "largest", bombs.webp_of_50_megapixels())
    await asyncio.to_thread(shop.until, largest, status="needs_review")

    assert failures == [(kind, 1) for _, kind in past_the_door().values()]
    assert _descendants(stack.pid("worker")) >= processes, "no process died"
    peaks = [_peak_mebibytes(pid) for pid in processes]
    assert max(peaks) < MEMORY_BOUND_MEBIBYTES


async def failure_of(
    client: Client, stack: Stack, name: str, content: bytes | None
) -> tuple[str | None, int]:
    """Run a receipt that must fail; return the error type and the number of OCR attempts."""
    handle = client.get_workflow_handle(await start(client, stack, name, content))
    with pytest.raises(WorkflowFailureError) as failed:
        async with asyncio.timeout(DEADLINE_SECONDS):
            await handle.result()
    assert isinstance(failed.value.cause, ApplicationError)
    history = await handle.fetch_history()
    attempts = [
        event.activity_task_started_event_attributes.attempt
        for event in history.events
        if event.HasField("activity_task_started_event_attributes")
    ]
    return failed.value.cause.type, max(attempts)


async def start(client: Client, stack: Stack, name: str, content: bytes | None) -> str:
    """Put an object into the bucket without any check, start its run, and return its id."""
    settings = stack.settings
    key = f"receipts/{hashlib.sha256(content or name.encode()).hexdigest()}.png"
    if content is not None:
        assert settings.s3_access_key_id
        assert settings.s3_secret_access_key
        bucket = boto3.resource(
            "s3",
            endpoint_url=settings.s3_endpoint_url,
            aws_access_key_id=settings.s3_access_key_id.get_secret_value(),
            aws_secret_access_key=settings.s3_secret_access_key.get_secret_value(),
        ).Bucket(settings.s3_bucket)
        with contextlib.suppress(bucket.meta.client.exceptions.BucketAlreadyExists):
            await asyncio.to_thread(bucket.create)
        await asyncio.to_thread(bucket.put_object, Key=key, Body=content)
    receipt = stored_receipt(key, "mallory", notify_email=None)
    return (await start_receipt(client, receipt, settings.task_queue)).workflow_id


def _descendants(pid: int) -> set[int]:
    """Return the ids of a process and its descendants (proc(5), Linux)."""
    found = {pid}
    for task in Path(f"/proc/{pid}/task").iterdir():
        for child in (task / "children").read_text().split():
            found |= _descendants(int(child))
    return found


def _peak_mebibytes(pid: int) -> int:
    """Return the peak resident memory of a process (proc(5), Linux)."""
    status = Path(f"/proc/{pid}/status").read_text().splitlines()
    (peak,) = (line.split()[1] for line in status if line.startswith("VmHWM"))
    return int(peak) // 1024
