"""What is handed on: packs, sheets and calendars."""
