// Checks a .tlog-proof and a consistency proof with Go's own sumdb packages: check VKEY PROOF KEPT CONSISTENCY
package main

import (
	"encoding/base64"
	"fmt"
	"os"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

func must[T any](value T, err error) T {
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	return value
}

func tree(text string, verifiers note.Verifiers) (int64, tlog.Hash) {
	opened := must(note.Open([]byte(text), verifiers))
	lines := strings.Split(opened.Text, "\n")
	return must(strconv.ParseInt(lines[1], 10, 64)), must(tlog.ParseHash(lines[2]))
}

func hashes(lines []string) []tlog.Hash {
	var all []tlog.Hash
	for _, line := range lines {
		all = append(all, must(tlog.ParseHash(line)))
	}
	return all
}

func main() {
	verifiers := note.VerifierList(must(note.NewVerifier(os.Args[1])))
	head, checkpoint, _ := strings.Cut(string(must(os.ReadFile(os.Args[2]))), "\n\n")
	lines := strings.Split(head, "\n")
	record := must(base64.StdEncoding.DecodeString(strings.TrimPrefix(lines[1], "extra ")))
	index := must(strconv.ParseInt(strings.TrimPrefix(lines[2], "index "), 10, 64))
	size, root := tree(checkpoint, verifiers)
	if err := tlog.CheckRecord(hashes(lines[3:]), size, root, index, tlog.RecordHash(record)); err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	old, oldRoot := tree(string(must(os.ReadFile(os.Args[3]))), verifiers)
	head, checkpoint, _ = strings.Cut(string(must(os.ReadFile(os.Args[4]))), "\n\n")
	size, root = tree(checkpoint, verifiers)
	if err := tlog.CheckTree(hashes(strings.Split(head, "\n")[1:]), size, root, old, oldRoot); err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	fmt.Println("holds")
}
