CREATE TABLE access_keys (
    id character varying(12) NOT NULL,
    name character varying(64) NOT NULL,
    role character varying(32) NOT NULL,
    secret_digest character varying(64) NOT NULL,
    created_at timestamp with time zone NOT NULL,
    revoked_at timestamp with time zone
);
CREATE TABLE action_log (
    id bigint NOT NULL,
    at timestamp with time zone NOT NULL,
    who character varying(500) NOT NULL,
    channel character varying(32) NOT NULL,
    action character varying(32) NOT NULL,
    subject character varying(1000) NOT NULL,
    before json,
    after json,
    outcome character varying(1000) NOT NULL,
    asked_id bigint
);
ALTER TABLE action_log ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME action_log_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE confirmed_merchants (
    expense_id character varying(20) NOT NULL
);
CREATE TABLE ended_sessions (
    id character varying(64) NOT NULL,
    ended_at timestamp with time zone NOT NULL
);
CREATE TABLE expense_details (
    expense_id character varying(20) NOT NULL,
    details json NOT NULL
);
CREATE TABLE expense_edits (
    expense_id character varying(20) NOT NULL,
    merchant character varying(200),
    total_cents bigint NOT NULL,
    currency character varying(3) NOT NULL,
    date date,
    is_deleted boolean NOT NULL,
    edited_by character varying(500) NOT NULL,
    edited_at timestamp with time zone NOT NULL
);
CREATE TABLE expense_unconfirmed (
    expense_id character varying(20) NOT NULL,
    unconfirmed character varying(500) NOT NULL
);
CREATE TABLE expenses (
    expense_id character varying(20) NOT NULL,
    receipt_id character varying(64) NOT NULL,
    user_id character varying(64) NOT NULL,
    merchant character varying(200),
    total_cents bigint NOT NULL,
    currency character varying(3) NOT NULL,
    date date,
    parser character varying(64) NOT NULL,
    corrected_by character varying(500),
    object_key character varying(512) NOT NULL,
    created_at timestamp with time zone NOT NULL
);
CREATE TABLE orders (
    order_id character varying(64) NOT NULL,
    customer_id character varying(64) NOT NULL,
    status character varying(32) NOT NULL,
    total_cents bigint NOT NULL,
    currency character varying(3) NOT NULL,
    try_number integer NOT NULL,
    workflow_id character varying(255) NOT NULL,
    run_id character varying(64) NOT NULL,
    first_run_id character varying(64) NOT NULL,
    started_at timestamp with time zone NOT NULL,
    ended_at timestamp with time zone NOT NULL,
    token_digests text NOT NULL,
    content json NOT NULL,
    outcome json NOT NULL
);
CREATE TABLE sent_mails (
    idempotency_key character varying(512) NOT NULL,
    message_id character varying(512) NOT NULL,
    sent_at timestamp with time zone NOT NULL
);
INSERT INTO access_keys VALUES ('aaaaaaaaaaaa', 'ada', 'approve', 'abababababababababababababababababababababababababababababababab', '2026-01-05 12:00:00.123456+00', NULL);
INSERT INTO access_keys VALUES ('bbbbbbbbbbbb', 'bob', 'approve', 'abababababababababababababababababababababababababababababababab', '2026-01-05 12:00:00.123456+00', '2026-01-05 12:00:00.123456+00');
INSERT INTO action_log OVERRIDING SYSTEM VALUE VALUES (1, '2026-01-05 12:00:00.123456+00', 'ada', 'http', 'correct', 'receipt-ada-1', '{"total_cents": 1230, "merchant": "Caf\u00e9 \"x\""}', NULL, 'asked', NULL);
INSERT INTO action_log OVERRIDING SYSTEM VALUE VALUES (2, '2026-01-05 12:00:00.123456+00', 'ada', 'http', 'correct', 'receipt-ada-1', NULL, '[]', 'done', 1);
INSERT INTO confirmed_merchants VALUES ('exp_85c710b082731909');
INSERT INTO ended_sessions VALUES ('s1', '2026-01-05 12:00:00.123456+00');
INSERT INTO expense_details VALUES ('exp_85c710b082731909', '{"payment_method": "card"}');
INSERT INTO expense_edits VALUES ('exp_85c710b082731909', 'Café Łódź 茶', 7, 'EUR', '2026-02-28', false, 'olga', '2026-03-01 12:00:00+00');
INSERT INTO expense_unconfirmed VALUES ('exp_85c710b082731909', 'merchant');
INSERT INTO expenses VALUES ('exp_85c710b082731909', 'ada-1', 'ada', 'Café Łódź 茶', 1230, 'EUR', '2026-02-28', 'rules', NULL, 'receipts/1.png', '2026-11-27 18:11:34.807515+00');
INSERT INTO expenses VALUES ('exp_da4e00c8f69439f4', 'ada-2', 'ada', 'Café Łódź 茶', -5, 'EUR', '2026-02-28', 'rules', NULL, 'receipts/1.png', '2026-11-27 18:11:35.009934+00');
INSERT INTO orders VALUES ('o1', 'c1', 'completed', 2000, 'USD', 1, 'order-o1', 'run-1', 'run-1', '2026-01-05 08:00:01.234567+00', '2026-01-05 09:00:01.234567+00', '275a868ad5c289ed1091dc15c61f0f4bda4e6e8c6696032123bef207c41318de', '{"order_id": "o1", "customer_id": "c1", "customer_email": "ada@customer.example", "currency": "USD", "items": [{"sku": "mug", "quantity": 2, "unit_price_cents": 1000}]}', '{"step": "confirm", "result": {"transaction_id": "ch-1", "reservation_id": null, "shipment_id": null, "refund_id": null, "order_id": "o1", "try_number": 1, "status": "completed", "total_cents": 2000, "currency": "USD", "reason": null, "approval": {"approved": true, "decided_by": "ada", "reason": "", "channel": "starter.py"}, "customer_told": false}, "cancel_refused": "already shipped as sh-1", "owed": ["20.00 USD"]}');
INSERT INTO sent_mails VALUES ('order-1:confirm', '<first@example.com>', '2026-11-27 18:11:35.02122+00');
SELECT pg_catalog.setval('action_log_id_seq', 2, true);
ALTER TABLE ONLY access_keys
    ADD CONSTRAINT access_keys_pkey PRIMARY KEY (id);
