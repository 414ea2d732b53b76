// Package scenarios proves the sentences of notes.en.txt, one file a claim.
package scenarios
