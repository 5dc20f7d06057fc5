"""Tokens in a hemisphere: bounds on the time until they are one cluster, from the margin and the width of the chart."""
