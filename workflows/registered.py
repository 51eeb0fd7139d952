"""All workflows: what a worker serves and what is replayed before a deploy are the same."""

from workflows.audit.workflow import AuditWorkflow
from workflows.mail.workflow import MailWorkflow
from workflows.order.workflow import OrderWorkflow
from workflows.receipt.workflow import ReceiptWorkflow

WORKFLOWS = (OrderWorkflow, ReceiptWorkflow, MailWorkflow, AuditWorkflow)
