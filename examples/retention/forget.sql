-- Delete what was kept long enough, from the records in PostgreSQL, all or nothing:
--
--   psql "$DATABASE_URL" -v before=2017-01-01 -f examples/retention/forget.sql
--
-- Run it as the owner of the tables: workers and server may not delete most of this. "before" must lie
-- further back than Temporal remembers runs (its retention) and than anything that is still open.
-- docs/retention.md says what is no longer known afterwards.
\set ON_ERROR_STOP on

-- A slip of the year would delete everything.
SELECT :'before'::timestamptz > now() - interval '1 month' AS is_recent \gset
\if :is_recent
DO $$ BEGIN RAISE EXCEPTION '"before" must be at least a month ago: nothing was deleted'; END $$;
\endif

BEGIN;

-- Expenses, and what lies beside them.
CREATE TEMPORARY TABLE old_expenses ON COMMIT DROP AS
    SELECT expense_id FROM expenses WHERE created_at < :'before'::timestamptz;
DELETE FROM expense_unconfirmed WHERE expense_id IN (SELECT expense_id FROM old_expenses);
DELETE FROM expense_details WHERE expense_id IN (SELECT expense_id FROM old_expenses);
DELETE FROM confirmed_merchants WHERE expense_id IN (SELECT expense_id FROM old_expenses);
DELETE FROM expense_edits WHERE expense_id IN (SELECT expense_id FROM old_expenses);
DELETE FROM expenses WHERE expense_id IN (SELECT expense_id FROM old_expenses);

-- How orders ended. Their mails stay a month longer, as the audit wants the record of a mail for each
-- order that the archive knows, and an order's mail may leave before its end.
DELETE FROM orders WHERE ended_at < :'before'::timestamptz;
DELETE FROM sent_mails WHERE sent_at < :'before'::timestamptz - interval '1 month';

-- What people did. Of an expense that somebody edited it stays, as the audit wants it in the log.
DELETE FROM action_log
    WHERE at < :'before'::timestamptz AND subject NOT IN (SELECT expense_id FROM expense_edits);

-- Keys that were revoked before.
DELETE FROM access_keys WHERE revoked_at < :'before'::timestamptz;
COMMIT;
