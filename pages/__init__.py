"""What people see: pick, call one function, render, download. Nothing is worked out here.

`router.py` is the script that every visit runs; the folders beside it hold the screens, grouped by
what people come to do. `components/` holds what screens share, `server/` what the web server adds.
"""
