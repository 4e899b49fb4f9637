//go:build !windows

package main

// attachConsole has nothing to do: a program has its terminal here.
func attachConsole() {}