ALTER TABLE ONLY action_log
    ADD CONSTRAINT action_log_pkey PRIMARY KEY (id);
ALTER TABLE ONLY confirmed_merchants
    ADD CONSTRAINT confirmed_merchants_pkey PRIMARY KEY (expense_id);
ALTER TABLE ONLY ended_sessions
    ADD CONSTRAINT ended_sessions_pkey PRIMARY KEY (id);
ALTER TABLE ONLY expense_details
    ADD CONSTRAINT expense_details_pkey PRIMARY KEY (expense_id);
ALTER TABLE ONLY expense_edits
    ADD CONSTRAINT expense_edits_pkey PRIMARY KEY (expense_id);
ALTER TABLE ONLY expense_unconfirmed
    ADD CONSTRAINT expense_unconfirmed_pkey PRIMARY KEY (expense_id);
ALTER TABLE ONLY expenses
    ADD CONSTRAINT expenses_pkey PRIMARY KEY (expense_id);
ALTER TABLE ONLY expenses
    ADD CONSTRAINT expenses_receipt_id_key UNIQUE (receipt_id);
ALTER TABLE ONLY orders
    ADD CONSTRAINT orders_pkey PRIMARY KEY (order_id);
ALTER TABLE ONLY sent_mails
    ADD CONSTRAINT sent_mails_pkey PRIMARY KEY (idempotency_key);
CREATE INDEX access_keys_by_name ON access_keys USING btree (name);
CREATE INDEX action_log_by_subject ON action_log USING btree (subject, id);
CREATE INDEX expenses_by_user ON expenses USING btree (user_id, created_at);
CREATE INDEX orders_by_end ON orders USING btree (ended_at);
