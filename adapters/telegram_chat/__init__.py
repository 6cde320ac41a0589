"""Oh-LoRA on Telegram: private chats, groups and topics."""
