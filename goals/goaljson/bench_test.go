package goaljson

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"runtime"
	"strings"
	"testing"
	"time"

	"goalbot/goals"
)

// The peer of the benchmarks: the same model as encoding/json wants it. It
// reads and writes other files than serde in the cases that the conformance
// test knows; only its speed is of interest here.
type peerGoal struct {
	ID          string        `json:"id"`
	Description string        `json:"description"`
	Status      string        `json:"status"`
	Acceptance  []string      `json:"acceptance"`
	Sessions    []peerSession `json:"sessions"`
	Progress    uint8         `json:"progress"`
	Created     time.Time     `json:"created"`
	Updated     time.Time     `json:"updated"`
	Notes       []string      `json:"notes"`
}

type peerSession struct {
	ID       string  `json:"session_id"`
	Task     string  `json:"task"`
	State    string  `json:"state"`
	Evidence *string `json:"evidence"`
}

var words1 = strings.Fields(`ship the release before summer call mother größer цель
	naïve 目標 🚀 read "Faust" a\b learn Grüße write tests answer letters garden café
	проверить отчёт paint fence half-marathon & <b> budget visit Zürich repair bicycle`)

// someGoals makes goals of about 1 kB each, the same ones every time.
func someGoals(n int) []*goals.Goal {
	rnd := rand.New(rand.NewPCG(1, 2))
	text := func(words int) string {
		var b strings.Builder
		for i := range words {
			if i > 0 && rnd.IntN(20) == 0 {
				b.WriteString("\n")
			} else if i > 0 {
				b.WriteString(" ")
			}
			b.WriteString(words1[rnd.IntN(len(words1))])
		}
		return b.String()
	}
	texts := func(n, words int) []string {
		var list []string
		for range n {
			list = append(list, text(1+rnd.IntN(words)))
		}
		return list
	}
	list := make([]*goals.Goal, n)
	for i := range list {
		created := time.Unix(1_700_000_000+int64(i)*977, rnd.Int64N(1e9)/1e3*1e3).UTC()
		g := &goals.Goal{
			ID:          fmt.Sprintf("g-%08x", rnd.Uint32()),
			Description: text(8 + rnd.IntN(10)),
			Status:      goals.Statuses[rnd.IntN(5)],
			Acceptance:  texts(rnd.IntN(5), 10),
			Created:     created,
			Updated:     created.Add(time.Duration(rnd.IntN(1e6)) * time.Millisecond),
			Notes:       texts(rnd.IntN(5), 14),
		}
		for j := range rnd.IntN(4) {
			s := goals.Session{ID: fmt.Sprintf("s-%d", j), Task: text(8), State: goals.SessionStates[rnd.IntN(4)]}
			if rnd.IntN(2) == 0 {
				evidence := text(5)
				s.Evidence = &evidence
			}
			g.Sessions = append(g.Sessions, s)
		}
		g.Progress = g.DerivedProgress()
		list[i] = g
	}
	return list
}

var sizes = []int{10, 100, 1_000, 10_000, 100_000}

func BenchmarkDecode(b *testing.B) {
	for _, n := range sizes {
		data := Append(nil, someGoals(n))
		b.Run(fmt.Sprintf("goals=%d/codec=goaljson", n), func(b *testing.B) {
			b.SetBytes(int64(len(data)))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := Decode(data); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(fmt.Sprintf("goals=%d/codec=encodingjson", n), func(b *testing.B) {
			b.SetBytes(int64(len(data)))
			b.ReportAllocs()
			for b.Loop() {
				var list []*peerGoal
				if err := json.Unmarshal(data, &list); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkEncode writes into memory that is there already, with either codec.
func BenchmarkEncode(b *testing.B) {
	for _, n := range sizes {
		list := someGoals(n)
		data := Append(nil, list)
		var peers []*peerGoal
		if err := json.Unmarshal(data, &peers); err != nil {
			b.Fatal(err)
		}
		b.Run(fmt.Sprintf("goals=%d/codec=goaljson", n), func(b *testing.B) {
			b.SetBytes(int64(len(data)))
			b.ReportAllocs()
			var buf []byte
			for b.Loop() {
				buf = Append(buf[:0], list)
			}
		})
		b.Run(fmt.Sprintf("goals=%d/codec=encodingjson", n), func(b *testing.B) {
			b.SetBytes(int64(len(data)))
			b.ReportAllocs()
			var buf bytes.Buffer
			for b.Loop() {
				buf.Reset()
				e := json.NewEncoder(&buf)
				e.SetIndent("", "  ")
				if err := e.Encode(peers); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkMemory reports how much memory a loaded file holds, and how much
// the heap grew at most while it was read, both as a multiple of its size.
func BenchmarkMemory(b *testing.B) {
	data := Append(nil, someGoals(100_000))
	heap := func() float64 {
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return float64(m.HeapAlloc)
	}
	for b.Loop() {
		runtime.GC()
		before := heap()
		list, err := Decode(data)
		if err != nil {
			b.Fatal(err)
		}
		peak := heap() - before
		runtime.GC()
		held := heap() - before
		runtime.KeepAlive(list)
		b.ReportMetric(held/float64(len(data)), "held/file")
		b.ReportMetric(peak/float64(len(data)), "grown/file")
		b.ReportMetric(float64(len(data))/100_000, "B/goal")
	}
}
