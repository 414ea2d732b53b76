package nodeimage

import (
	"archive/tar"
	"bufio"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"regexp"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	ocilayout "github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
)

// imageArchive is an image in a file.
type imageArchive struct {
	v1.Image
	// write writes the image as an archive of docker's format, under this name.
	write func(to io.Writer, as name.Tag) error
}

// openArchive returns the image in an archive as docker save or podman save writes it, of docker's format or OCI's, which gzip may
// have compressed; of an archive of several platforms the one for want. The image reads the file, or temporary files below tmp, as long
// as it is used.
func openArchive(file, tmp string, want v1.Platform) (imageArchive, error) {
	plain, err := unzipped(file, tmp)
	if err != nil {
		return imageArchive{}, fmt.Errorf("read the archive %s: %w", file, err)
	}
	open := func() (io.ReadCloser, error) { return os.Open(plain) }
	manifest, err := tarball.LoadManifest(open)
	switch {
	case err != nil:
		image, ociErr := openOCIArchive(open, tmp, want)
		if ociErr != nil {
			return imageArchive{}, fmt.Errorf("%s is not an archive of an image: %w", file, errors.Join(err, ociErr))
		}
		return imageArchive{image, func(to io.Writer, as name.Tag) error { return tarball.Write(as, image, to) }}, nil
	case len(manifest) != 1:
		return imageArchive{}, fmt.Errorf("%s holds %d images: save one alone", file, len(manifest))
	}
	image, err := tarball.Image(open, nil)
	if err != nil {
		return imageArchive{}, fmt.Errorf("read the archive %s: %w", file, err)
	}
	return imageArchive{image, func(to io.Writer, as name.Tag) error { return renameArchive(to, open, as) }}, nil
}

// renameArchive copies an archive of docker's format, and gives its only image another name. Layers that are not compressed stay so.
func renameArchive(to io.Writer, open tarball.Opener, as name.Tag) error {
	in, err := open()
	if err != nil {
		return err
	}
	defer in.Close() //nolint:errcheck // it was only read
	out := tar.NewWriter(to)
	for files := tar.NewReader(in); ; {
		header, err := files.Next()
		if errors.Is(err, io.EOF) {
			return out.Close()
		}
		if err != nil {
			return err
		}
		content := io.Reader(files)
		switch path.Clean(header.Name) {
		case "manifest.json":
			var renamed []byte
			if renamed, err = renameImage(files, as); err != nil {
				return err
			}
			content, header.Size = bytes.NewReader(renamed), int64(len(renamed))
		case "repositories", "index.json", "oci-layout": // which have the name as well
			continue
		}
		if err := out.WriteHeader(header); err != nil {
			return err
		}
		if _, err := io.Copy(out, content); err != nil {
			return err
		}
	}
}

// renameImage returns a manifest.json whose only image has another name.
func renameImage(from io.Reader, as name.Tag) ([]byte, error) {
	var manifest tarball.Manifest
	if err := json.NewDecoder(from).Decode(&manifest); err != nil || len(manifest) != 1 {
		return nil, fmt.Errorf("read the manifest of %d images: %w", len(manifest), err)
	}
	manifest[0].RepoTags = []string{as.String()}
	return json.Marshal(manifest)
}

// unzipped returns the path of a file, or if gzip compressed it, of a decompressed copy below tmp: images are read in many places.
func unzipped(path, tmp string) (string, error) {
	in, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer in.Close() //nolint:errcheck // it was only read
	content := bufio.NewReader(in)
	if magic, _ := content.Peek(2); !bytes.Equal(magic, []byte{0x1f, 0x8b}) {
		return path, nil
	}
	plain, err := gzip.NewReader(content)
	if err != nil {
		return "", err
	}
	copied := filepath.Join(tmp, "archive.tar")
	return copied, writeBlob(copied, plain, "")
}

// openOCIArchive unpacks an OCI archive below tmp and returns its image for a platform.
func openOCIArchive(open tarball.Opener, tmp string, want v1.Platform) (v1.Image, error) {
	in, err := open()
	if err != nil {
		return nil, err
	}
	defer in.Close() //nolint:errcheck // it was only read
	dir, err := os.MkdirTemp(tmp, "oci-")
	if err != nil {
		return nil, err
	}
	if err := unpackOCI(in, dir); err != nil {
		return nil, err
	}
	index, err := ocilayout.ImageIndexFromPath(dir)
	if err != nil {
		return nil, err
	}
	return imageIn(index, want)
}

// ociFile matches the files of an OCI layout.
var ociFile = regexp.MustCompile(`^(index\.json|oci-layout|blobs/sha256/([0-9a-f]{64}))$`)

// unpackOCI unpacks the files of an OCI layout, and verifies the digest of each blob.
func unpackOCI(in io.Reader, dir string) error {
	if err := os.MkdirAll(filepath.Join(dir, "blobs", "sha256"), 0o755); err != nil {
		return err
	}
	for archive := tar.NewReader(in); ; {
		header, err := archive.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		match := ociFile.FindStringSubmatch(path.Clean(header.Name))
		if match == nil || header.Typeflag != tar.TypeReg {
			continue
		}
		if err := writeBlob(filepath.Join(dir, filepath.FromSlash(match[1])), archive, match[2]); err != nil {
			return err
		}
	}
}

// writeBlob writes a file whose content must have this digest, in hexadecimal; empty allows any.
func writeBlob(to string, from io.Reader, digest string) (err error) {
	out, err := os.Create(to)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, out.Close()) }()
	sum := sha256.New()
	if _, err := io.Copy(io.MultiWriter(out, sum), from); err != nil {
		return err
	}
	if got := hex.EncodeToString(sum.Sum(nil)); digest != "" && got != digest {
		return fmt.Errorf("the blob sha256:%s has the digest sha256:%s: the archive is damaged", digest, got)
	}
	return nil
}

// imageIn returns the image for a platform in an index, or the only one.
func imageIn(index v1.ImageIndex, want v1.Platform) (v1.Image, error) {
	manifest, err := index.IndexManifest()
	if err != nil {
		return nil, err
	}
	var fit []v1.Descriptor
	for _, descriptor := range manifest.Manifests {
		if descriptor.Platform == nil || descriptor.Platform.Satisfies(want) {
			fit = append(fit, descriptor)
		}
	}
	if len(fit) != 1 {
		return nil, fmt.Errorf("it holds %d images for %s, and not one: save one alone", len(fit), want)
	}
	if fit[0].MediaType.IsIndex() {
		inner, err := index.ImageIndex(fit[0].Digest)
		if err != nil {
			return nil, err
		}
		return imageIn(inner, want)
	}
	return index.Image(fit[0].Digest)
}

// checkPlatform returns an error if an image is for another architecture.
func checkPlatform(image v1.Image, want v1.Platform) error {
	config, err := image.ConfigFile()
	if err != nil {
		return err
	}
	if has := config.OS + "/" + config.Architecture; has != "/" && has != want.String() {
		return fmt.Errorf("it is an image for %s, and containers here are %s: use an image for that", has, want)
	}
	return nil
}
