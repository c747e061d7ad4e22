-- When the first news were that a message tells of, or one before it in whose place it came because that
-- did not arrive.
ALTER TABLE webhook_deliveries ADD COLUMN news_since {bigint};
UPDATE webhook_deliveries SET news_since = made;
