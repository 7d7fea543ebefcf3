"""Linear mixed models with crossed random intercepts, by restricted maximum likelihood.

The levels of one grouping (the examples) and of the cells nested in it (system x example) are eliminated block by block; what is
left, raters and system x rater, is a small dense system.
"""
