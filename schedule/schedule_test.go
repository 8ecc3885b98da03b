package schedule

import (
	"bytes"
	"context"
	"log/slog"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
	_ "time/tzdata"
)

func zone(t *testing.T, name string) *time.Location {
	t.Helper()
	loc, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return loc
}

func mustParse(t *testing.T, spec string, loc *time.Location) Schedule {
	t.Helper()
	s, err := Parse(spec, loc)
	if err != nil {
		t.Fatalf("Parse(%q): %v", spec, err)
	}
	return s
}

func TestParseRefusesWithACure(t *testing.T) {
	for _, test := range []struct{ spec, want string }{
		{"", "@every 30s"},
		{"  ", "@every 30s"},
		{"TZ=UTC", "TIMEZONE"},
		{"CRON_TZ=Europe/Berlin", "TIMEZONE"},
		{"CRON_TZ=Europe/Berlin * * * * *", "TIMEZONE"},
		{"tz=UTC 0 9 * * *", "TIMEZONE"},
		{"@every 0s", "at least a second"},
		{"@every -5m", "at least a second"},
		{"@every 999ms", "at least a second"},
		{"@every 1500ms", "whole seconds"},
		{"@every 9000h", "at most 8784h"},
		{"@every 5", "a number and a unit"},
		{"@every", "a number and a unit"},
		{"@every 1d", "a number and a unit"},
		{"@reboot", "@every 5m or @daily"},
		{"@fortnightly", "@weekly"},
		{"*/5 * * *", "has 4"},
		{"0 */5 * * * *", "seconds are not among them"},
		{"a b c d e f g", "has 7"},
		{"*/70 * * * *", "step of 1 to 59"},
		{"*/60 * * * *", "step of 1 to 59"},
		{"*/0 * * * *", "step of 1 to 59"},
		{"*/ * * * *", "step of 1 to 59"},
		{"*/5/2 * * * *", "step of 1 to 59"},
		{"0 */24 * * *", "field 2, the hour, can have a step of 1 to 23"},
		{"0 0 */31 * *", "step of 1 to 30 after the slash, as in */5"},
		{"0 0 1 */12 *", "step of 1 to 11"},
		{"60 * * * *", "field 1, the minute, goes from 0 to 59"},
		{"0 24 * * *", "field 2, the hour, goes from 0 to 23"},
		{"0 0 0 * *", "field 3, the day of the month, goes from 1 to 31"},
		{"0 0 1 13 *", "field 4, the month, goes from 1 to 12, or JAN to DEC"},
		{"0 0 1 anf *", "field 4, the month, goes"}, // "anf" stands inside "janfeb"
		{"0 9 * * 7", "Sunday is 0 or SUN"},
		{"0 9 * * 5-7", "Sunday is 0 or SUN"},
		{"0 9 * * FRI-MON", "backwards"},
		{"30-10 * * * *", "backwards"},
		{"*-5 * * * *", "field 1"},
		{"1-2-3 * * * *", "field 1"},
		{", * * * *", "field 1"},
		{"5, * * * *", "field 1"},
		{"+5 * * * *", "field 1"},
		{"-5 * * * *", "field 1"},
		{"99999999999999999999 * * * *", "field 1"},
		{"0 0 30 2 *", "never comes"},
		{"0 0 31 4,6,9,11 *", "never comes"},
	} {
		s, err := Parse(test.spec, time.UTC)
		if err == nil || !strings.Contains(err.Error(), test.want) || !s.IsZero() {
			t.Errorf("Parse(%q) = %v, %v; want an error with %q", test.spec, s, err, test.want)
		}
	}
}

func TestParseNeverRepeatsWhatItWasGiven(t *testing.T) {
	const secret = "123456789:AAcanary"
	for _, spec := range []string{secret, "@" + secret, "@every " + secret, secret + " * * * *", "* * * * " + secret, "*/" + secret + " * * * *", "TZ=" + secret} {
		if _, err := Parse(spec, time.UTC); err == nil || strings.Contains(strings.ToLower(err.Error()), "canary") {
			t.Errorf("%q: error is %v", spec, err)
		}
	}
}

func TestTheParserMayPanic(t *testing.T) {
	if _, err := parse("TZ=UTC"); err == nil { // robfig/cron v3.0.1 slices out of range here
		t.Error("no error")
	}
}

