package nodeimage

import (
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"github.com/noteproof/noteproof/harness/internal/engine"
)

const (
	// containerdStart limits how long containerd may take to answer.
	containerdStart = 30 * time.Second
	// containerdPoll is the interval between requests to it.
	containerdPoll = 200 * time.Millisecond
	// logLines is the number of lines of its log that the error includes.
	logLines = 25
)

// store writes a layer with the part of containerd's store that holds the preloaded images, as containerd itself writes it.
func (s *Source) store(ctx context.Context, b *build, images string) (layer string, err error) {
	inputs := []any{filepath.Base(images), outputOf(b.programs["containerd"]), embeddedFile("containerd-import.toml"), layout}
	return s.cached(step{"store", inputs}, "import the images into containerd's store", func(out string) error {
		root := filepath.Join(filepath.Dir(out), "root")
		containerd, err := s.runnable(ctx, b, "containerd")
		if err != nil {
			return err
		}
		ctr, err := s.runnable(ctx, b, "ctr")
		if err != nil {
			return err
		}
		if err := importInto(ctx, root, containerd, ctr, images); err != nil {
			return err
		}
		var files []file
		for _, part := range []string{"io.containerd.content.v1.content", "io.containerd.metadata.v1.bolt"} {
			below, err := filesBelow(filepath.Join(root, part), "var/lib/containerd/"+part, func(string) int64 { return 0o644 })
			if err != nil {
				return err
			}
			files = append(files, below...)
		}
		return writeLayer(out, gzip.NoCompression, files) // its content is compressed already
	})
}

// importInto starts a temporary containerd on root and imports the images. It does not unpack them: the nodes do that when they
// start a container.
func importInto(ctx context.Context, root, containerd, ctr, images string) (err error) {
	state, err := tempDir() // a socket's path must be short
	if err != nil {
		return err
	}
	defer os.RemoveAll(state)
	config, socket, log := filepath.Join(state, "config.toml"), filepath.Join(state, "sock"), filepath.Join(state, "log")
	if err := os.WriteFile(config, []byte(embeddedFile("containerd-import.toml")), 0o644); err != nil {
		return err
	}
	logFile, err := os.Create(log)
	if err != nil {
		return err
	}
	defer logFile.Close()
	daemon := engine.Program{Grace: grace, Args: []string{containerd, "--config", config, "--root", root,
		"--state", filepath.Join(state, "run"), "--address", socket}}.Command(ctx)
	daemon.Stdout, daemon.Stderr = logFile, logFile
	daemon.Cancel = func() error { return daemon.Process.Signal(syscall.SIGTERM) }
	if err := daemon.Start(); err != nil {
		return fmt.Errorf("start containerd: %w", err)
	}
	defer engine.EndWithParent(daemon)()
	ended := make(chan error, 1)
	go func() { ended <- daemon.Wait() }()
	defer func() { // its store is complete only once it has ended
		stop := daemon.Process.Signal(syscall.SIGTERM)
		if end := <-ended; err == nil && end != nil {
			err = fmt.Errorf("containerd did not end well, so its store may be incomplete: %w", end)
		}
		err = errors.Join(err, stop)
	}()
	client := []string{ctr, "--address", socket, "--namespace", "k8s.io"}
	if err := waitAnswer(ctx, command{Args: append(client, "version")}, ended, log); err != nil {
		return err
	}
	_, err = command{Args: append(client, "images", "import", "--all-platforms", "--no-unpack", "--digests",
		"--label", "io.cri-containerd.pinned=pinned", images)}.run(ctx)
	return err
}

// waitAnswer waits until a command that queries containerd succeeds. ended receives the daemon's exit; log is its log file.
func waitAnswer(ctx context.Context, query command, ended chan error, log string) error {
	ctx, cancel := context.WithTimeout(ctx, containerdStart)
	defer cancel()
	poll := time.NewTicker(containerdPoll)
	defer poll.Stop()
	for {
		_, err := query.run(ctx)
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
		case end := <-ended:
			ended <- end // for the deferred stop
			err = errors.Join(err, end)
		case <-poll.C:
			continue
		}
		text, _ := os.ReadFile(log)
		return fmt.Errorf("containerd does not answer: %w\n  its log:\n%s", err, engine.Tail(string(text), logLines))
	}
}
