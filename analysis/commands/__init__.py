"""The commands of `safer-walks`, a module a group; `analysis.cli` puts them together."""
