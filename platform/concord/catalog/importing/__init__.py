"""Reading foreign files: sources, readers, mapping, check, proposal, preview. Nothing here queries or writes.

What a line becomes is told by a kind of record (`records`), which the app that owns it registers; the writer of that kind is a
service (`catalog.services.importing.writers`).
"""
