"""The object store against rclone (the local stack's S3), moto (AWS's rules) and broken servers."""

import hashlib
import io
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import boto3
import pytest
from PIL import Image

from config import Settings
from providers.errors import (
    ImageTooLarge,
    InvalidRequest,
    NotAnImage,
    ObjectMissing,
    ProviderError,
    StorageUnavailable,
    Unauthorized,
    UnexpectedAnswer,
)
from providers.object_store.s3 import S3ObjectStore
from tests.providers.conftest import S3_KEY_ID, S3_SECRET, Answer


def png(shade: int = 255) -> bytes:
    """Return a small image that is accepted as a receipt."""
    file = io.BytesIO()
    Image.new("RGB", (40, 60), (shade, shade, shade)).save(file, "PNG")
    return file.getvalue()


@contextmanager
def store_at(endpoint: str, **overrides: object) -> Iterator[S3ObjectStore]:
    """Yield a store on this endpoint, which uses no credentials of this machine."""
    with closing(S3ObjectStore(settings_of(endpoint, **overrides))) as store:
        yield store


def settings_of(endpoint: str, **overrides: object) -> Settings:
    values: dict[str, object] = {
        "s3_endpoint_url": endpoint,
        "s3_access_key_id": S3_KEY_ID,
        "s3_secret_access_key": S3_SECRET,
    }
    return Settings.model_validate(values | overrides)


@pytest.fixture
def store(s3_endpoint: str) -> Iterator[S3ObjectStore]:
    """Yield a store on the real S3 server."""
    with store_at(s3_endpoint) as store:
        yield store


def test_what_was_put_comes_back_under_the_hash_of_its_content(store: S3ObjectStore) -> None:
    data = png()
    key = store.put_receipt(data)
    assert key == f"receipts/{hashlib.sha256(data).hexdigest()}.png"
    assert store.get(key) == data


def test_it_tells_whether_it_holds_an_object(store: S3ObjectStore) -> None:
    key = store.put_receipt(png(77))
    assert store.holds(key)
    assert not store.holds(f"receipts/{'0' * 64}.png")


def test_a_bucket_that_is_not_there_holds_nothing(s3_endpoint: str) -> None:
    with store_at(s3_endpoint, s3_bucket="never-made") as store:
        assert not store.holds("receipts/any.png")


def test_the_same_bytes_twice_are_one_object(store: S3ObjectStore) -> None:
    assert store.put_receipt(png(10)) == store.put_receipt(png(10))
    assert store.put_receipt(png(10)) != store.put_receipt(png(11))


def put_again(store: S3ObjectStore, data: bytes) -> str:
    """Put a receipt, in two attempts, as its step makes them.

    rclone may answer 500 to a put that comes while it makes the bucket's folder.
    """
    with suppress(StorageUnavailable):
        return store.put_receipt(data)
    return store.put_receipt(data)


def test_the_bucket_is_made_once_when_many_need_it_at_the_same_time(s3_endpoint: str) -> None:
    shades = range(8)

    with (
        store_at(s3_endpoint, s3_bucket="raced-for") as store,
        ThreadPoolExecutor(len(shades)) as pool,
    ):
        keys = list(pool.map(partial(put_again, store), map(png, shades)))
        assert [store.get(key) for key in keys] == [png(shade) for shade in shades]


def test_bytes_that_are_no_image_are_refused_before_anything_is_stored(
    store: S3ObjectStore,
) -> None:
    data = b"MZ, surely not a photo"
    with pytest.raises(NotAnImage):
        store.put_receipt(data)
    with pytest.raises(ObjectMissing):
        store.get(f"receipts/{hashlib.sha256(data).hexdigest()}.png")


def test_a_file_over_the_limit_is_refused(s3_endpoint: str) -> None:
    data = png()
    with (
        store_at(s3_endpoint, receipt_max_bytes=len(data) - 1) as store,
        pytest.raises(ImageTooLarge),
    ):
        store.put_receipt(data)


def test_an_object_over_the_limit_is_not_read_into_memory(
    store: S3ObjectStore, s3_endpoint: str
) -> None:
    data = png(20)
    key = store.put_receipt(data)
    with (
        store_at(s3_endpoint, receipt_max_bytes=len(data) - 1) as small,
        pytest.raises(ImageTooLarge, match=f"more than the {len(data) - 1} bytes"),
    ):
        small.get(key)


def test_a_missing_object_and_a_missing_bucket_are_both_object_missing(
    store: S3ObjectStore, s3_endpoint: str
) -> None:
    with pytest.raises(ObjectMissing, match="holds no object receipts/gone"):
        store.get("receipts/gone.png")
    with store_at(s3_endpoint, s3_bucket="never-made") as other, pytest.raises(ObjectMissing):
        other.get("receipts/gone.png")


