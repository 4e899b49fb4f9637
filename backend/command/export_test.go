package command

// ExitCodeOf lets the tests hold every code against the contract.
var ExitCodeOf = exitCodeOf