func FuzzParse(f *testing.F) {
	for _, spec := range []string{"*/5 * * * *", "TZ=UTC", "@every 1h", "0 0 29 2 *", "? ? ? ? ?", "1-5,7/2 * * JAN MON"} {
		f.Add(spec)
	}
	at := time.Date(2026, 3, 28, 12, 0, 0, 0, time.UTC)
	f.Fuzz(func(t *testing.T, spec string) {
		if s, err := Parse(spec, time.UTC); err == nil && !s.Next(at).After(at) {
			t.Errorf("%q: next run is %v", spec, s.Next(at))
		}
	})
}

// Every row is: the schedule, the clock, a moment, and the runs after it.
func TestNext(t *testing.T) {
	for _, test := range []struct {
		name, spec, zone, now string
		want                  []string
	}{
		{"the default", "*/5 * * * *", "UTC", "2026-01-31T23:52:10Z", []string{"2026-01-31T23:55:00Z", "2026-02-01T00:00:00Z"}},
		{"a run is over when it is now", "*/5 * * * *", "UTC", "2026-01-31T23:55:00Z", []string{"2026-02-01T00:00:00Z"}},
		{"a pace", "@every 30s", "UTC", "2026-01-01T00:00:00.7Z", []string{"2026-01-01T00:00:30Z", "2026-01-01T00:01:00Z"}},
		{"a pace spelt loosely", " @Every  30 s", "UTC", "2026-01-01T00:00:00Z", []string{"2026-01-01T00:00:30Z"}},
		{"by that clock", "0 9 * * MON-FRI", "Europe/Berlin", "2026-01-02T12:00:00Z", []string{"2026-01-05T09:00:00+01:00"}},
		{"a shorthand", "@weekly", "UTC", "2026-01-02T12:00:00Z", []string{"2026-01-04T00:00:00Z"}},
		{"a question mark", "0 9 ? * ?", "UTC", "2026-01-02T12:00:00Z", []string{"2026-01-03T09:00:00Z"}},
		{"a leap day", "0 0 29 2 *", "UTC", "2026-01-02T12:00:00Z", []string{"2028-02-29T00:00:00Z"}},
		{"a range of one, and of names", "0 9 5-5 FEB-MAR *", "UTC", "2026-01-02T12:00:00Z", []string{"2026-02-05T09:00:00Z", "2026-03-05T09:00:00Z", "2027-02-05T09:00:00Z"}},
		{"the longest step", "0 0 */30 1 *", "UTC", "2026-01-02T12:00:00Z", []string{"2026-01-31T00:00:00Z"}},
		{"either day", "0 0 13 * FRI", "UTC", "2026-01-02T12:00:00Z", []string{"2026-01-09T00:00:00Z", "2026-01-13T00:00:00Z"}},

		{"an hour left out", "30 2 * * *", "Europe/Berlin", "2027-03-27T12:00:00Z",
			[]string{"2027-03-28T03:00:00+02:00", "2027-03-29T02:30:00+02:00"}},
		{"an hour left out, once for all in it", "*/20 2 * * *", "Europe/Berlin", "2027-03-28T00:50:00Z",
			[]string{"2027-03-28T03:00:00+02:00", "2027-03-29T02:00:00+02:00"}},
		{"the hour after the one left out", "0 3 * * *", "Europe/Berlin", "2027-03-27T12:00:00Z",
			[]string{"2027-03-28T03:00:00+02:00", "2027-03-29T03:00:00+02:00"}},
		{"midnight left out", "0 0 * * *", "Africa/Cairo", "2026-04-23T12:00:00Z",
			[]string{"2026-04-24T01:00:00+03:00", "2026-04-25T00:00:00+03:00"}},
		{"every hour of a day whose midnight is left out", "0 * * * FRI", "Africa/Cairo", "2026-04-23T12:00:00Z",
			[]string{"2026-04-24T01:00:00+03:00", "2026-04-24T02:00:00+03:00"}},
		{"every five minutes over an hour left out", "*/5 * * * *", "Europe/Berlin", "2027-03-28T00:55:00Z",
			[]string{"2027-03-28T03:00:00+02:00", "2027-03-28T03:05:00+02:00"}},
		{"every half hour over an hour left out", "30 * * * *", "Europe/Berlin", "2027-03-28T00:50:00Z",
			[]string{"2027-03-28T03:30:00+02:00"}},

		{"an hour that comes twice", "30 2 * * *", "Europe/Berlin", "2026-10-24T12:00:00Z",
			[]string{"2026-10-25T02:30:00+02:00", "2026-10-26T02:30:00+01:00"}},
		{"asked within its second time", "45 2 * * *", "Europe/Berlin", "2026-10-25T01:30:00Z",
			[]string{"2026-10-26T02:45:00+01:00"}},
		{"at the change itself", "0 2 * * *", "Europe/Berlin", "2026-10-24T12:00:00Z",
			[]string{"2026-10-25T02:00:00+02:00", "2026-10-26T02:00:00+01:00"}},
		{"right after it", "0 3 * * *", "Europe/Berlin", "2026-10-24T12:00:00Z",
			[]string{"2026-10-25T03:00:00+01:00", "2026-10-26T03:00:00+01:00"}},
		{"every half hour in both of them", "*/30 * * * *", "Europe/Berlin", "2026-10-25T00:00:00Z",
			[]string{"2026-10-25T02:30:00+02:00", "2026-10-25T02:00:00+01:00", "2026-10-25T02:30:00+01:00", "2026-10-25T03:00:00+01:00"}},
		{"every half hour, spelt otherwise", "*/30 */1 * * *", "Europe/Berlin", "2026-10-25T00:30:00Z",
			[]string{"2026-10-25T02:00:00+01:00"}},
		{"half an hour set back", "45 1 * * *", "Australia/Lord_Howe", "2026-04-04T12:00:00Z",
			[]string{"2026-04-05T01:45:00+11:00", "2026-04-06T01:45:00+10:30"}},
		{"over several changes", "0 9 1 1 *", "Europe/Berlin", "2026-01-02T12:00:00Z",
			[]string{"2027-01-01T09:00:00+01:00", "2028-01-01T09:00:00+01:00"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := mustParse(t, test.spec, zone(t, test.zone))
			now, err := time.Parse(time.RFC3339Nano, test.now)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, run := range s.NextRuns(now, len(test.want)) {
				got = append(got, run.Format(time.RFC3339Nano))
			}
			if !slices.Equal(got, test.want) {
				t.Errorf("runs at\n%v, want\n%v", got, test.want)
			}
		})
	}
}

