"""The activities that are defined, those that workflows name, and those that are registered."""

import ast

from temporalio import activity

from activities.audit import AuditActivities
from activities.business_hours import BusinessHoursActivities
from activities.mails import MailActivities
from activities.ocr import OcrActivities
from activities.orders import OrderActivities
from activities.receipts import ReceiptActivities
from bootstrap import Activities
from config import ROOT

ALL_ACTIVITIES = (
    AuditActivities,
    BusinessHoursActivities,
    MailActivities,
    OcrActivities,
    OrderActivities,
    ReceiptActivities,
)


def activities_named_by_workflows() -> set[tuple[str, str]]:
    """Return class and method of every activity that a workflow file names."""
    classes = {owner.__name__ for owner in ALL_ACTIVITIES}
    return {
        (node.value.id, node.attr)
        for path in (ROOT / "workflows").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id in classes
    }


def names_of(activities: Activities) -> set[tuple[str, str]]:
    """Return class and name of activities, as a worker would register them."""
    return {
        (
            type(getattr(method, "__self__", None)).__name__,
            str(activity._Definition.must_from_callable(method).name),
        )
        for method in activities
    }
