"""What several platforms share: command logic, texts, expression in words."""
