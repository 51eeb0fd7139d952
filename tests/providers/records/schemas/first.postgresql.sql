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
CREATE TABLE sent_mails (
    idempotency_key character varying(512) NOT NULL,
    message_id character varying(512) NOT NULL,
    sent_at timestamp with time zone NOT NULL
);
INSERT INTO expenses VALUES ('exp_85c710b082731909', 'ada-1', 'ada', 'Café Łódź 茶', 1230, 'EUR', '2026-02-28', 'rules', NULL, 'receipts/1.png', '2026-11-27 18:11:28.446917+00');
INSERT INTO expenses VALUES ('exp_da4e00c8f69439f4', 'ada-2', 'ada', NULL, 99999999999, 'JPY', NULL, 'rules', 'grace', 'receipts/1.png', '2026-11-27 18:11:28.544921+00');
INSERT INTO sent_mails VALUES ('order-1:confirm', '<first@example.com>', '2026-11-27 18:11:28.553179+00');
ALTER TABLE ONLY expenses
    ADD CONSTRAINT expenses_pkey PRIMARY KEY (expense_id);
ALTER TABLE ONLY expenses
    ADD CONSTRAINT expenses_receipt_id_key UNIQUE (receipt_id);
ALTER TABLE ONLY sent_mails
    ADD CONSTRAINT sent_mails_pkey PRIMARY KEY (idempotency_key);
CREATE INDEX expenses_by_user ON expenses USING btree (user_id, created_at);
