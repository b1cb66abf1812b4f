"""The summarizer agent: writes a page of Markdown about any context.

Reading: ``context`` sorts the values of a context into ``material`` (texts, facts, tables, figures, troubles, missing
values). ``jsontext`` reads text that is JSON. ``rowsets`` finds rows of KPI figures, and ``rows`` reads them as a
``request``, whose ``scope`` has the companies and departments.

Figures: ``series`` orders the rows, ``running`` finds running totals, ``measures`` computes. ``readings`` describes the
movement of each KPI, ``notes`` the data, ``advice`` the next things to look at. ``page`` writes all of this, and
``summary`` calls these modules.

Brief: ``brief`` writes the page about everything, ``opening`` its title and headline. ``labels`` names the values,
``tables`` draws the records. ``markup`` and ``markdown`` prevent that untrusted text becomes structure. ``review``
answers the notes of a person.

The package uses no network, clock or random number: the same context gives the same page.
"""