// Through three years of changes a daily run comes on every single day, once.
func TestADailyRunComesOnceADay(t *testing.T) {
	for _, name := range []string{"Europe/Berlin", "Africa/Cairo", "America/Santiago", "Australia/Lord_Howe", "America/New_York"} {
		for _, spec := range []string{"0 0 * * *", "30 0 * * *", "30 1 * * *", "30 2 * * *", "59 23 * * *"} {
			loc := zone(t, name)
			s := mustParse(t, spec, loc)
			day := time.Date(2020, 1, 1, 12, 0, 0, 0, loc)
			run := time.Date(2020, 1, 1, 23, 59, 30, 0, loc)
			for range 1096 {
				run, day = s.Next(run), day.AddDate(0, 0, 1)
				if run.Format(time.DateOnly) != day.Format(time.DateOnly) {
					t.Fatalf("%s in %s: run at %v, want one on %s", spec, name, run, day.Format(time.DateOnly))
				}
			}
		}
	}
}

func TestDescribe(t *testing.T) {
	now := time.Date(2026, 6, 5, 14, 2, 0, 0, time.UTC) // a Friday
	for _, test := range []struct{ spec, want string }{
		{"*/5 * * * *", "every 5 minutes; next runs 14:05, 14:10, 14:15"},
		{"*  * * * *", "every minute; next runs 14:03, 14:04, 14:05"},
		{"*/45 * * * *", "on the schedule */45 * * * *; next runs 14:45, 15:00, 15:45"},
		{"30 * * * *", "every hour at 30 past; next runs 14:30, 15:30, 16:30"},
		{"@hourly", "every hour at 0 past; next runs 15:00, 16:00, 17:00"},
		{"0 21 * * *", "every day at 21:00; next runs 21:00, Sat 6 Jun 21:00, Sun 7 Jun 21:00"},
		{"30 9 * * mon-fri", "Monday to Friday at 09:30; next runs Mon 8 Jun 09:30, Tue 9 Jun 09:30, Wed 10 Jun 09:30"},
		{"0 9 * * SUN", "every Sunday at 09:00; next runs Sun 7 Jun 09:00, Sun 14 Jun 09:00, Sun 21 Jun 09:00"},
		{"0 9 * * TUE", "every Tuesday at 09:00; next runs Tue 9 Jun 09:00, Tue 16 Jun 09:00, Tue 23 Jun 09:00"},
		{"0 9 1 * *", "on the schedule 0 9 1 * *; next runs Wed 1 Jul 09:00, Sat 1 Aug 09:00, Tue 1 Sep 09:00"},
		{"@yearly", "on the schedule @yearly; next runs Fri 1 Jan 2027 00:00, Sat 1 Jan 2028 00:00, Mon 1 Jan 2029 00:00"},
		{"@every 30s", "every 30 seconds; next runs 14:02:30, 14:03:00, 14:03:30"},
		{"@every 1s", "every second; next runs 14:02:01, 14:02:02, 14:02:03"},
		{"@every 8784h", "every 8784 hours; next runs Sun 6 Jun 2027 14:02, Tue 6 Jun 2028 14:02, Thu 7 Jun 2029 14:02"},
		{"@every 60m", "every hour; next runs 15:02, 16:02, 17:02"},
		{"@every 1h30m", "every 90 minutes; next runs 15:32, 17:02, 18:32"},
	} {
		if got := mustParse(t, test.spec, time.UTC).Describe(now); got != test.want {
			t.Errorf("%s:\ngot  %s\nwant %s", test.spec, got, test.want)
		}
	}
	if got := (Schedule{}).Describe(now); got != "never" {
		t.Errorf("no schedule: %s", got)
	}
}

