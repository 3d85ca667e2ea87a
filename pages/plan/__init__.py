"""Where to go next: the screens of one group."""
