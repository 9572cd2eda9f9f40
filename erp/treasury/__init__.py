"""Bank accounts, money in other currencies, and how open items are settled: below receivables and payables."""
