// Package report renders records as tables and pages. It uses only the record, so reports can be rendered again at any time. It
// treats all text from a cluster as untrusted.
//
//	report.go       writes the reports on one record; counts verdicts
//	all.go          writes the reports on several records; the summary of a GitHub job, the body of an issue on drift
//	table.go        one record for a terminal
//	grid.go         claims and versions for a terminal
//	list.go         the claims, and what is known about one of them, for a terminal
//	rows.go         other tables for a terminal
//	catalogue.go    the declarations of the claims, as Markdown
//	markdown.go     one record as Markdown
//	junit.go        JUnit XML
//	badge.go        an image that summarizes several records
//	html.go         the page on all records; its templates are in page/
//	html_words.go   the page's texts in its languages
//	html_matrix.go  the page's matrix and filters
//	html_life.go    a claim over versions and runs
//	html_notes.go   the page's annotated notes
//	html_runs.go    the page's timelines
//	changes.go      finds drift, flips and answers that turned round
//	controls.go     the outcomes of witnesses and contrasts
//	looks.go        describes looks and their results
package report
