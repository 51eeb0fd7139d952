"""Mails that their runs could not send: what becomes of them, who was not told, telling again."""
