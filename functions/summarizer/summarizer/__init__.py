"""The summarizer agent: writes a page of Markdown about any context, with the facts and the charts of its figures.

Reading: ``context`` sorts the values of a context into ``material`` (texts, facts, tables, figures, troubles, missing
values). ``jsontext`` reads text that is JSON. ``rowsets`` finds rows of KPI figures, and ``rows`` reads them as a
``request``, whose ``scope`` has the companies and departments. ``read_beside`` reads what stands ``beside`` the rows.

Figures: ``series`` orders the rows, in the ``grain`` of the data. ``comparing`` compares like with like, ``judging``
chooses the comparison that counts, and ``anomalies`` finds what is far from the rest. ``deriving`` makes ``facts`` of
all this, ``ranking`` orders them, and ``sheet`` holds them. ``writing`` makes the page from the sheet alone, ``charts``
draws, and ``summary`` calls these packages.

Brief: ``brief`` writes the page about everything, ``opening`` its title and headline, and ``attachments`` has the facts
and the charts. ``labels`` names the values, ``tables`` draws the records. ``markup`` and ``markdown`` prevent that
untrusted text becomes structure. ``review`` answers the notes of a person.

The package uses no network, clock or random number: the same context gives the same page.
"""