// With Recover outside of SkipIfStillRunning the second run would be the last.
func TestRunGoesOnAfterAPanic(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out bytes.Buffer
		var runs atomic.Int32
		ctx, stop := context.WithCancel(t.Context())
		time.AfterFunc(5*time.Minute+time.Second, stop)
		Run(ctx, mustParse(t, "@every 1m", time.UTC), slog.New(slog.NewTextHandler(&out, nil)), func(context.Context) {
			if runs.Add(1) == 2 {
				panic("the second run")
			}
		})
		if n := runs.Load(); n != 5 {
			t.Errorf("%d runs in five minutes, want 5", n)
		}
		if n := strings.Count(out.String(), "level=ERROR"); n != 1 || !strings.Contains(out.String(), "the second run") {
			t.Errorf("%d errors in the log, want one that names the panic:\n%s", n, &out)
		}
	})
}

func TestRunLeavesOutWhatWouldOverlap(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out bytes.Buffer
		var runs, under atomic.Int32
		ctx, stop := context.WithCancel(t.Context())
		time.AfterFunc(5*time.Minute+time.Second, stop)
		Run(ctx, mustParse(t, "@every 1m", time.UTC), slog.New(slog.NewTextHandler(&out, nil)), func(ctx context.Context) {
			if under.Add(1) > 1 {
				t.Error("two runs at once")
			}
			runs.Add(1)
			select {
			case <-time.After(90 * time.Second):
			case <-ctx.Done():
			}
			under.Add(-1)
		})
		if n := runs.Load(); n != 3 {
			t.Errorf("%d runs of 90 s in five minutes, want 3", n)
		}
		if n := strings.Count(out.String(), "left out"); n != 2 {
			t.Errorf("%d runs were said to be left out, want 2:\n%s", n, &out)
		}
	})
}

func TestRunTellsTheJobToEndAndWaitsForIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var ended atomic.Bool
		ctx, stop := context.WithCancel(t.Context())
		time.AfterFunc(61*time.Second, stop)
		start := time.Now()
		Run(ctx, mustParse(t, "@every 1m", time.UTC), slog.New(slog.DiscardHandler), func(ctx context.Context) {
			<-ctx.Done()
			time.Sleep(2 * time.Second)
			ended.Store(true)
		})
		if took := time.Since(start); !ended.Load() || took != 63*time.Second {
			t.Errorf("returned after %v, job ended: %v; want 63s and true", took, ended.Load())
		}
	})
}

func TestRunDoesNotWaitForEver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out bytes.Buffer
		ctx, stop := context.WithCancel(t.Context())
		time.AfterFunc(61*time.Second, stop)
		start := time.Now()
		Run(ctx, mustParse(t, "@every 1m", time.UTC), slog.New(slog.NewTextHandler(&out, nil)), func(context.Context) {
			time.Sleep(time.Hour)
		})
		if took := time.Since(start); took != 61*time.Second+stopWait || !strings.Contains(out.String(), "did not end in time") {
			t.Errorf("returned after %v and logged %q", took, &out)
		}
		time.Sleep(time.Hour) // the bubble ends when the job has
	})
}

func TestRunWithoutAScheduleReturns(t *testing.T) {
	Run(t.Context(), Schedule{}, slog.New(slog.DiscardHandler), func(context.Context) { t.Error("the job ran") })
}
