"""What screens share: the frame, filters kept in the address, cached calls, maps and downloads."""
