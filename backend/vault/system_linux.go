package vault

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/godbus/dbus/v5"
)

// The names of the Secret Service API, as the freedesktop.org draft 0.2 has
// them. The login collection comes first in go-keyring too.
const (
	secretsName      = "org.freedesktop.secrets"
	secretsPath      = dbus.ObjectPath("/org/freedesktop/secrets")
	secretsService   = "org.freedesktop.Secret.Service"
	secretCollection = "org.freedesktop.Secret.Collection"
	secretIsLocked   = "org.freedesktop.Secret.Error.IsLocked"
	loginCollection  = dbus.ObjectPath("/org/freedesktop/secrets/collection/login")
)

// errNoCollection is a Secret Service without a keyring in it, as on a machine
// where nobody has logged in graphically (zalando/go-keyring #116).
var errNoCollection = errors.New("the Secret Service has no default collection")

// lookWithin bounds the look, in case its caller has given up already.
const lookWithin = 10 * time.Second

// look reports whether the collection that go-keyring will use is locked. It
// errs where there is no bus, no Secret Service or no collection: go-keyring
// would start a bus of its own for want of one, which outlives us, and has one
// untyped error for «locked», «dismissed» and «no collection».
func look() (locked bool, err error) {
	ctx, cancel := context.WithTimeout(context.Background(), lookWithin)
	defer cancel()
	conn, err := dbus.SessionBusPrivateNoAutoStartup(dbus.WithContext(ctx))
	if err != nil {
		return false, fmt.Errorf("session bus: %w", err)
	}
	defer func() { _ = conn.Close() }() // nothing of it is needed any more
	if err := errors.Join(conn.Auth(nil), conn.Hello()); err != nil {
		return false, fmt.Errorf("session bus: %w", err)
	}
	path, err := collection(conn.Object(secretsName, secretsPath))
	if err != nil {
		return false, err
	}
	err = conn.Object(secretsName, path).StoreProperty(secretCollection+".Locked", &locked)
	if err != nil {
		return false, fmt.Errorf("ask whether the keyring is locked: %w", err)
	}
	return locked, nil
}

// collection is the one that go-keyring will use.
func collection(secrets dbus.BusObject) (dbus.ObjectPath, error) {
	var all []dbus.ObjectPath
	if err := secrets.StoreProperty(secretsService+".Collections", &all); err != nil {
		return "", fmt.Errorf("ask the Secret Service for its collections: %w", err)
	}
	if slices.Contains(all, loginCollection) {
		return loginCollection, nil
	}
	var path dbus.ObjectPath
	if err := secrets.Call(secretsService+".ReadAlias", 0, "default").Store(&path); err != nil {
		return "", fmt.Errorf("ask the Secret Service for its default collection: %w", err)
	}
	if path == "/" {
		return "", errNoCollection
	}
	return path, nil
}

// meansLocked knows an entry that is locked by itself (zalando/go-keyring #88).
func meansLocked(err error) bool {
	var answer dbus.Error
	return errors.As(err, &answer) && answer.Name == secretIsLocked
}
