BEGIN TRANSACTION;
CREATE TABLE access_keys (
	id VARCHAR(12) NOT NULL, 
	name VARCHAR(64) NOT NULL, 
	role VARCHAR(32) NOT NULL, 
	secret_digest VARCHAR(64) NOT NULL, 
	created_at DATETIME NOT NULL, 
	revoked_at DATETIME, 
	PRIMARY KEY (id)
);
INSERT INTO "access_keys" VALUES('aaaaaaaaaaaa','ada','approve','abababababababababababababababababababababababababababababababab','2026-01-05 12:00:00.123456',NULL);
INSERT INTO "access_keys" VALUES('bbbbbbbbbbbb','bob','approve','abababababababababababababababababababababababababababababababab','2026-01-05 12:00:00.123456','2026-01-05 12:00:00.123456');
CREATE TABLE action_log (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	at DATETIME NOT NULL, 
	who VARCHAR(500) NOT NULL, 
	channel VARCHAR(32) NOT NULL, 
	action VARCHAR(32) NOT NULL, 
	subject VARCHAR(1000) NOT NULL, 
	"before" JSON, 
	"after" JSON, 
	outcome VARCHAR(1000) NOT NULL, 
	asked_id BIGINT
);
INSERT INTO "action_log" VALUES(1,'2026-01-05 12:00:00.123456','ada','http','correct','receipt-ada-1','{"total_cents": 1230, "merchant": "Caf\u00e9 \"x\""}',NULL,'asked',NULL);
INSERT INTO "action_log" VALUES(2,'2026-01-05 12:00:00.123456','ada','http','correct','receipt-ada-1',NULL,'[]','done',1);
CREATE TABLE confirmed_merchants (
	expense_id VARCHAR(20) NOT NULL, 
	PRIMARY KEY (expense_id)
);
INSERT INTO "confirmed_merchants" VALUES('exp_85c710b082731909');
CREATE TABLE ended_sessions (
	id VARCHAR(64) NOT NULL, 
	ended_at DATETIME NOT NULL, 
	PRIMARY KEY (id)
);
INSERT INTO "ended_sessions" VALUES('s1','2026-01-05 12:00:00.123456');
CREATE TABLE expense_details (
	expense_id VARCHAR(20) NOT NULL, 
	details JSON NOT NULL, 
	PRIMARY KEY (expense_id)
);
INSERT INTO "expense_details" VALUES('exp_85c710b082731909','{"payment_method": "card"}');
CREATE TABLE expense_edits (
	expense_id VARCHAR(20) NOT NULL, 
	merchant VARCHAR(200), 
	total_cents BIGINT NOT NULL, 
	currency VARCHAR(3) NOT NULL, 
	date DATE, 
	is_deleted BOOLEAN NOT NULL, 
	edited_by VARCHAR(500) NOT NULL, 
	edited_at DATETIME NOT NULL, 
	PRIMARY KEY (expense_id)
);
INSERT INTO "expense_edits" VALUES('exp_85c710b082731909','Café Łódź 茶',7,'EUR','2026-02-28',0,'olga','2026-03-01 12:00:00.000000');
CREATE TABLE expense_unconfirmed (
	expense_id VARCHAR(20) NOT NULL, 
	unconfirmed VARCHAR(500) NOT NULL, 
	PRIMARY KEY (expense_id)
);
INSERT INTO "expense_unconfirmed" VALUES('exp_85c710b082731909','merchant');
CREATE TABLE expenses (
	expense_id VARCHAR(20) NOT NULL, 
	receipt_id VARCHAR(64) NOT NULL, 
	user_id VARCHAR(64) NOT NULL, 
	merchant VARCHAR(200), 
	total_cents BIGINT NOT NULL, 
	currency VARCHAR(3) NOT NULL, 
	date DATE, 
	parser VARCHAR(64) NOT NULL, 
	corrected_by VARCHAR(500), 
	object_key VARCHAR(512) NOT NULL, 
	created_at DATETIME NOT NULL, 
	PRIMARY KEY (expense_id), 
	UNIQUE (receipt_id)
);
INSERT INTO "expenses" VALUES('exp_85c710b082731909','ada-1','ada','Café Łódź 茶',1230,'EUR','2026-02-28','rules',NULL,'receipts/1.png','2026-11-27 18:11:30.646737');
INSERT INTO "expenses" VALUES('exp_da4e00c8f69439f4','ada-2','ada','Café Łódź 茶',-5,'EUR','2026-02-28','rules',NULL,'receipts/1.png','2026-11-27 18:11:30.750006');
CREATE TABLE orders (
	order_id VARCHAR(64) NOT NULL, 
	customer_id VARCHAR(64) NOT NULL, 
	status VARCHAR(32) NOT NULL, 
	total_cents BIGINT NOT NULL, 
	currency VARCHAR(3) NOT NULL, 
	try_number INTEGER NOT NULL, 
	workflow_id VARCHAR(255) NOT NULL, 
	run_id VARCHAR(64) NOT NULL, 
	first_run_id VARCHAR(64) NOT NULL, 
	started_at DATETIME NOT NULL, 
	ended_at DATETIME NOT NULL, 
	token_digests TEXT NOT NULL, 
	content JSON NOT NULL, 
	outcome JSON NOT NULL, 
	PRIMARY KEY (order_id)
);
INSERT INTO "orders" VALUES('o1','c1','completed',2000,'USD',1,'order-o1','run-1','run-1','2026-01-05 08:00:01.234567','2026-01-05 09:00:01.234567','275a868ad5c289ed1091dc15c61f0f4bda4e6e8c6696032123bef207c41318de','{"order_id": "o1", "customer_id": "c1", "customer_email": "ada@customer.example", "currency": "USD", "items": [{"sku": "mug", "quantity": 2, "unit_price_cents": 1000}]}','{"step": "confirm", "result": {"transaction_id": "ch-1", "reservation_id": null, "shipment_id": null, "refund_id": null, "order_id": "o1", "try_number": 1, "status": "completed", "total_cents": 2000, "currency": "USD", "reason": null, "approval": {"approved": true, "decided_by": "ada", "reason": "", "channel": "starter.py"}, "customer_told": false}, "cancel_refused": "already shipped as sh-1", "owed": ["20.00 USD"]}');
CREATE TABLE sent_mails (
	idempotency_key VARCHAR(512) NOT NULL, 
	message_id VARCHAR(512) NOT NULL, 
	sent_at DATETIME NOT NULL, 
	PRIMARY KEY (idempotency_key)
);
INSERT INTO "sent_mails" VALUES('order-1:confirm','<first@example.com>','2026-11-27 18:11:30.757517');
CREATE INDEX expenses_by_user ON expenses (user_id, created_at);
CREATE INDEX orders_by_end ON orders (ended_at);
CREATE INDEX access_keys_by_name ON access_keys (name);
CREATE INDEX action_log_by_subject ON action_log (subject, id);
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('action_log',2);
COMMIT;
