"""What leaves the toolkit: notebooks run to reports, results, HTML, workbooks, the index."""
