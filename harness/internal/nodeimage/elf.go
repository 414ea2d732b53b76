package nodeimage

import (
	"archive/tar"
	"compress/gzip"
	"debug/elf"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"
)

// elfMachines are the machines in the headers of executables and libraries, by architecture.
var elfMachines = map[string]elf.Machine{"amd64": elf.EM_X86_64, "arm64": elf.EM_AARCH64}

// checkMachine returns an error if a program of the image, or an executable or a library in its layers, is for another architecture than
// the image. Only the build of an image that this machine cannot run calls it: there nothing else would show it before a cluster fails.
func (s *Source) checkMachine(b *build, layers ...string) error {
	for _, program := range slices.AppendSeq([]string{b.pause, b.podroutes}, maps.Values(b.programs)) {
		file, err := os.Open(program)
		if err != nil {
			return err
		}
		err = s.checkHeader(program, file)
		if err := errors.Join(err, file.Close()); err != nil {
			return err
		}
	}
	for _, layer := range layers {
		if err := s.checkLayer(layer); err != nil {
			return fmt.Errorf("%s: %w", layer, err)
		}
	}
	return nil
}

func (s *Source) checkLayer(layer string) error {
	file, err := os.Open(layer)
	if err != nil {
		return err
	}
	defer file.Close()
	unpacked, err := gzip.NewReader(file)
	if err != nil {
		return err
	}
	for r := tar.NewReader(unpacked); ; {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err == nil && h.Typeflag == tar.TypeReg {
			err = s.checkHeader(h.Name, r)
		}
		if err != nil {
			return err
		}
	}
}

// checkHeader reads the header of a file: elf(5), e_machine. Files of other formats pass.
func (s *Source) checkHeader(name string, in io.Reader) error {
	header := make([]byte, 20)
	if _, err := io.ReadFull(in, header); err != nil || !strings.HasPrefix(string(header), elf.ELFMAG) {
		return nil
	}
	if machine := elf.Machine(binary.LittleEndian.Uint16(header[18:])); machine != elfMachines[s.architecture()] {
		return fmt.Errorf("%s is for %s, in an image for %s", name, machine, s.architecture())
	}
	return nil
}
