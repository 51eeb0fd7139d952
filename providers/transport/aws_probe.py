"""Whether AWS knows the credentials that boto3 finds; asks nothing that costs. Blocking."""

from contextlib import closing

import boto3

from config import Settings
from providers.transport.aws import ONE_ATTEMPT, aws_errors


def probe_credentials(settings: Settings) -> str:
    """Return whose the credentials are; raises Unauthorized or a retryable error."""
    with aws_errors("AWS: who are we"):
        client = boto3.Session().client("sts", region_name=settings.aws_region, config=ONE_ATTEMPT)
        with closing(client):
            return f"AWS knows us as {client.get_caller_identity()['Arn']}"
