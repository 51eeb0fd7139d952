"""What the workflows of orders, receipts and mails have in common, and nothing else uses."""
