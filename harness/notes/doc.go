// Package notes reads the notes: it finds quotes, lists the lines that no claim covers, and annotates the notes with the
// verdicts. It is pure: its input and output are text.
//
//   - notes.go: Notes, and how quotes are found
//   - markdown.go: the kinds of lines of Markdown
//   - wrapped.go: where text can be inserted into a paragraph of several lines
//   - account.go: which line is covered by which claim
//   - annotate.go: the annotated notes
//   - passage.go: plain notes in passages, for the annotation
//   - weave.go: notes in Markdown with inserted paragraphs, and as HTML
//   - language.go: the words of the annotations, in Korean and in English
//   - indent.go: indents a manifest that lost its indentation
package notes
