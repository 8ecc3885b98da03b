package telegram

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	tgbotapi "github.com/go-telegram-bot-api/telegram-bot-api/v5"

	"goalbot/message"
	"goalbot/telegramtest"
)

// listen serves on loopback and returns the base URL.
func listen(t *testing.T, h http.Handler) string {
	web := httptest.NewUnstartedServer(h)
	web.Config.ErrorLog = log.New(io.Discard, "", 0)
	web.Start()
	t.Cleanup(func() { web.CloseClientConnections(); web.Close() })
	return web.URL
}

func TestNoErrorHoldsTheToken(t *testing.T) {
	// A mute peer is given up soon.
	const short = 300 * time.Millisecond
	tests := map[string]func(t *testing.T) *Client{
		"refused connection": func(t *testing.T) *Client {
			l, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			l.Close()
			return NewClient("http://"+l.Addr().String(), canary)
		},
		"no such host": func(t *testing.T) *Client {
			c := NewClient("http://api.telegram.invalid", canary)
			c.http.Transport.(*http.Transport).DialContext = func(context.Context, string, string) (net.Conn, error) {
				return nil, &net.DNSError{Err: "no such host", Name: "api.telegram.invalid", IsNotFound: true}
			}
			return c
		},
		"proxy refuses": func(t *testing.T) *Client {
			proxy := listen(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				http.Error(w, r.RequestURI, http.StatusProxyAuthRequired)
			}))
			return throughProxy(t, "https://api.telegram.invalid", proxy)
		},
		"proxy refuses without encryption": func(t *testing.T) *Client {
			proxy := listen(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				http.Error(w, r.RequestURI, http.StatusProxyAuthRequired)
			}))
			return throughProxy(t, "http://api.telegram.invalid", proxy)
		},
		"proxy is not there": func(t *testing.T) *Client {
			return throughProxy(t, "https://api.telegram.invalid", "http://127.0.0.1:1")
		},
		"no encryption there": func(t *testing.T) *Client {
			return NewClient(strings.Replace(listen(t, http.NotFoundHandler()), "http:", "https:", 1), canary)
		},
		"redirect": func(t *testing.T) *Client {
			return NewClient(listen(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				http.Redirect(w, r, "http://127.0.0.1:1"+r.URL.Path, http.StatusFound)
			})), canary)
		},
		"mangled redirect": func(t *testing.T) *Client {
			return NewClient(listen(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Location", "http://login%zz"+r.URL.Path)
				w.WriteHeader(http.StatusFound)
			})), canary)
		},
		"no HTTP": func(t *testing.T) *Client {
			return NewClient(listen(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				conn, _, err := w.(http.Hijacker).Hijack()
				if err == nil {
					fmt.Fprintf(conn, "WHAT %s\r\n%s\r\n\r\n", r.RequestURI, r.RequestURI)
					conn.Close()
				}
			})), canary)
		},
		"echo": func(t *testing.T) *Client {
			return NewClient(listen(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				fmt.Fprintf(w, `{"ok":false,"error_code":400,"description":"Bad Request: %s"}`, r.RequestURI)
			})), canary)
		},
		"another token": func(t *testing.T) *Client {
			return NewClient(listen(t, telegramtest.New(telegramtest.Config{})), canary)
		},
		"a token with a line break": func(t *testing.T) *Client { return NewClient("http://127.0.0.1:1", canary+"\n") },
	}
	for _, base := range []string{"", "api.telegram.org", "127.0.0.1:1", "http://bad host", "://x", "http://[::1", "http://h:port", "http://h/%zz", "http://h/%s/%d", "http://h\x00", "gopher://h", "http://"} {
		tests["base "+base] = func(t *testing.T) *Client { return NewClient(base, canary) }
	}
	for name, fault := range map[string]telegramtest.Fault{
		"401": telegramtest.Unauthorized(), "429": telegramtest.TooManyRequests(5), "502": telegramtest.ServerErrorHTML(502),
		"eof": telegramtest.EOF(), "cut": telegramtest.CutBody(), "hang": telegramtest.Hang(), "slow": telegramtest.SlowBody(short / 10),
		"409": telegramtest.Conflict409(), "403": telegramtest.Blocked(), "migrate": telegramtest.Migrate(-100500), "page": telegramtest.Answer(200, canary),
	} {
		tests["fault "+name] = func(t *testing.T) *Client {
			s := telegramtest.New(telegramtest.Config{Token: canary})
			s.Fail("", -1, fault)
			c := NewClient(listen(t, s), canary)
			t.Cleanup(s.Close)
			return c
		}
	}
	for name, make := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := make(t)
			t.Cleanup(c.Close)
			ctx, cancel := context.WithTimeout(t.Context(), short)
			defer cancel()
			_, getErr := c.call(ctx, "getMe", nil, short)
			_, sendErr := c.call(ctx, "sendMessage", tgbotapi.Params{"chat_id": "1", "text": "x"}, short)
			_, fileErr := c.upload(ctx, "sendDocument", tgbotapi.Params{"chat_id": "1"}, tgbotapi.RequestFile{Name: "document", Data: tgbotapi.FileBytes{Name: "f", Bytes: []byte("x")}})
			_, fetchErr := c.Fetch(ctx, "f", 1000)
			_, loadErr := c.download(ctx, "documents/f", 1000)
			if name == "echo" && loadErr == nil { // whatever comes with 200 is the file
				loadErr = fetchErr
			}
			for _, err := range []error{getErr, sendErr, fileErr, fetchErr, loadErr} {
				if err == nil {
					t.Error("no error")
				}
				for e := err; e != nil; e = errors.Unwrap(e) {
					var logged strings.Builder
					slog.New(slog.NewTextHandler(&logged, nil)).Error("x", "err", e)
					for _, text := range []string{e.Error(), fmt.Sprintf("%+v %#v %q", e, e, e), logged.String()} {
						if strings.Contains(text, secret) || strings.Contains(text, canary) {
							t.Errorf("%T holds the token: %s", e, text)
						}
						// Only servers that repeat the address may bring it in.
						if strings.Contains(text, "/bot") && !slices.Contains([]string{"mangled redirect", "no HTTP", "echo"}, name) {
							t.Errorf("%T holds the address: %s", e, text)
						}
					}
				}
			}
		})
	}
}

