"""Marks and notes on a text: spans, how they are drawn, how they are found again."""
