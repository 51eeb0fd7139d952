"""Parse receipts with AWS Textract's expense analysis, which reads the picture.

Textract returns values as printed, in any notation. So they are parsed by the same rules as OCR
text, and checked against the OCR text like a language model's answer.
https://docs.aws.amazon.com/textract/latest/dg/expensedocuments.html
"""

import asyncio
import json
from collections.abc import Sequence
from typing import TYPE_CHECKING

import boto3

from config import Settings
from models import ReceiptFields, ReceiptText
from providers.object_store import ObjectStore
from providers.receipt_parser.pictures import ReceiptPictures
from providers.receipt_parser.reading import InProcess, Question, TextReading, fields_by
from providers.transport.aws import ONE_ATTEMPT, aws_errors

if TYPE_CHECKING:
    from mypy_boto3_textract import TextractClient
    from mypy_boto3_textract.type_defs import ExpenseDocumentTypeDef


class TextractExpenseParser:
    """``ReceiptParser`` on AWS Textract; one request per page.

    boto3 finds the credentials (its default chain).
    """

    is_metered = True

    def __init__(
        self, settings: Settings, store: ObjectStore, reading: TextReading | None = None
    ) -> None:
        with aws_errors("Textract: set up"):
            self._client: TextractClient = boto3.Session().client(
                "textract", region_name=settings.aws_region, config=ONE_ATTEMPT
            )
        self._pictures = ReceiptPictures(store, settings)
        self._reading = reading or InProcess(settings)

    async def parse(self, text: ReceiptText, known_merchants: Sequence[str] = ()) -> ReceiptFields:
        """Return the fields; see ``ReceiptParser.parse``.

        Also raises the errors of fetching the picture: ObjectMissing, NotAnImage, ImageTooLarge
        and InvalidRequest.
        """
        documents = await asyncio.to_thread(self._analyze, text)
        # As JSON, which is what came.
        plain = json.loads(json.dumps(documents, default=str))
        question = Question.model_validate(
            {
                "what": "textract",
                "text": text,
                "documents": plain,
                "known_merchants": tuple(known_merchants),
            }
        )
        return await fields_by(self._reading, question)

    def close(self) -> None:
        """Close the connections to Textract."""
        self._client.close()

    def _analyze(self, text: ReceiptText) -> list[tuple[int, "ExpenseDocumentTypeDef"]]:
        """Return Textract's documents, each with the number of its page from 0."""
        found = []
        for number, jpeg in enumerate(self._pictures.pages(text)):
            with aws_errors("Textract: analyze a receipt"):
                answer = self._client.analyze_expense(Document={"Bytes": jpeg})
            found += [(number, document) for document in answer.get("ExpenseDocuments", [])]
        return found
