//go:build linux

package hard

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"goalbot/palace"
	"goalbot/postgrestest"
)

// fleet is several bots on one PostgreSQL server, each on a machine of its own as far as
// it can tell, and their world.
type fleet struct {
	*world
	server *postgrestest.Server
	schema string
	sites  []*site
}

// clockAhead says by how much the clock of a machine is ahead. The program does not ask;
// see the mutant that does.
const clockAhead = "GOALS_HARD_CLOCK"

// site is where one of the bots runs.
type site struct {
	name     string
	root     string           // DATA_ROOT
	telegram *httptest.Server // where it finds Telegram
	settings []string
	polls    atomic.Int64 // that it has made
	said     atomic.Int64 // what else it has asked of Telegram
	life     *life
}

// newFleet makes a fleet of n sites, none of which runs. to makes of the URL of the
// database the one by which a machine reaches it; it may be nil.
func newFleet(t testing.TB, program string, s *postgrestest.Server, n int, p *plan, to func(site int, url string) string) (*fleet, error) {
	roots := make([]string, n)
	for i := range roots {
		roots[i] = t.TempDir()
	}
	w, err := newWorld(program, roots[0], p)
	if err != nil {
		return nil, err
	}
	address := s.TCP(t, postgrestest.User, "127.0.0.1:"+strconv.Itoa(s.Port), "sslmode", "disable")
	u, err := url.Parse(address)
	if err != nil {
		return nil, err
	}
	w.others, w.place, w.failing = roots[1:], palace.Place{File: filepath.Join(t.TempDir(), "palace.db"), URL: address}, true
	f := &fleet{world: w, server: s, schema: u.Query().Get("search_path")}
	for i, root := range roots {
		m := &site{name: fmt.Sprintf("bot%d", i), root: root}
		m.telegram = httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
			if strings.HasSuffix(strings.ToLower(r.URL.Path), "/getupdates") {
				m.polls.Add(1)
			} else {
				m.said.Add(1)
			}
			w.telegram.ServeHTTP(rw, r)
		}))
		mine := address
		if to != nil {
			mine = to(i, address)
		}
		m.settings = []string{"PALACE_URL=" + mine + "&application_name=" + m.name, fmt.Sprintf("%s=%ds", clockAhead, 20*i)}
		f.sites = append(f.sites, m)
	}
	return f, nil
}

func (f *fleet) close() {
	for _, m := range f.sites {
		if m.life != nil {
			_ = syscall.Kill(-m.life.cmd.Process.Pid, syscall.SIGCONT)
			m.life.kill()
		}
	}
	f.world.close()
	for _, m := range f.sites {
		m.telegram.CloseClientConnections()
		m.telegram.Close()
	}
}

func (f *fleet) run(m *site) (err error) {
	m.life, err = f.startAt(m.root, m.telegram.URL, m.settings)
	return err
}

// begin starts all of them, and lets the database write down which of them makes each
// commit, and in which epoch, whatever the bots believe.
func (f *fleet) begin(t testing.TB) error {
	for i, m := range f.sites {
		if err := f.run(m); err != nil {
			return err
		}
		if i == 0 {
			if err := f.polling(m.life); err != nil {
				return err
			}
			f.sql(t, `CREATE TABLE witness (revision bigint, epoch bigint, who text);
				CREATE FUNCTION witness() RETURNS trigger LANGUAGE plpgsql AS $$
				BEGIN
					INSERT INTO witness SELECT NEW.revision, epoch, current_setting('application_name') FROM lease;
					RETURN NULL;
				END $$;
				CREATE TRIGGER witness AFTER UPDATE ON meta FOR EACH ROW EXECUTE FUNCTION witness()`)
		}
	}
	return nil
}

// sql runs SQL in the database of the fleet.
func (f *fleet) sql(t testing.TB, statements string) string {
	t.Helper()
	return f.server.SQL(t, "SET search_path = "+f.schema+";\n"+statements)
}

// leader is the machine that the database says leads.
func (f *fleet) leader(t testing.TB) (*site, error) {
	holder := f.sql(t, "SELECT holder FROM lease")
	for _, m := range f.sites {
		if m.life != nil && strings.Contains(holder, fmt.Sprintf(", process %d (", m.life.cmd.Process.Pid)) {
			return m, nil
		}
	}
	return nil, fmt.Errorf("%q leads, which is none of the bots", holder)
}

// until waits for something that Telegram can see.
func (f *fleet) until(most time.Duration, what string, done func() bool) error {
	ctx, cancel := context.WithTimeout(context.Background(), most)
	defer cancel()
	if err := f.telegram.Wait(ctx, done); err != nil {
		return fmt.Errorf("waited %v in vain until %s\n%s", most, what, f.logged())
	}
	return nil
}

// takenOver waits until another machine than one polls, and returns it.
func (f *fleet) takenOver(from *site) (to *site, err error) {
	before := map[*site]int64{}
	for _, m := range f.sites {
		before[m] = m.polls.Load()
	}
	err = f.until(time.Minute, "another bot polls", func() bool {
		for _, m := range f.sites {
			if m != from && m.polls.Load() > before[m] {
				to = m
				return true
			}
		}
		return false
	})
	return to, err
}

// together reports where two leaders have written at a time, or more of them led than
// could have.
func (f *fleet) together(t testing.TB, most int) error {
	for what, query := range map[string]string{
		"%s epochs have commits of more than one bot":            "SELECT count(*) FROM (SELECT 1 FROM witness GROUP BY epoch HAVING count(DISTINCT who) > 1) AS x",
		"%s times a commit follows one of a later epoch":         "SELECT count(*) FROM (SELECT epoch - lag(epoch) OVER (ORDER BY revision) AS d FROM witness) AS x WHERE d < 0",
		"%s revisions were committed twice":                      "SELECT count(*) - count(DISTINCT revision) FROM witness",
		"%s times a bot led while another one renewed its lease": fmt.Sprintf("SELECT greatest(0, epoch - %d) FROM lease", most),
	} {
		if n := f.sql(t, query); n != "0" {
			return fmt.Errorf(what+"; the last commits are of %s", n,
				f.sql(t, "SELECT string_agg(epoch || ' ' || who, ', ') FROM (SELECT * FROM witness ORDER BY revision DESC LIMIT 10) AS x"))
		}
	}
	return nil
}

// settle is the end of a suite: all that was said is done once, and answered.
func (f *fleet) settle(t testing.TB, epochs int) error {
	leader, err := f.leader(t)
	if err != nil {
		return err
	}
	if err := f.quiet(leader.life); err != nil {
		return err
	}
	a := f.acknowledged()
	applied, err := f.ledger(a)
	if err != nil {
		return err
	}
	if said := f.spoken(); applied != said || len(a.confirmed) != said || len(a.answered) != said {
		return fmt.Errorf("of %d commands %d are applied, %d confirmed, %d answered", said, applied, len(a.confirmed), len(a.answered))
	}
	if leader, err = f.leader(t); err != nil {
		return err
	}
	return errors.Join(f.wholeAt(leader.root), f.together(t, epochs), f.honest())
}

func (m *site) signal(s syscall.Signal) { _ = syscall.Kill(-m.life.cmd.Process.Pid, s) }
