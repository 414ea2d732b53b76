//go:build linux

package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"
)

// requests returns how many requests the API server of a kept cluster has counted, by verb.
func requests(ctx context.Context, cluster string) (map[string]float64, error) {
	cache := os.Getenv("NOTEPROOF_CACHE")
	if cache == "" {
		user, err := os.UserCacheDir()
		if err != nil {
			return nil, err
		}
		cache = filepath.Join(user, "noteproof")
	}
	files, err := filepath.Glob(filepath.Join(cache, "kubeconfig", "*", cluster))
	if err != nil || len(files) == 0 {
		return nil, errors.Join(fmt.Errorf("%s has no kubeconfig of the cluster %s", cache, cluster), err)
	}
	config, err := clientcmd.BuildConfigFromFlags("", files[0])
	if err != nil {
		return nil, err
	}
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		return nil, err
	}
	text, err := client.Discovery().RESTClient().Get().AbsPath("/metrics").DoRaw(ctx)
	if err != nil {
		return nil, fmt.Errorf("ask the API server for its metrics: %w", err)
	}
	return byVerb(string(text))
}

// byVerb adds up the API server's counters of requests.
func byVerb(metrics string) (map[string]float64, error) {
	parser := expfmt.NewTextParser(model.UTF8Validation)
	families, err := parser.TextToMetricFamilies(strings.NewReader(metrics))
	if err != nil {
		return nil, fmt.Errorf("read the API server's metrics: %w", err)
	}
	sum := map[string]float64{}
	for _, metric := range families["apiserver_request_total"].GetMetric() {
		for _, label := range metric.GetLabel() {
			if label.GetName() == "verb" {
				sum[label.GetValue()] += metric.GetCounter().GetValue()
			}
		}
	}
	if len(sum) == 0 {
		return nil, errors.New("the API server's metrics count no requests")
	}
	return sum, nil
}

// since returns by how much counters have grown.
func since(before, after map[string]float64) map[string]float64 {
	grown := map[string]float64{}
	for verb, n := range after {
		if n > before[verb] {
			grown[verb] = n - before[verb]
		}
	}
	return grown
}
