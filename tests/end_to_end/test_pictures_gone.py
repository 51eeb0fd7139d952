"""Pictures that a rule of the bucket has deleted: each command says so, and a person can go on."""

import zipfile
from contextlib import closing
from pathlib import Path

from bootstrap import object_store
from tests.support.pdf_files import cafe_receipt, printed_pdf
from tests.support.terminal import Terminal

GENE = ("--user", "gene")
NO_TOTAL = printed_pdf([("Corner Cafe", ""), ("Main Street 7", ""), ("04.03.2026", "")])


def submitted(shop: Terminal, file: Path, data: bytes) -> str:
    """Submit a receipt of gene's; return its workflow id."""
    file.write_bytes(data)
    workflow_id: str = shop.starter("receipt", str(file), *GENE, "--json").object["workflow_id"]
    return workflow_id


def lose(shop: Terminal, workflow_id: str) -> str:
    """Delete the picture of a receipt, as a rule of the bucket does; return its key."""
    key: str = shop.state(workflow_id)["object_key"]
    with closing(object_store(shop.stack.settings)) as store:
        store.delete(key)
    return key


def test_a_receipt_whose_picture_is_gone_is_reviewed_and_exported_all_the_same(
    shop: Terminal, tmp_path: Path
) -> None:
    done = submitted(shop, tmp_path / "done.pdf", cafe_receipt(4_711))
    assert shop.result(done)["total_cents"] == 4_711
    asked = submitted(shop, tmp_path / "asked.pdf", NO_TOTAL)
    shop.until(asked, status="needs_review")
    lose(shop, done)
    key = lose(shop, asked)
    gone = f"the receipt's file is gone: bucket receipts holds no object {key}"

    shown = shop.starter("show", asked)
    assert (shown.code, shown.err) == (2, f"error: {gone}\n")

    walked = shop.starter("review", *GENE, "--by", "ada", stdin="EUR\n12.30\n\n\n")
    assert (walked.code, walked.out) == (0, f"{asked}: 12.30 EUR, goes on\n"), walked
    assert f"picture  none: {gone}\n" in walked.err
    assert "merchant | Corner Cafe" in walked.err
    assert shop.result(asked)["total_cents"] == 1_230

    archive = tmp_path / "gene.zip"
    export = ("--format", "zip", "--output", str(archive))
    exported = shop.starter("expenses", *GENE, *export)
    assert exported.code == 0, exported
    assert exported.err.count("is not in the bucket any more\n") == 2
    with zipfile.ZipFile(archive) as zipped:
        assert zipped.namelist() == ["expenses.csv"]
    audited = shop.starter("audit", "--json").objects
    assert not [one for one in audited if asked in one.get("about", "")]


def test_a_receipt_whose_picture_is_gone_is_not_tried_again(shop: Terminal, tmp_path: Path) -> None:
    asked = submitted(shop, tmp_path / "asked.pdf", NO_TOTAL + b"\n")
    shop.until(asked, status="needs_review")
    key = lose(shop, asked)
    assert shop.starter("cancel", asked).code == 0
    assert shop.closed_as(asked) == "CANCELED"

    refused = shop.starter("retry", asked)

    assert refused.code != 0
    assert refused.err == (
        f"error: {asked} cannot be tried again: the bucket has no {key} any more\n"
    )
    again = submitted(shop, tmp_path / "asked.pdf", NO_TOTAL + b"\n")
    assert again == asked
    shop.until(asked, status="needs_review")
    assert shop.starter("cancel", asked).code == 0
