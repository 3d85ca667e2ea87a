"""The records people write: events, feedback, actions, requests, places, decisions.

How it is used. `database.open_records(workspace)` gives `Records`; it reads, and it gives a
`Change`, whose steps are stored together or not at all and told to the history::

    records = open_records(workspace)
    with records.changing(by="anna@example.org", at=now) as change:
        event = change.create("events", {"event_type": "walkabout", "status": "planned_tbc"})
        change.update("events", event.id, {"status": "cancelled"}, version=event.version)
        change.delete("events", event.id, version=None)
    records.get("events", event_id)            # one Record: .id .version ["status"] .texts()
    records.list("actions", status="agreed")   # Records, by id
    records.frame("responses")                 # the same as a table
    records.history(kind="events")             # who, when, what from, what to
    records.stamp()                            # the cache key: changes with every change

`update` with a version that is no longer the present one raises `StaleRecordError`, which carries
both versions. `create(..., key=...)` may be sent twice and stores once. Values are given as they
are or as people write them (`fields.clean`); every fault comes in one `RecordError`.

Modules: `kinds` lists the kinds (their table, columns with `Field`, ids); `vocabularies` the option
lists; `fields` what a column holds and who may see it (`seen`). Verbs of the nouns take a change:
`sites.rename`, `sites.merge`; `feedback.record` (with monitoring answers), `feedback.raise_alert`,
`feedback.acknowledge`; `actions.progress`; `requests.receive`, `requests.register`,
`requests.delete_due_contacts`; `panels.answer`. Questions take a connection (`records.reading()`):
`feedback.unacknowledged`, `feedback.monitoring`, `requests.asked`, `users.find_user`.
"""
