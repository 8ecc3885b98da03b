package handlers

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"goalbot/goals"
)

// What people read when a rule refuses something. A kind without a case in
// ruleWords gets the last line, and turns this red.
func TestWordsOfEveryRefusal(t *testing.T) {
	var said strings.Builder
	for kind := goals.NoGoal; kind <= goals.FullFiles; kind++ {
		r := goals.Refusal{Kind: kind, Goal: 3, Status: goals.Done, Text: goals.NoteText, Has: 7, Limit: 5000}
		words, ok := refusalWords(fmt.Errorf("wrapped: %w", r))
		if !ok || words == ruleWords(goals.Refusal{}) {
			t.Errorf("kind %d has no words", kind)
		}
		fmt.Fprintln(&said, words)
	}
	fmt.Fprintln(&said, ruleWords(goals.Refusal{Kind: goals.ClosedGoal, Goal: 3, Status: goals.Abandoned}))
	for text := goals.DescriptionText; text <= goals.UnitText; text++ {
		fmt.Fprintln(&said, ruleWords(goals.Refusal{Kind: goals.NoText, Text: text}))
	}
	golden(t, filepath.Join("testdata", "refusals.golden"), said.String())
	if _, ok := refusalWords(errors.New("no refusal")); ok {
		t.Error("any error is a refusal")
	}
}
