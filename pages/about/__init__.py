"""How it is worked out: the screens of one group."""
