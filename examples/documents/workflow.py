"""Pages are read and indexed side by side; when all of them are, the owner is told."""

import asyncio

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from activities.mails import MailActivities
    from activities.ocr import OcrActivities
    from examples.documents.index import Document, PageIndex
    from models import Mail
    from workflows.identity import idempotency_key, ocr_task_queue
    from workflows.shared.step import Step


@workflow.defn
class DocumentWorkflow:
    """Makes one stored document searchable and tells its owner, once.

    - Workflow id ``document-<hash of content and owner>``; input and result ``Document``.
    - A step that fails for good fails the run; pages that were indexed by then stay.
    - A cancel lets the attempts that run finish, and nobody is told.
    """

    @workflow.run
    async def run(self, document: Document) -> Document:
        """Run all steps; see the class for the contract."""
        await asyncio.gather(*(self._index(document, page) for page in range(document.pages)))
        key, news = idempotency_key("tell"), f"{document.title} can be searched"
        mail = Mail(idempotency_key=key, to=document.owner, subject=news, body=f"{news} now.\n")
        await Step(MailActivities.send_mail, mail, f"mail, key {key}").run()
        return document

    async def _index(self, document: Document, number: int) -> None:
        page, name = document.model_copy(update={"page": number}), f"page {number + 1}"
        ocr = ocr_task_queue(workflow.info().task_queue)
        read = await Step(OcrActivities.extract_text, page, f"read {name}", ocr).run()
        page = page.model_copy(update={"text": " ".join(line.text for line in read.lines)})
        await Step(PageIndex.index_page, page, f"index {name}").run()