func throughProxy(t *testing.T, base, proxy string) *Client {
	c := NewClient(base, canary)
	at, err := url.Parse(proxy)
	if err != nil {
		t.Fatal(err)
	}
	c.http.Transport.(*http.Transport).Proxy = http.ProxyURL(at)
	return c
}

// Who may not call calls nobody: another bot may lead. Once it may, it does.
func TestWhoMayNotCallIsSilent(t *testing.T) {
	calls := 0
	c := NewClient(listen(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		calls++
		io.WriteString(w, `{"ok":true,"result":{"message_id":1}}`)
	})), canary)
	defer c.Close()
	leads := false
	c.Allowed = func() bool { return leads }
	for range 2 {
		_, err := c.Say(t.Context(), 7, message.Message{Text: "hello"})
		_, pollErr := c.call(t.Context(), "getUpdates", nil, time.Second)
		if (err == nil) != leads || (pollErr == nil) != leads || (calls > 0) != leads || mayHaveSent(err) {
			t.Errorf("leads: %v; %d calls, and the errors %v, %v", leads, calls, err, pollErr)
		}
		leads = true
	}
}

func TestABaseURLIsTakenAsItIs(t *testing.T) {
	s := telegramtest.New(telegramtest.Config{Token: canary})
	t.Cleanup(s.Close)
	c := NewClient(listen(t, http.StripPrefix("/own server", s))+"/own%20server", canary)
	t.Cleanup(c.Close)
	if _, err := c.call(t.Context(), "getMe", nil, callDeadline); err != nil {
		t.Error(err)
	}
}

