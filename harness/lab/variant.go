package lab

import (
	"errors"
	"fmt"

	"github.com/noteproof/noteproof/harness/evidence"
	"github.com/noteproof/noteproof/harness/internal/cluster"
	"github.com/noteproof/noteproof/harness/internal/nodeimage"
)

// chooseVariant reads the variant of the cluster that the settings name, if any: one of the suite's after the version, as in
// "v1.37.2+nftables", or a file.
func (l *Lab) chooseVariant() error {
	version, name := nodeimage.SplitVariant(l.settings.version)
	l.settings.version = version
	var err error
	switch file := l.settings.file; {
	case l.settings.kubeconfig != "" && (file != "" || name != ""):
		return errors.New("a variant (NOTEPROOF_CLUSTER, or + after the version) is for a cluster that the run creates, not for an existing one")
	case file == "" && name == "":
		return nil
	case file != "" && name != "":
		return fmt.Errorf("K8S names the variant %s, and NOTEPROOF_CLUSTER the file %s: name only one of them", name, file)
	case file != "":
		if l.settings.variant, err = cluster.ReadVariant(file); err != nil {
			return fmt.Errorf("NOTEPROOF_CLUSTER: %w", err)
		}
		return nil
	}
	text, err := l.suite.Variant(name)
	if err != nil {
		return fmt.Errorf("read the variant of the cluster: %w", err)
	}
	if l.settings.variant, err = cluster.ParseVariant(name, text); err != nil {
		return fmt.Errorf("the variant %s of the cluster: %w", name, err)
	}
	return nil
}

// target returns the version with the name of the variant, as in the record's Target.
func (s settings) target(version string) string {
	return (&evidence.Record{Wanted: version, Variant: s.variant.Name}).Target()
}
