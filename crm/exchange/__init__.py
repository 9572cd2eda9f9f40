"""The way to mail servers: sends what waits, fetches what lies there. Slow, so outside any transaction."""

from crm.exchange.fetching import fetch_mail as fetch_mail
from crm.exchange.reminders import send_reminders as send_reminders
from crm.exchange.sending import send_waiting as send_waiting
