// Package secret keeps secrets out of what a run writes and prints. Mask masks two kinds: what has the form of a secret, whoever
// owns it, and what this process knows to be one, because it uses it.
//
//	known.go        the secrets that this process knows: Know, and Files, which finds them in files
//	forms.go        the forms of secrets: tokens, keys, credentials in URLs and headers
//	environment.go  the secrets in environment variables
package secret
