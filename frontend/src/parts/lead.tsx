/** What goes with a heading. A sentence that does not fit on the line of the one before begins the next. */
export function Lead({ text }: { text: string }) {
  return <p class="lead">{sentences(text)}</p>
}

/** The sentences, as boxes that move to the next line as a whole, and the spaces between them. */
function sentences(text: string) {
  const parts = text.match(/\S.*?(?:[。？！]|[.?!](?=\s)|$)|\s+/g) ?? []
  if (parts.length < 2) return text
  return parts.map((part, place) => (part.trim() === '' ? part : <span key={place}>{part}</span>))
}
