"""``starter.py demo``: what everybody sees first ends as its table says."""

from tests.end_to_end.terminal import Terminal


def test_every_case_of_the_demo_ends_as_expected(shop: Terminal) -> None:
    demo = shop.starter("demo", "--json")

    assert demo.code == 0, demo
    assert demo.err == ""
    unexpected = [case for case in demo.objects if case["outcome"] != case["expected"]]
    assert unexpected == []
    outcomes = " ".join(case["outcome"] for case in demo.objects)
    for ending in ("completed", "rejected", "payment_failed", "out_of_stock", "cancelled"):
        assert ending in outcomes
    for run in {case["workflow_id"] for case in demo.objects}:
        assert shop.starter("status", run).code == 0
