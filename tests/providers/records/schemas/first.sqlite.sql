BEGIN TRANSACTION;
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
INSERT INTO "expenses" VALUES('exp_85c710b082731909','ada-1','ada','Café Łódź 茶',1230,'EUR','2026-02-28','rules',NULL,'receipts/1.png','2026-11-27 18:11:26.026510');
INSERT INTO "expenses" VALUES('exp_da4e00c8f69439f4','ada-2','ada',NULL,99999999999,'JPY',NULL,'rules','grace','receipts/1.png','2026-11-27 18:11:26.077375');
CREATE TABLE sent_mails (
	idempotency_key VARCHAR(512) NOT NULL, 
	message_id VARCHAR(512) NOT NULL, 
	sent_at DATETIME NOT NULL, 
	PRIMARY KEY (idempotency_key)
);
INSERT INTO "sent_mails" VALUES('order-1:confirm','<first@example.com>','2026-11-27 18:11:26.087809');
CREATE INDEX expenses_by_user ON expenses (user_id, created_at);
COMMIT;
