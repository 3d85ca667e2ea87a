"""What we conclude: frames in, frames out. No files, no network, no widgets."""
