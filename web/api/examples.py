"""Examples for the OpenAPI document, which also shows them to whoever reads ``/docs``."""

from typing import Any

ORDER_ID = "order-7"
RECEIPT_ID = "ada-3f9a0c77d1e25b84"
EXPENSE_ID = "8f14e45fceea167a"
RUN_ID = "0199a3c1-5f0e-7c1b-9d0a-2b9f6f0f5a11"
STARTED = "2026-03-14T09:26:53Z"

ORDER = {
    "orderId": "7",
    "customerId": "ada",
    "customerEmail": "ada@example.com",
    "paymentToken": "pm_card_visa",
    "currency": "USD",
    "items": [{"sku": "mug", "quantity": 2, "unitPriceCents": 1450}],
}

_RUN = {"runId": RUN_ID, "status": "processing", "joined": False}
_ACCEPTED_ORDER = {**_RUN, "instanceId": ORDER_ID, "orderId": "7"}
_ACCEPTED_RECEIPT = {**_RUN, "receiptId": RECEIPT_ID, "file": "lunch.jpg"}
_REFUSED_FILE = {"status": "refused", "detail": "it is no picture and no PDF", "file": "notes.txt"}

_STANDING: dict[str, Any] = {
    "runId": RUN_ID,
    "waitingUntil": "2026-03-15T09:26:53Z",
    "reason": None,
    "startedAt": STARTED,
    "elapsedSeconds": 12.5,
    "attempts": [],
}
_DETAILS = {
    "taxCents": 184,
    "tipCents": None,
    "taxRows": [{"ratePercent": "19", "netCents": 966, "taxCents": 184, "grossCents": 1150}],
    "paymentMethod": "card",
    "items": [
        {"description": "Flat white", "quantity": "2", "unitPriceCents": 350, "cents": 700},
        {"description": "Scone", "quantity": None, "unitPriceCents": None, "cents": 450},
    ],
}
_EXPENSE = {
    "expenseId": EXPENSE_ID,
    "receiptId": RECEIPT_ID,
    "userId": "ada",
    "merchant": "Corner Cafe",
    "totalCents": 1150,
    "currency": "EUR",
    "date": "2026-03-04",
    "correctedBy": None,
    "createdAt": STARTED,
    **_DETAILS,
}
_LISTED = {
    "instanceId": ORDER_ID,
    "runId": RUN_ID,
    "status": "awaiting_approval",
    "customerId": "ada",
    "totalCents": 60000,
    "currency": "USD",
    "merchant": None,
    "startedAt": STARTED,
    "closedAt": None,
}

EXAMPLES: dict[str, dict[str, Any]] = {
    "AcceptedOrder": _ACCEPTED_ORDER,
    "AcceptedReceipt": _ACCEPTED_RECEIPT,
    "AcceptedReceipts": {"receipts": [_ACCEPTED_RECEIPT, _REFUSED_FILE]},
    "Order": {
        **_STANDING,
        "instanceId": ORDER_ID,
        "orderId": "7",
        "tryNumber": 1,
        "status": "awaiting_approval",
        "step": "approval",
        "paused": False,
        "waitingFor": "an approval of 600.00 USD",
        "totalCents": 60000,
        "currency": "USD",
        "total": "600.00 USD",
        "approval": None,
        "cancelRefused": None,
        "customerTold": False,
        "submittedBy": "shop",
        "transactionId": None,
        "reservationId": None,
        "shipmentId": None,
        "refundId": None,
        "owed": [],
    },
    "Receipt": {
        **_STANDING,
        "receiptId": RECEIPT_ID,
        "instanceId": f"receipt-{RECEIPT_ID}",
        "userId": "ada",
        "status": "needs_review",
        "step": "fields",
        "waitingFor": "a correction by a person",
        "fields": {
            "merchant": "Corner Cafe",
            "totalCents": None,
            "currency": "EUR",
            "date": "2026-03-04",
            "parser": "rules",
            "doubts": ["no total was found"],
            "candidates": {"total": ["4.50", "11.50"]},
            **_DETAILS,
        },
        "correctedBy": None,
        "expenseId": None,
        "expenseChange": None,
        "userTold": False,
    },
    "RetryAnswer": {
        "tryNumber": 2,
        "effects": [
            {"effect": "charge", "plan": "renew", "words": "the card is charged 600.00 USD again"}
        ],
        "started": _ACCEPTED_ORDER,
    },
    "Page": {"items": [_LISTED], "nextCursor": None},
    "Expense": _EXPENSE,
    "Expenses": {"items": [_EXPENSE], "nextCursor": None},
    "Health": {"status": "ok", "parts": {"temporal": "ok", "database": "ok"}},
    "DecisionBody": {"reason": "a customer of many years"},
    "RetryBody": {"paymentToken": "pm_card_mastercard", "dryRun": True},
    "CorrectionBody": {"total": "11.50", "currency": "EUR"},
    "ProblemDetails": {
        "type": "about:blank",
        "title": "Not Found",
        "status": 404,
        "detail": "there is no order 'order-7'",
        "instance": "/orders/order-7",
    },
}
"""By the name of the model that each is of."""
