"""Make lessons from recordings: nine modes as data, which reports render."""
