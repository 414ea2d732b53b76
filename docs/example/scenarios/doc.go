// Package scenarios proves the sentences of notes.en.md, with one file for each claim.
package scenarios
