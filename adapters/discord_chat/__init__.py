"""Oh-LoRA in Discord: servers, threads and direct messages."""
