// Package browsertest opens the page of package report in a real browser. It contains only tests, so that no program depends on
// the client of a browser.
package browsertest
