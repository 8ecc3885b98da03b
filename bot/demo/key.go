package demo

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"net/http"
)

// A Key is the secret of one run. Whoever has it may use the page; other users of this machine have not.
type Key string

// NewKey makes a key of 128 random bits.
func NewKey() Key {
	bits := make([]byte, 16)
	rand.Read(bits) // it never fails
	return Key(base64.RawURLEncoding.EncodeToString(bits))
}

// Path is the page's address with the key in it, which is to be opened once. The browser gets a cookie for it.
func (k Key) Path() string { return "/?" + keyParam + "=" + string(k) }

const keyParam = "key"

// cookie is the name of the cookie. Cookies know no ports, so that each run needs a name of its own.
func (k Key) cookie() string {
	sum := sha256.Sum256([]byte(k))
	return "goals-demo-" + hex.EncodeToString(sum[:4])
}

func (k Key) is(text string) bool {
	return subtle.ConstantTimeCompare([]byte(text), []byte(k)) == 1
}

// guard lets nobody in who has not the key: in the address of the page, or in the cookie that comes with the page. The
// page itself is answered where the address has the key, and not a redirect, since a browser that comes from another
// site does not send a cookie of SameSite=Strict after one.
func (k Key) guard(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/" && k.is(r.URL.Query().Get(keyParam)) {
			http.SetCookie(w, &http.Cookie{Name: k.cookie(), Value: string(k), Path: "/", HttpOnly: true, SameSite: http.SameSiteStrictMode})
			next.ServeHTTP(w, r)
			return
		}
		if c, err := r.Cookie(k.cookie()); err != nil || !k.is(c.Value) {
			refuse(w, http.StatusForbidden, "Open the demo by the link that it printed when it began.")
			return
		}
		next.ServeHTTP(w, r)
	})
}

// NewToken makes a token for the demo's bot, of the same kind as a real one, which is as much of a secret.
func NewToken() string {
	return "1234567890:" + string(NewKey()) + string(NewKey())
}
