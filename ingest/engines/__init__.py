"""The cleaning of reviews by one of three machines, with equal results row for row.

`pandas` holds the whole table in memory; `duckdb` (one computer) and `ray` (a cluster) take it in
parts of so many rows and hold few of them at a time. All run the steps of `ingest.clean` as they
stand there: a step that looks at no other row runs on each part, and only what must see several
rows is asked of the machine (`across`).
"""
