"""Open data, fetched: the only part of the project that speaks to the network.

`http` asks and remembers, `sources` knows the addresses, licences and the way by hand, and each of
the other modules knows one publisher: what to ask, and what an answer must look like.
"""
