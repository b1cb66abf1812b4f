"""The summarizer agent: rows of KPI figures in, an executive's page of Markdown out.

``request`` reads the task, ``series`` orders the rows, ``running`` tells which of them are counted on from a start,
``measures`` computes, ``readings`` says what each KPI did,
``notes`` what the reader must know about the data, ``advice`` what to look at next, and ``page`` writes it down.
Nothing here touches the network, the clock or a random number: the same rows give the same page.
"""
