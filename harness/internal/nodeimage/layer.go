package nodeimage

import (
	"archive/tar"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// file is one entry of a layer. One of Data, From, Link and Dir is set; none of them means an empty file.
type file struct {
	Path string // in the image, without a leading slash
	Mode int64  // 0 means 0644, or 0755 for a folder
	Data string // its content
	From string // the file on this machine that holds its content
	Link string // the target of a symbolic link
	Dir  bool
}

// program returns the entry for an executable of this machine in a folder of the image.
func program(dir, name, from string) file {
	return file{Path: path.Join(dir, name), Mode: 0o755, From: from}
}

// layerWriter writes a compressed layer. All times in it are zero, so equal content yields equal layers.
type layerWriter struct {
	*tar.Writer
	gz  *gzip.Writer
	out *os.File
}

func newLayer(out string, level int) (*layerWriter, error) {
	f, err := os.Create(out)
	if err != nil {
		return nil, err
	}
	gz, err := gzip.NewWriterLevel(f, level)
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return &layerWriter{tar.NewWriter(gz), gz, f}, nil
}

func (w *layerWriter) Close() error {
	return errors.Join(w.Writer.Close(), w.gz.Close(), w.out.Close())
}

// writeLayer writes a layer with files and their parent folders.
func writeLayer(out string, level int, files []file) error {
	w, err := newLayer(out, level)
	if err != nil {
		return err
	}
	for _, f := range withParents(files) {
		if err := w.add(f); err != nil {
			return errors.Join(fmt.Errorf("add %s: %w", f.Path, err), w.Close())
		}
	}
	return w.Close()
}

// withParents adds missing parent folders and sorts all entries by path.
func withParents(files []file) []file {
	all := slices.Clone(files)
	known := map[string]bool{".": true}
	for _, f := range files {
		known[f.Path] = true
	}
	for _, f := range files {
		for dir := path.Dir(f.Path); !known[dir]; dir = path.Dir(dir) {
			known[dir] = true
			all = append(all, file{Path: dir, Dir: true})
		}
	}
	slices.SortFunc(all, func(a, b file) int { return strings.Compare(a.Path, b.Path) })
	return all
}

func (w *layerWriter) add(f file) error {
	h := &tar.Header{Name: f.Path, Mode: f.Mode, ModTime: time.Unix(0, 0), Format: tar.FormatPAX}
	if h.Mode == 0 {
		h.Mode = 0o644
	}
	var body io.Reader = strings.NewReader(f.Data)
	switch {
	case f.Dir:
		h.Typeflag, h.Name = tar.TypeDir, f.Path+"/"
		if f.Mode == 0 {
			h.Mode = 0o755
		}
	case f.Link != "":
		h.Typeflag, h.Linkname, h.Mode = tar.TypeSymlink, f.Link, 0o777
	case f.From != "":
		in, err := os.Open(f.From)
		if err != nil {
			return err
		}
		defer in.Close()
		info, err := in.Stat()
		if err != nil {
			return err
		}
		h.Typeflag, h.Size, body = tar.TypeReg, info.Size(), in
	default:
		h.Typeflag, h.Size = tar.TypeReg, int64(len(f.Data))
	}
	if err := w.WriteHeader(h); err != nil {
		return err
	}
	if h.Typeflag != tar.TypeReg {
		return nil
	}
	_, err := io.Copy(w, body)
	return err
}

// filesBelow lists the content of a folder of this machine as entries below dir in an image. mode returns each file's mode.
func filesBelow(root, dir string, mode func(path string) int64) ([]file, error) {
	var files []file
	err := filepath.WalkDir(root, func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, p)
		if err != nil || rel == "." {
			return err
		}
		to := path.Join(dir, filepath.ToSlash(rel))
		if d.IsDir() {
			files = append(files, file{Path: to, Dir: true})
		} else {
			files = append(files, file{Path: to, Mode: mode(to), From: p})
		}
		return nil
	})
	return files, err
}

// copyTar copies a root file system into a layer, without the paths that drop matches.
func copyTar(w *layerWriter, in io.Reader, drop []string) error {
	r := tar.NewReader(in)
	for {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if h.Name = path.Clean(h.Name); h.Name == "." || dropped(h.Name, drop) {
			continue
		}
		if h.Typeflag == tar.TypeDir {
			h.Name += "/"
		}
		h.Linkname = linkTarget(h)
		h.ModTime, h.AccessTime, h.ChangeTime, h.Format = time.Unix(0, 0), time.Time{}, time.Time{}, tar.FormatPAX
		if err := w.WriteHeader(h); err != nil {
			return fmt.Errorf("%s: %w", h.Name, err)
		}
		if _, err := io.Copy(w, r); err != nil {
			return fmt.Errorf("%s: %w", h.Name, err)
		}
	}
}

// linkTarget returns the target of a link. A hard link names another entry, whose path copyTar has cleaned.
func linkTarget(h *tar.Header) string {
	if h.Typeflag == tar.TypeLink {
		return path.Clean(h.Linkname)
	}
	return h.Linkname
}

// dropped reports whether a pattern matches the path. A pattern that ends in a slash matches everything below that folder.
func dropped(name string, patterns []string) bool {
	return slices.ContainsFunc(patterns, func(p string) bool {
		if strings.HasSuffix(p, "/") {
			return strings.HasPrefix(name, p)
		}
		ok, _ := path.Match(p, name)
		return ok
	})
}