def test_bytes_that_do_not_match_their_key_are_noticed(
    store: S3ObjectStore, s3_endpoint: str
) -> None:
    key = store.put_receipt(png(30))
    with closing(
        boto3.client(
            "s3",
            endpoint_url=s3_endpoint,
            region_name="us-east-1",
            aws_access_key_id=S3_KEY_ID,
            aws_secret_access_key=S3_SECRET,
        )
    ) as other_client:
        other_client.put_object(Bucket="receipts", Key=key, Body=b"overwritten")
    with pytest.raises(UnexpectedAnswer, match="do not match the hash in its key"):
        store.get(key)


@pytest.mark.parametrize("wrong", ["s3_access_key_id", "s3_secret_access_key"])
def test_wrong_credentials_are_unauthorized_and_not_repeated_in_the_message(
    s3_endpoint: str, wrong: str
) -> None:
    overrides: dict[str, object] = {wrong: "wrong-and-private"}
    with (
        store_at(s3_endpoint, **overrides) as store,
        pytest.raises(Unauthorized, match="check the key id") as caught,
    ):
        store.put_receipt(png())
    assert "wrong-and-private" not in str(caught.value)


def test_a_bucket_name_that_no_store_accepts_is_an_invalid_request(s3_endpoint: str) -> None:
    with store_at(s3_endpoint, s3_bucket="Not a bucket!") as store, pytest.raises(InvalidRequest):
        store.put_receipt(png())


def test_nobody_listening_is_unavailable() -> None:
    with (
        store_at("http://127.0.0.1:1") as store,
        pytest.raises(StorageUnavailable, match=r"127\.0\.0\.1:1"),
    ):
        store.get("receipts/any.png")


def test_amazons_own_endpoint_uses_the_credential_chain(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, "/nonexistent")
    with store_at("aws") as store, pytest.raises(Unauthorized, match="credentials"):
        store.get("receipts/any.png")


@pytest.mark.parametrize("region", ["us-east-1", "eu-central-1"])
def test_the_bucket_is_made_where_aws_would_have_it(region: str) -> None:
    # Imported here: every process of the suite collects this file, and this takes half a second.
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    try:
        host, port = server.get_host_and_port()
        with store_at(f"http://{host}:{port}", s3_region=region, s3_bucket=region) as store:
            assert store.get(store.put_receipt(png())) == png()
    finally:
        server.stop()


def s3_error(code: str) -> bytes:
    """Return an error in the format of S3."""
    return f"<Error><Code>{code}</Code><Message>m</Message></Error>".encode()


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        ((500, {}, s3_error("InternalError")), StorageUnavailable),
        ((502, {}, b"<html>Bad Gateway</html>"), StorageUnavailable),
        ((503, {}, s3_error("SlowDown")), StorageUnavailable),
        ((403, {}, s3_error("AccessDenied")), Unauthorized),
        ((400, {}, s3_error("ExpiredToken")), Unauthorized),
        ((400, {}, s3_error("InvalidArgument")), InvalidRequest),
        ((404, {}, s3_error("NoSuchKey")), ObjectMissing),
        ((200, {"Content-Length": "50"}, b"cut short"), StorageUnavailable),
    ],
)
def test_each_bad_answer_is_an_error_of_the_right_kind(
    answering: Callable[[Answer], str], answer: Answer, kind: type[ProviderError]
) -> None:
    with store_at(answering(answer)) as store, pytest.raises(ProviderError) as caught:
        store.get("receipts/any.png")
    assert type(caught.value) is kind


def test_a_named_wait_is_passed_on(answering: Callable[[Answer], str]) -> None:
    answer = (503, {"Retry-After": "7"}, s3_error("ServiceUnavailable"))
    with store_at(answering(answer)) as store, pytest.raises(StorageUnavailable) as caught:
        store.get("receipts/any.png")
    assert caught.value.retry_after_seconds == 7


@pytest.mark.parametrize(("failures", "attempts", "puts"), [(1, 3, 2), (1, 1, 1)])
def test_a_put_is_tried_as_often_as_the_store_was_told(
    failures: int, attempts: int, puts: int
) -> None:
    seen: list[str] = []

    class Recovering(BaseHTTPRequestHandler):
        def do_PUT(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            seen.append(self.path)
            answer = s3_error("InternalError") if len(seen) <= failures else b""
            self.send_response(500 if answer else 200)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: object) -> None:
            """Keep the tests' output clean."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Recovering) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        settings = settings_of(f"http://127.0.0.1:{server.server_port}")
        with closing(S3ObjectStore(settings, attempts)) as store:
            if puts > failures:
                store.put_receipt(png())
            else:
                with pytest.raises(StorageUnavailable):
                    store.put_receipt(png())
        server.shutdown()
    assert len(seen) == puts
