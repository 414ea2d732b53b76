package nodeimage

import (
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"

	"github.com/noteproof/noteproof/harness/internal/engine"
)

const (
	// containerdStart is how long containerd may take to answer.
	containerdStart = 30 * time.Second
	// containerdPoll is how often it is asked whether it answers.
	containerdPoll = 200 * time.Millisecond
	// logLines is how much of its log the error shows when it does not.
	logLines = 25
)

// store makes a layer of the part of containerd's store that holds the preloaded images, as containerd itself writes it.
func (s *Source) store(ctx context.Context, b *build, images string) (layer string, err error) {
	inputs := []any{filepath.Base(images), filepath.Base(b.programs["containerd"]), ourFile("containerd-import.toml"), layout}
	return s.cached("store", "import the images into containerd's store", inputs, func(out string) error {
		root := filepath.Join(filepath.Dir(out), "root")
		if err := importInto(ctx, root, b.programs["containerd"], b.programs["ctr"], images); err != nil {
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

// importInto runs a containerd of its own over root for as long as it takes to import the images. Nothing is unpacked:
// the nodes do that when they start a container.
func importInto(ctx context.Context, root, containerd, ctr, images string) (err error) {
	state, err := os.MkdirTemp("", "noteproof-containerd-") // a socket's path must be short
	if err != nil {
		return err
	}
	defer os.RemoveAll(state)
	config, socket, log := filepath.Join(state, "config.toml"), filepath.Join(state, "sock"), filepath.Join(state, "log")
	if err := os.WriteFile(config, []byte(ourFile("containerd-import.toml")), 0o644); err != nil {
		return err
	}
	logFile, err := os.Create(log)
	if err != nil {
		return err
	}
	defer logFile.Close()
	daemon := exec.CommandContext(ctx, containerd, "--config", config, "--root", root, "--state", filepath.Join(state, "run"), "--address", socket)
	daemon.Stdout, daemon.Stderr = logFile, logFile
	daemon.Cancel = func() error { return daemon.Process.Signal(syscall.SIGTERM) }
	daemon.WaitDelay = grace
	if err := daemon.Start(); err != nil {
		return fmt.Errorf("start containerd: %w", err)
	}
	ended := make(chan error, 1)
	go func() { ended <- daemon.Wait() }()
	defer func() { // its store is whole only once it has ended
		stop := daemon.Process.Signal(syscall.SIGTERM)
		<-ended
		err = errors.Join(err, stop)
	}()
	client := []string{ctr, "--address", socket, "--namespace", "k8s.io"}
	if err := answers(ctx, command{Args: append(client, "version")}, ended, log); err != nil {
		return err
	}
	_, err = command{Args: append(client, "images", "import", "--all-platforms", "--no-unpack", "--digests",
		"--label", "io.cri-containerd.pinned=pinned", images)}.run(ctx)
	return err
}

// answers waits until a daemon answers a question. ended and log are the daemon's.
func answers(ctx context.Context, question command, ended chan error, log string) error {
	ctx, cancel := context.WithTimeout(ctx, containerdStart)
	defer cancel()
	poll := time.NewTicker(containerdPoll)
	defer poll.Stop()
	for {
		_, err := question.run(ctx)
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
		said, _ := os.ReadFile(log)
		return fmt.Errorf("containerd does not answer: %w\n  its log:\n%s", err, engine.Tail(string(said), logLines))
	}
}
