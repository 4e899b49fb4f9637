package network

// Slept is how Watch tells that the machine was asleep.
var Slept = slept

// Listen is the kernel's news.
var Listen = listen

// What the tests count with.
const (
	Apart        = apart
	WellEvery    = wellEvery
	LongestPause = longestPause
)
