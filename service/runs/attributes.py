"""Names in search attributes: hidden where payloads are encrypted, and found nevertheless."""

import re

from temporalio.api.workflow.v1 import WorkflowExecutionInfo
from temporalio.client import Client
from temporalio.common import SearchAttributePair, TypedSearchAttributes
from temporalio.converter import decode_typed_search_attributes

from encryption.codec import pseudonyms_of
from models import is_pseudonym
from workflows.search_attributes import CUSTOMER_ID, MERCHANT, SUBMITTED_BY

_NAMED = re.compile(rf"\b({CUSTOMER_ID.name}|{SUBMITTED_BY.name}) = '([^']*)'")


def hidden(client: Client, attributes: TypedSearchAttributes) -> TypedSearchAttributes:
    """Return the attributes that a run starts with, as Temporal may know them."""
    pseudonyms = pseudonyms_of(client.data_converter)
    if pseudonyms is None:
        return attributes
    pairs = [pair for pair in attributes.search_attributes if pair.key != MERCHANT]
    return TypedSearchAttributes(
        [
            SearchAttributePair(pair.key, pseudonyms.of(pair.value))
            if pair.key in (CUSTOMER_ID, SUBMITTED_BY)
            else pair
            for pair in pairs
        ]
    )


def query_of_hidden(client: Client, query: str) -> str:
    """Return a query that finds the runs of somebody also where a pseudonym stands for them."""
    pseudonyms = pseudonyms_of(client.data_converter)
    if pseudonyms is None:
        return query

    def any_of(found: re.Match[str]) -> str:
        names = ", ".join(f"'{name}'" for name in (found[2], *pseudonyms.all_of(found[2])))
        return f"{found[1]} IN ({names})"

    return _NAMED.sub(any_of, query)


def readable(attributes: TypedSearchAttributes) -> TypedSearchAttributes:
    """Return the attributes that say something to a person."""
    return TypedSearchAttributes(
        [
            pair
            for pair in attributes.search_attributes
            if not (isinstance(pair.value, str) and is_pseudonym(pair.value))
        ]
    )


def customer_as_known(info: WorkflowExecutionInfo) -> str | None:
    """Return whose run it is in Temporal's words: the name, or the pseudonym that hides it.

    Of a pseudonym the pseudonym is itself, so another run can be given what this returns.
    """
    return decode_typed_search_attributes(info.search_attributes).get(CUSTOMER_ID)
