// Package scenarios proves the sentences of notes.en.md, one file a claim.
package scenarios
