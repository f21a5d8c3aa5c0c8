"""The data as a whole: its schema and migrations, backups, and putting one back."""
