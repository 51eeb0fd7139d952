// What pages do by themselves. Everything else works without it.
"use strict";

// --- pages that change while somebody looks -----------------------------------------------------

// Whoever types, or has selected something, is not disturbed.
function isBusy(part) {
  const typed = [...part.querySelectorAll("input:not([type=hidden])")].some((field) =>
    /checkbox|radio/.test(field.type) ? field.checked : field.value !== field.defaultValue);
  return typed || part.querySelector("details[open] form, form details[open]") !== null || part.contains(document.activeElement);
}

let isStale = false;
document.addEventListener("focusout", () => setTimeout(() => isStale && refresh().catch(() => {}), 200));

async function refresh() {
  const part = document.getElementById("live");
  const answer = await fetch(location.pathname, { headers: { Accept: "text/html" } });
  if (answer.redirected) return location.reload(); // signed out
  if (!answer.ok) return;
  const anew = new DOMParser().parseFromString(await answer.text(), "text/html");
  const changed = anew.getElementById("live");
  if (!part || !changed) return;
  document.title = anew.title;
  const count = part.querySelector(".count"), counted = changed.querySelector(".count");
  isStale = isBusy(part);
  if (withoutTimes(part) === withoutTimes(changed)) {
    const times = changed.querySelectorAll("time[title]");
    part.querySelectorAll("time[title]").forEach((time, n) => { time.textContent = times[n]?.textContent ?? ""; });
  } else if (!isStale) {
    part.replaceWith(changed);
  } else if (count && counted && count.textContent !== counted.textContent) {
    count.textContent = counted.textContent + " Load the page anew to see them.";
  }
}

function withoutTimes(part) {
  const copy = part.cloneNode(true);
  copy.querySelectorAll("time[title], input[type=hidden], .note[role=status]").forEach((one) => one.remove());
  return copy.textContent.replace(/\s+/g, " ");
}

const live = document.getElementById("live");
if (live && live.dataset.poll) {
  setInterval(() => document.hidden || refresh().catch(() => {}), live.dataset.poll * 1000);
}
if (live && live.dataset.events) {
  const events = new EventSource(live.dataset.events);
  let soon;
  const later = () => { clearTimeout(soon); soon = setTimeout(() => refresh().catch(() => {}), 300); };
  events.addEventListener("step", later);
  events.addEventListener("end", () => { events.close(); later(); setTimeout(later, 2000); });
}

// --- forms ---------------------------------------------------------------------------------------

// A form is sent once, however often somebody clicks. Not at once: the clicked button goes along.
document.addEventListener("submit", (event) => {
  if (event.defaultPrevented || event.target.method !== "post") return;
  const buttons = event.target.querySelectorAll("button:not([hidden])");
  setTimeout(() => buttons.forEach((button) => { button.disabled = true; }), 0);
});
window.addEventListener("pageshow", () => {
  document.querySelectorAll("button[disabled]:not([hidden])").forEach((button) => { button.disabled = false; });
});

// --- a receipt: the box of the field is in sight ----------------------------------------------------

document.addEventListener("focusin", (event) => {
  const box = document.querySelector(`rect[data-field="${CSS.escape(event.target.id || "-")}"]`);
  if (!box) return;
  const around = box.closest(".pictures");
  const far = box.getBoundingClientRect().top - around.getBoundingClientRect().top;
  around.scrollTop += far - around.clientHeight / 2;
  if (event.target.select) event.target.select();
});
document.addEventListener("click", (event) => {
  const name = event.target.dataset && event.target.dataset.field;
  if (name) document.getElementById(name)?.focus();
});
const focused = document.activeElement;
if (focused && focused.closest("#check")) focused.dispatchEvent(new FocusEvent("focusin", { bubbles: true }));

// --- upload: each file with its progress --------------------------------------------------------------

const upload = document.getElementById("upload");
if (upload) {
  const results = document.getElementById("results");
  const hint = document.createElement("p");
  hint.className = "hint";
  hint.textContent = "You can also drop them anywhere on this page.";
  upload.querySelector(".drop").append(hint);
  const waiting = [];
  let underWay = 0;

  const send = ([file, line]) => {
    underWay += 1;
    const body = new FormData();
    for (const name of ["form_token", "notify"]) body.append(name, upload.elements[name].value);
    body.append("file", file, file.name || "photo.jpg");
    const request = new XMLHttpRequest();
    const bar = line.querySelector("progress");
    request.upload.onprogress = (event) => { if (event.lengthComputable) bar.value = event.loaded / event.total; };
    request.onloadend = () => {
      underWay -= 1;
      const page = new DOMParser().parseFromString(request.responseText || "", "text/html");
      const told = page.querySelector("#results > li");
      if (told) line.replaceWith(told);
      else line.textContent = `${file.name}: ${page.querySelector("[role=alert]")?.textContent || "it could not be sent; try again"}`;
      next();
    };
    request.open("POST", upload.action);
    request.send(body);
  };
  const next = () => { while (underWay < 3 && waiting.length) send(waiting.shift()); };
  const take = (files) => {
    document.getElementById("told").hidden = !files.length && !results.children.length;
    for (const file of files) {
      const line = document.createElement("li");
      line.className = "card";
      line.textContent = file.name + " ";
      const bar = line.appendChild(document.createElement("progress"));
      bar.setAttribute("aria-label", `Progress of ${file.name}`);
      bar.max = 1;
      results.append(line);
      waiting.push([file, line]);
    }
    next();
  };

  upload.addEventListener("submit", (event) => {
    event.preventDefault();
    const inputs = [...upload.querySelectorAll("input[type=file]")];
    take(inputs.flatMap((input) => [...input.files]));
    inputs.forEach((input) => { input.value = ""; });
  });
  for (const kind of ["dragover", "drop", "dragleave"]) {
    document.addEventListener(kind, (event) => {
      event.preventDefault();
      upload.classList.toggle("dropping", kind === "dragover");
      if (kind === "drop") take(event.dataTransfer.files);
    });
  }

  // What becomes of those that are being read.
  setInterval(async () => {
    const open = [...results.querySelectorAll("li[data-open]")];
    if (!open.length || document.hidden) return;
    const asked = open.slice(0, 50).map((line) => `receipt=${encodeURIComponent(line.dataset.receipt)}`);
    const answer = await fetch(`${upload.action}?${asked.join("&")}`).catch(() => null);
    if (!answer || !answer.ok || answer.redirected) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    for (const told of page.querySelectorAll("#results > li[data-receipt]")) {
      const line = open.find((one) => one.dataset.receipt === told.dataset.receipt);
      if (line && line.textContent !== told.textContent) {
        told.querySelector("a").textContent = line.querySelector("a").textContent;
        line.replaceWith(told);
      }
    }
  }, 2000);
}
