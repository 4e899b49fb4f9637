// The login page follows its QR: it shows each stage and hands over the result.
// A full page goes to the redirect address; a framed page tells the window
// around it, and only where that window is of the redirect's origin.
"use strict";

const main = document.querySelector("main");
const phone = document.querySelector(".phone");
const framed = document.body.classList.contains("frame");
const finals = ["confirmed", "refused", "expired"];

const sleep = (ms) => new Promise((done) => setTimeout(done, ms));

async function ask(seen) {
  const response = await fetch(`${main.dataset.watch}?wait=20&seen=${seen}`, { cache: "no-store" });
  if (!response.ok) throw new Error(`watch: ${response.status}`);
  return response.json();
}

async function follow() {
  let answer = { stage: "waiting" };
  while (!finals.includes(answer.stage)) {
    try {
      answer = await ask(answer.stage);
    } catch {
      await sleep(1000); // the sandbox is away; it may come back
      continue;
    }
    main.dataset.stage = answer.stage;
  }
  phone.hidden = true;
  finish(answer);
}

function finish({ stage, redirectUrl, errorMsg, loginTmpCode }) {
  if (stage === "expired") return;
  if (!framed) {
    if (redirectUrl) location.assign(redirectUrl);
    return;
  }
  if (loginTmpCode) parent.postMessage(loginTmpCode, main.dataset.target);
  else if (redirectUrl) parent.postMessage({ success: true, redirectUrl }, main.dataset.target);
  else if (errorMsg) parent.postMessage({ success: false, errorMsg }, main.dataset.target);
}

// A code on 127.0.0.1 cannot be scanned by a real phone: the link shows one
// inside this page, since a frame may not be allowed to open windows.
document.querySelector(".simulate").addEventListener("click", (event) => {
  event.preventDefault();
  const screen = document.createElement("iframe");
  screen.src = event.currentTarget.getAttribute("href");
  screen.title = event.currentTarget.textContent;
  const shell = phone.querySelector(".shell");
  shell.querySelector("iframe")?.remove();
  shell.append(screen);
  phone.hidden = false;
});

phone.querySelector("button").addEventListener("click", () => {
  phone.hidden = true;
});

follow();
