package palace

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"goalbot/postgrestest"
)

// Where TLS is asked for with verify-full, a server must show a certificate that is
// its own.
func TestTLS(t *testing.T) {
	dir := t.TempDir()
	root := certificate(t, dir, "localhost")
	s := postgrestest.Start(t)
	s.UseTLS(t, filepath.Join(dir, "server.crt"), filepath.Join(dir, "server.key"))
	port := strconv.Itoa(s.Port)
	file := filepath.Join(t.TempDir(), "palace.db")
	p := openPlace(t, Place{File: file, URL: s.TCP(t, postgrestest.User, "localhost:"+port, "sslmode", "verify-full", "sslrootcert", root)})
	var encrypted bool
	if err := p.readers.QueryRow("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()").Scan(&encrypted); err != nil || !encrypted {
		t.Errorf("the connection is encrypted: %v, %v", encrypted, err)
	}
	for name, test := range map[string]struct{ host, root, says string }{
		"another name":          {"127.0.0.1", root, "cannot validate certificate for 127.0.0.1"},
		"another authority":     {"localhost", certificate(t, t.TempDir(), "localhost"), "certificate signed by unknown authority"},
		"authorities not there": {"localhost", filepath.Join(dir, "nothing"), "a certificate"},
	} {
		url := s.TCP(t, postgrestest.User, test.host+":"+port, "sslmode", "verify-full", "sslrootcert", test.root)
		_, err := Place{File: filepath.Join(t.TempDir(), "palace.db"), URL: url}.Open(t.Context(), Options{})
		if err == nil || !strings.Contains(err.Error(), test.says) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// certificate makes one for a server, with its key, and returns the file of who signed it.
func certificate(t *testing.T, dir, name string) (root string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	c := &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: name}, DNSNames: []string{name},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, c, c, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	for file, block := range map[string]*pem.Block{"server.crt": {Type: "CERTIFICATE", Bytes: der}, "server.key": {Type: "PRIVATE KEY", Bytes: secret}} {
		if err := os.WriteFile(filepath.Join(dir, file), pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return filepath.Join(dir, "server.crt")
}
