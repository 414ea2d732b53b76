package soak

import (
	"math"
	"slices"
)

// Times are the durations of something in several runs, in seconds. The zero value means no runs.
type Times struct {
	Runs   int     `json:"runs"`
	Median float64 `json:"median"`
	Max    float64 `json:"max"`
}

// timesOf summarizes seconds, which may be in any order.
func timesOf(seconds []float64) Times {
	n := len(seconds)
	if n == 0 {
		return Times{}
	}
	sorted := slices.Sorted(slices.Values(seconds))
	return Times{Runs: n, Median: rounded((sorted[(n-1)/2] + sorted[n/2]) / 2), Max: rounded(sorted[n-1])}
}

// Compared compares the durations of something in idle and loaded runs.
type Compared struct {
	Idle   Times `json:"idle"`
	Loaded Times `json:"loaded"`
	// Ratio is the loaded median divided by the idle one; zero if either is missing.
	Ratio float64 `json:"ratio,omitzero"`
}

func compare(idle, loaded []float64) Compared {
	c := Compared{Idle: timesOf(idle), Loaded: timesOf(loaded)}
	if c.Idle.Median > 0 && c.Loaded.Median > 0 {
		c.Ratio = rounded(c.Loaded.Median / c.Idle.Median)
	}
	return c
}

// rounded rounds to two decimals. The random variation between runs is larger.
func rounded(x float64) float64 { return math.Round(x*100) / 100 }