func TestARedirectIsNotFollowed(t *testing.T) {
	elsewhere := listen(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { t.Errorf("asked for %s", r.URL) }))
	for _, status := range []int{301, 302, 303, 307, 308} {
		c := NewClient(listen(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, elsewhere+r.URL.Path, status)
		})), canary)
		_, err := c.call(t.Context(), "getMe", nil, callDeadline)
		if kind, _ := classify(err); err == nil || kind != transient {
			t.Errorf("%d: %v", status, err)
		}
		c.Close()
	}
}

// Red where a redirect with a body that reads like an answer was taken for one.
func TestARedirectIsNoAnswer(t *testing.T) {
	c := NewClient(listen(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Location", "/elsewhere")
		w.WriteHeader(http.StatusTemporaryRedirect)
		_, _ = io.WriteString(w, `{"ok":true,"result":{"message_id":1}}`)
	})), canary)
	defer c.Close()
	_, err := c.call(t.Context(), "sendMessage", nil, callDeadline)
	if kind, _ := classify(err); err == nil || kind != transient {
		t.Errorf("it is taken: %v", err)
	}
}

func TestAnEndlessAnswerIsNotReadToItsEnd(t *testing.T) {
	wrote := make(chan int, 1)
	c := NewClient(listen(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		n, chunk := 0, make([]byte, 1<<20)
		for n < 8*maxBody {
			m, err := w.Write(chunk)
			if n += m; err != nil {
				break
			}
		}
		wrote <- n
	})), canary)
	t.Cleanup(c.Close)
	if _, err := c.call(t.Context(), "getMe", nil, callDeadline); err == nil {
		t.Error("it is taken")
	}
	if n := <-wrote; n == 8*maxBody {
		t.Errorf("all of its %d bytes are read", n)
	}
}

func TestAnswersHaveACap(t *testing.T) {
	const patient = 10 * time.Minute // ten megabytes of JSON take a busy machine longer than a call may
	s := telegramtest.New(telegramtest.Config{Token: canary})
	t.Cleanup(s.Close)
	c := NewClient(listen(t, s), canary)
	t.Cleanup(c.Close)
	s.Fail("getUpdates", 1, telegramtest.HugeBody(maxBody+1))
	if _, err := c.call(t.Context(), "getUpdates", nil, patient); err == nil {
		t.Error("an answer above the cap is taken")
	}
	s.Fail("getUpdates", 1, telegramtest.HugeBody(maxBody-1000))
	if _, err := c.call(t.Context(), "getUpdates", nil, patient); err != nil {
		t.Error(err)
	}
}

func TestTheDeadlineCoversTheLastByte(t *testing.T) {
	for name, fault := range map[string]telegramtest.Fault{"hang": telegramtest.Hang(), "slow": telegramtest.SlowBody(time.Second)} {
		bubble(t, func(t *testing.T, w *world) {
			w.Fail("getMe", 1, fault)
			began := time.Now()
			_, err := w.client.call(t.Context(), "getMe", nil, callDeadline)
			if took := time.Since(began); took != callDeadline || !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("%s: %v after %v", name, err, took)
			}
		})
	}
}

func TestARefusedUploadIsClassifiedLikeACall(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		for code, want := range map[int]class{403: gone, 500: transient, 429: flood} {
			w.Fail("sendDocument", 1, telegramtest.Status(code, "x"))
			_, err := w.client.send(t.Context(), ann.ID, message.Message{Text: "x", Document: message.NewDocument("f", []byte("x"))})
			if got, _ := classify(err); got != want {
				t.Errorf("%v is of class %d, want %d", err, got, want)
			}
		}
	})
}

// A server error leaves unknown what became of the call, whatever page comes with it;
// one that is too busy has not passed it on, and what is refused was not done.
func TestWhatAnErrorPageSaysOfTheCall(t *testing.T) {
	for status, unsure := range map[int]bool{403: false, 499: false, 500: true, 502: true, 503: false, 504: true} {
		c := NewClient(listen(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.WriteHeader(status)
			_, _ = io.WriteString(w, "<html>")
		})), canary)
		if _, err := c.call(t.Context(), "sendMessage", nil, callDeadline); err == nil || mayHaveSent(err) != unsure {
			t.Errorf("%d: %v, may have been sent: %v", status, err, mayHaveSent(err))
		}
		c.Close()
	}
}
