package main

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/dingpass/dingpass/backend/dingtalk"
	"github.com/dingpass/dingpass/backend/sandbox"
)

// wire is DingTalk at a distance: the sandbox, and in front of it two hosts
// with TLS behind a delayer each. The login pages stay near and plain, for they
// are the person's business.
type wire struct {
	*sandbox.Server
	api, oapi *delayer
	rtt       time.Duration
	caFile    string // the certificate, for a process
	ca        *x509.CertPool

	servers []*http.Server
	serving sync.WaitGroup
}

// newWire starts it; speaks is a flag's value: auto, 1 or 2. The certificate is
// written to dir.
func newWire(ctx context.Context, dir, speaks string, rtt time.Duration) (_ *wire, err error) {
	w := &wire{rtt: rtt, caFile: filepath.Join(dir, "ca.pem"), ca: x509.NewCertPool()}
	certificate, err := w.certify()
	if err != nil {
		return nil, err
	}
	if w.Server, err = sandbox.Listen(ctx, "", sandbox.Options{People: 10_000}); err != nil {
		return nil, err
	}
	for _, host := range []**delayer{&w.api, &w.oapi} {
		address, err := w.serve(ctx, certificate, speaks)
		if err == nil {
			*host, err = newDelayer(ctx, address, rtt)
		}
		if err != nil {
			w.close()
			return nil, err
		}
	}
	return w, nil
}

// serve adds a host, and returns where it can be reached without delay.
func (w *wire) serve(ctx context.Context, certificate tls.Certificate, speaks string) (string, error) {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	server := &http.Server{
		Handler:           w.Sandbox,
		TLSConfig:         &tls.Config{Certificates: []tls.Certificate{certificate}, MinVersion: tls.VersionTLS12},
		Protocols:         new(http.Protocols),
		ReadHeaderTimeout: 5 * time.Second,
	}
	server.Protocols.SetHTTP1(speaks != "2")
	server.Protocols.SetHTTP2(speaks != "1")
	w.servers = append(w.servers, server)
	w.serving.Go(func() { _ = server.ServeTLS(listener, "", "") }) // ends with close
	return listener.Addr().String(), nil
}

func (w *wire) close() {
	for _, host := range []*delayer{w.api, w.oapi} {
		if host != nil {
			host.close()
		}
	}
	for _, server := range w.servers {
		_ = server.Close() // cuts what is open
	}
	w.serving.Wait()
	_ = w.Close() // never an error
}

func (w *wire) apiURL() string  { return "https://" + w.api.address() }
func (w *wire) oapiURL() string { return "https://" + w.oapi.address() }

// certify makes a certificate that is its own authority, for an hour.
func (w *wire) certify() (tls.Certificate, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return tls.Certificate{}, err
	}
	form := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "dingpass bench"},
		NotBefore: time.Now().Add(-time.Minute), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, form, form, key.Public(), key)
	if err != nil {
		return tls.Certificate{}, err
	}
	text := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	w.ca.AppendCertsFromPEM(text)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, os.WriteFile(w.caFile, text, 0o600)
}

// transport is the product's own, with one more authority.
func (w *wire) transport() *http.Transport {
	t := dingtalk.NewTransport()
	t.Proxy = nil
	t.TLSClientConfig.RootCAs = w.ca
	return t
}

// passed grows with whatever arrives anywhere.
func (w *wire) passed() int64 { return w.api.passed.Load() + w.oapi.passed.Load() }

// quiet returns when something has arrived since the count was taken, and then
// nothing more for longer than any answer takes: the core has warmed up.
func (w *wire) quiet(ctx context.Context, since int64) error {
	pause := 2*w.rtt + 100*time.Millisecond
	for seen := since; ; {
		if err := waitUntil(ctx, time.Now().Add(pause)); err != nil {
			return err
		}
		now := w.passed()
		if now != since && now == seen {
			return nil
		}
		seen = now
	}
}
