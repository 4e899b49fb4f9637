package callback

// Seal is Encrypt with the random bytes given.
func Seal(c Crypto, text []byte, timestamp, nonce, random string) (Envelope, error) {
	return c.seal(text, timestamp, nonce, random)
}

// Remembered is how many marks a handler keeps.
func (h *Handler) Remembered() int {
	h.memory.mu.Lock()
	defer h.memory.mu.Unlock()
	if len(h.memory.known) != h.memory.order.Len() {
		return -1
	}
	return len(h.memory.known)
}
