// Package browsertest opens the page that the room report makes in a real browser. It has tests only, so that no
// product carries a browser's client.
package browsertest
