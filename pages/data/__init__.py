"""The data themselves: the screens of one group."""
