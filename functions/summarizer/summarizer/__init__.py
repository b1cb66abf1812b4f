"""The summarizer agent: any context in, a page of Markdown out.

Reading: ``context`` walks through what is given and sorts it into ``material`` (texts, facts, tables, figures,
troubles, what is missing); ``jsontext`` reads text that is JSON; ``rowsets`` finds the rows of KPI figures in it, and
``rows`` reads them as a ``request``, of which ``scope`` is the companies and departments.

Figures: ``series`` orders the rows, ``running`` tells which of them are counted on from a start, ``measures``
computes, ``readings`` says what each KPI did, ``notes`` what the reader must know about the data, ``advice`` what to
look at next; ``page`` writes it down, and ``summary`` brings it together.

Brief: ``brief`` writes the page about everything, ``opening`` its title and headline; ``labels`` names the values,
``tables`` draws the records, ``markup`` and ``markdown`` keep untrusted text from becoming structure. ``review``
answers the notes of a person.

Nothing here touches the network, the clock or a random number: the same context gives the same page.
"""
