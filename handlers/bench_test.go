package handlers

import (
	"fmt"
	"testing"

	"goalbot/goals"
)

// The list of a hundred thousand goals, as many as there may be.
func BenchmarkPages(b *testing.B) {
	var all []goals.Found
	for _, g := range many(100_000) {
		all = append(all, goals.Found{Goal: g})
	}
	for b.Loop() {
		paginate(all, maxInList, false)
	}
}

// BenchmarkAnswers is what it takes to answer where the list has a hundred thousand goals,
// until the answer is in the outbox.
func BenchmarkAnswers(b *testing.B) {
	all := make([]*goals.Goal, 100_000)
	for i := range all {
		g := goal(fmt.Sprintf("g-%08x", i+1), fmt.Sprintf("Größere Ziele für 2027 – часть %06d 🚀", i))
		g.Status = goals.Statuses[i%len(goals.Statuses)]
		g.Acceptance = []string{"die Übersicht passt auf eine Seite", "отчёт прочитан дважды", "読みやすい \"と言われた\""}
		g.Sessions = []goals.Session{{ID: "s-1", Task: "entwerfen & prüfen", State: goals.Verified}, {ID: "s-2", Task: "schreiben", State: goals.Running}}
		g.Notes = []string{"Mit Zoë besprochen:\n\t– erst messen, dann kürzen", "ждём цифры до пятницы"}
		all[i] = g
	}
	h := open(b, all...)
	for _, text := range []string{"/goals", "/goals all", "/goal 5", "/search пятницы 000777", "/history", "/history 5", "/stats", "/next", "/note 5 seen"} {
		b.Run(text, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				h.say(text)
				h.spoken()
			}
		})
	}
}
