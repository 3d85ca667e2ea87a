"""What happened and where: the screens of one group."""
