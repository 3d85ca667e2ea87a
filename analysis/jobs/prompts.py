"""What a council asks itself before it uses the program: data protection and equality.

Prompts, not answers: each says what the program does, so that the council's own answer can start
there. Nothing here is legal advice.
"""

from __future__ import annotations

DPIA = """# Data protection impact assessment: prompts

An assessment is likely to be required: vulnerable people, places, and data sets joined together.
Each question says what the program does; the council answers for itself and signs.

| Question | What the program does | The council's answer |
|---|---|---|
| What for, and on what basis? | joins reports and what people said on walks to choose places \
and to follow promises up. Bases that councils name: Crime and Disorder Act 1998, sections 6, 17 \
and 115; UK GDPR Article 6(1)(e); Data Protection Act 2018, Schedule 1 | |
| Whose data? | people who reported, who walked, who asked for a walk, who own an action, who \
sign in. No data about suspects | |
| Special categories and criminal offences? | a report may tell of hate or of harassment; flags \
for these are in no file and on no page for the public | |
| Children? | the form has an age band and asks nobody for a name | |
| Is all of it needed? | only mapped columns of a file enter; free text and references enter \
only where a person maps them; columns that look personal are pointed out | |
| How long is it kept? | contact details have a day on which they are deleted; backups expire \
after 90 days; reports stay until somebody takes the import back | |
| Who sees what? | nine roles, one table, tested; what stands in no list is denied | |
| Can somebody be recognised in what is published? | masking, withholding, coarse times and \
places, a register of releases, counts that stay as they were first published, an attacker in the \
tests, a search through every file | |
| Walk and Talk, women-only walks? | Walk and Talk, and exact routes and times of women-only \
walks, are in no public output | |
| Does it leave the building? | no telemetry, no tiles, no fonts from outside; it fetches open \
data when a person says so, and sends no report anywhere | |
| Rights of the people concerned? | contact details can be found and deleted; a history says who \
changed what | |
| Is a decision made by a machine alone? | no: the list proposes, a manager decides and says why \
| |
| What if it goes wrong? | backups, undo of imports, an older pack is kept as it was handed out \
| |
| Who was asked? | | |
| Measures, residual risk, sign-off | | |
"""

EQUALITY = """# Equality impact: prompts

Under section 149 of the Equality Act 2010 a council has due regard to equality in what it does.
Prompts, with what the program shows:

| Question | What the program shows | The council's answer |
|---|---|---|
| Who reports, and who does not? | reports by ward beside residents; it says that few reports \
are not safety | |
| Who took part in walks? | how many, in what light, where; age bands and, if asked, other \
bands, never below the minimum count | |
| Compared with who lives there? | participants by ward beside the census | |
| Who could not come? | reasons, where somebody wrote them down; times and light of walks held | |
| Are some areas never visited? | months since the last visit of every ward and place | |
| Does acting on reports move officers towards some groups? | kinds of report can be weighed \
less or left out; young people, rough sleepers and sex workers are no kind of anti-social \
behaviour here | |
| Do the words harm anybody? | a list of words that no public text uses, tested | |
| Can everybody read it? | WCAG 2.2 AA as the aim; pages, PDF and tables; plain English; see the \
accessibility statement | |
| Languages, easy read, interpreters? | | |
| What will change as a result, and when is it looked at again? | | |
"""
