"""The tables as pages to look at: a folder that opens by double click, without a network."""
