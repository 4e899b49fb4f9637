// The console shows the sandbox live, and presses its controls: everything here
// is also a call to /_control/ that a script can make.
"use strict";

const $ = (id) => document.getElementById(id);

function make(tag, text, className) {
  const node = document.createElement(tag);
  if (text !== undefined) node.textContent = text;
  if (className) node.className = className;
  return node;
}

function row(...cells) {
  const line = make("tr");
  for (const cell of cells) {
    const td = make("td");
    td.append(cell);
    line.append(td);
  }
  return line;
}

function fill(id, nodes) {
  $(id).replaceChildren(...nodes);
  const none = document.querySelector(`[data-none="${id}"]`);
  if (none) none.hidden = nodes.length > 0;
}

function say(text) {
  $("said").textContent = text;
  $("said").hidden = text === "";
}

async function ask(method, path, body) {
  const response = await fetch(`/_control/${path}`, {
    method,
    headers: { "Content-Type": "application/json" },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  return response.status === 204 ? {} : response.json();
}

async function control(method, path, body) {
  const answer = await ask(method, path, body);
  say(answer.error ?? "");
  return answer;
}

const clock = (at) => new Date(at).toLocaleTimeString([], { hour12: false });

function request({ at, method, endpoint, status }) {
  const mark = make("b", status || "×", status >= 200 && status < 400 ? "good" : "bad");
  return row(make("time", clock(at)), method, endpoint, mark);
}

function fault(endpoint, list) {
  const item = make("li");
  const what = list.map((f) => JSON.stringify(f)).join(", ");
  const heal = make("button", $("faults").dataset.heal);
  heal.type = "button";
  heal.addEventListener("click", () => control("DELETE", `faults?endpoint=${encodeURIComponent(endpoint)}`));
  item.append(make("b", endpoint), make("code", what), heal);
  return item;
}

function qr({ path, stage, expires_at }) {
  const item = make("li");
  const link = make("a", path);
  link.href = path;
  link.target = "_blank";
  link.rel = "noopener";
  item.append(link, make("span", `${stage} · ${clock(expires_at)}`, "soft"));
  return item;
}

// Lists that stay the same are not drawn again: a button must not vanish under
// the pointer.
const drawn = {};
function draw(id, value, nodes) {
  const now = JSON.stringify(value);
  if (drawn[id] === now) return;
  drawn[id] = now;
  fill(id, nodes());
}

function show(news) {
  $("now").textContent = new Date(news.now).toLocaleString([], { hour12: false });
  draw("requests", news.requests, () => news.requests.map(request));
  draw("faults", news.faults, () => Object.entries(news.faults).map(([endpoint, list]) => fault(endpoint, list)));
  draw("showing", news.showing, () => news.showing.map(qr));
  $("streams").textContent = news.stream_connections;
  $("waiting").textContent = news.events_waiting;
  $("callback").hidden = !news.callback;
  $("limit").checked = news.rate_limit > 0;
  $("people-count").textContent = news.people;
  if (known !== news.people_revision) {
    known = news.people_revision;
    find();
  }
}

function noLogin(userid) {
  const button = make("button", $("people").dataset.code);
  button.type = "button";
  button.addEventListener("click", async () => {
    const { code } = await control("POST", "codes", { action: "no_login", userid });
    if (code) say(`${userid}: ${code}`);
  });
  return button;
}

// What makes somebody more than an employee who can sign in.
function standing(p) {
  const { disabled, blocked, left, external, inactive } = $("people").dataset;
  const is = [[p.disabled, disabled], [p.blocked, blocked], [p.left, left], [p.external, external], [!p.active, inactive]];
  return is.filter(([holds]) => holds).map(([, word]) => word).join(" · ");
}

// The rows that are shown, by userid. A row stays the same as long as its
// person is listed, whatever changes of them: the focus, the pointer or a
// selection may be in it.
let shown = new Map();

function person(p) {
  const { line, parts } = shown.get(p.userid) ?? blank(p.userid);
  for (const [part, text] of [["name", p.name], ["title", p.title], ["standing", standing(p)], ["note", p.note ?? ""]]) {
    if (parts[part].textContent !== text) parts[part].textContent = text;
  }
  return { line, parts };
}

function blank(userid) {
  const parts = { name: make("b"), title: make("span"), standing: make("b", "", "bad"), note: make("span", "", "soft") };
  const about = make("span");
  about.append(parts.standing, " ", parts.note);
  return { line: row(parts.name, userid, parts.title, about, noLogin(userid)), parts };
}

// People stay in their order, so that a row that stays is not moved either: that
// would cost the focus, too.
function list(people) {
  const next = new Map(people.map((p) => [p.userid, person(p)]));
  for (const [userid, { line }] of shown) if (!next.has(userid)) line.remove();
  const body = $("people");
  [...next.values()].forEach(({ line }, i) => {
    if (body.rows[i] !== line) body.insertBefore(line, body.rows[i] ?? null);
  });
  shown = next;
}

let known; // the revision of the directory that the rows are of
let asked = 0;
let answered = 0;
async function find() {
  const text = $("find").value;
  const turn = ++asked;
  try {
    const { people } = await ask("GET", `people?limit=50&q=${encodeURIComponent(text)}`);
    if (turn < answered || text !== $("find").value) return; // overtaken
    answered = turn;
    list(people);
  } catch {
    known = undefined; // the next news asks again
  }
}

$("presets").addEventListener("click", ({ target }) => {
  if (!target.dataset.fault) return;
  const times = Number(document.querySelector("[name=times]:checked").value);
  control("POST", "faults", { endpoint: $("endpoint").value, faults: [{ ...JSON.parse(target.dataset.fault), times }] });
});
$("heal").addEventListener("click", () => control("DELETE", "faults"));
$("limit").addEventListener("change", ({ target }) => control("POST", "settings", { rate_limit: target.checked ? 20 : 0 }));
$("find").addEventListener("input", find);
$("event").addEventListener("submit", (event) => {
  event.preventDefault();
  const { type, userid } = event.target.elements;
  const fields = type.value.startsWith("org_dept") ? { deptId: [88001] } : { userId: [userid.value] };
  control("POST", "events", { type: type.value, fields });
});
for (const button of document.querySelectorAll("[data-post]")) {
  button.addEventListener("click", () => control("POST", button.dataset.post, JSON.parse(button.dataset.body)));
}

const live = new EventSource("/_console/live");
live.addEventListener("message", ({ data }) => show(JSON.parse(data)));
live.addEventListener("open", () => {
  $("away").hidden = true;
  known = undefined; // it may be another sandbox, and other people
});
live.addEventListener("error", () => { $("away").hidden = false; });
