"""Beside make dev: python -m examples.documents index FILE.pdf MAIL, then: search WORDS."""

import asyncio
import sys
from hashlib import sha256
from pathlib import Path

from temporalio.common import WorkflowIDConflictPolicy

from bootstrap import object_store, provider_activities
from client import connect
from config import Settings, load_settings
from examples.documents.index import Document, PageIndex
from examples.documents.workflow import DocumentWorkflow
from lifecycle import leave
from providers.files.documents import count_pages
from worker import build_ocr_worker, build_worker


async def make_searchable(file: Path, owner: str, index: PageIndex, settings: Settings) -> None:
    """Store the file, start its run or join it, and serve both task queues until it is done."""
    data, queue = await asyncio.to_thread(file.read_bytes), settings.task_queue
    key, pages = object_store(settings).put_receipt(data), count_pages(data, settings)
    document = Document(object_key=key, title=file.name, pages=pages, owner=owner)
    client = await connect(settings)
    async with provider_activities(settings) as others:
        steps = [*others, index.index_page]
        worker = build_worker(client, queue, activities=steps, workflows=[DocumentWorkflow])
        async with worker, build_ocr_worker(client, settings):
            await client.execute_workflow(
                DocumentWorkflow.run,
                document,
                id=f"document-{sha256(f'{key} {owner}'.encode()).hexdigest()[:16]}",
                task_queue=queue,
                id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
            )
    sys.stdout.write(f"{file.name} can be searched, and {owner} was told\n")


if __name__ == "__main__":
    ours = {"task_queue": "documents", "s3_bucket": "documents", "receipt_max_pages": 100}
    settings = load_settings().model_copy(update=ours)
    index = PageIndex(settings.state_dir / "documents.db")
    match sys.argv[1:]:
        case ["index", file, owner]:
            asyncio.run(make_searchable(Path(file), owner, index, settings))
        case ["search", *words] if words:
            for title, page, excerpt in index.search(" ".join(words)):
                sys.stdout.write(f"{title}, page {page + 1}: {excerpt}\n")
        case _:
            sys.exit(__doc__)
    leave(0)
