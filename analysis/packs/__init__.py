"""What a ward panel is handed: statements, tables and drawings of one ward, made from frames.

`model` holds the parts, `evidence` what they are made from, `sections` makes them, in the order of
the ward panels' handbook. Nothing here reads a workspace; how it looks is `analysis.report`'s.
"""
