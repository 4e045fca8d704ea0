// The Gmail panel. Its words come from the page and from the gateway; nothing
// that it learns is kept anywhere but here.
"use strict";
(() => {
  const EVERY = 3000;
  const LONGEST = 10 * 60 * 1000;
  const byId = id => document.getElementById(id);
  const words = byId("panel").dataset;
  let bearer = "";
  let mark = "";
  let watched = 0;

  function say(text, bad = false) {
    byId("told").textContent = text;
    byId("told").className = bad ? "bad" : "";
  }

  async function ask(method, path, body) {
    const headers = {};
    if (bearer) headers.authorization = `Bearer ${bearer}`;
    if (body) headers["content-type"] = "application/json";
    const asked = { method, headers, cache: "no-store", credentials: "omit", redirect: "error" };
    if (body) asked.body = JSON.stringify(body);
    const answer = await fetch(new URL(path, location.href), asked).catch(() => null);
    if (!answer) throw new Error(words.offline);
    const told = await answer.json().catch(() => ({}));
    if (answer.status === 401) end();
    if (!answer.ok) throw new Error(told.message || words.offline);
    return told;
  }

  function end() {
    bearer = "";
    watched = 0;
    byId("content").hidden = true;
  }

  // One press at a time; what went wrong is said.
  async function attempt(work, button) {
    if (button) button.disabled = true;
    try {
      await work();
    } catch (error) {
      say(error.message, true);
    } finally {
      if (button) button.disabled = false;
    }
  }

  function element(name, text, inside) {
    const made = document.createElement(name);
    if (text !== undefined) made.textContent = text;
    if (inside) made.append(inside);
    return made;
  }

  function row(name, value) {
    const made = element("div");
    made.append(element("dt", name), element("dd", undefined, value));
    return made;
  }

  function time(at) {
    const made = element("time", new Date(at).toLocaleString(document.documentElement.lang, { dateStyle: "medium", timeStyle: "short" }));
    made.dateTime = at;
    return made;
  }

  function draw(state) {
    mark = state.mark;
    byId("title").textContent = state.title;
    byId("stands").textContent = state.stands;
    byId("stands").className = state.good ? "good" : "bad";
    byId("notes").replaceChildren(...state.notes.map(note => element("p", note)));
    byId("connect").textContent = state.connect || "";
    byId("connect").className = state.good ? "plain" : "";
    byId("connect").hidden = !state.connect;
    byId("issue").hidden = !state.issue;
    byId("disconnect").hidden = !state.disconnect;
    if (!state.disconnect) sure(false);
    byId("facts").replaceChildren(...state.facts.map(({ name, value, at }) => row(name, at ? time(at) : value)));
    byId("sides").replaceChildren(...state.enter.flatMap(side => {
      const list = element("dl");
      list.className = "facts";
      list.append(...side.rows.map(([name, value]) => row(name, element("code", value))));
      return [element("h3", side.name), list];
    }));
    byId("enter").hidden = state.enter.length === 0;
    byId("content").hidden = false;
  }

  async function look() {
    draw(await ask("GET", "panel/state"));
  }

  function sure(open) {
    byId("sure").hidden = !open;
    byId("disconnect").setAttribute("aria-expanded", String(open));
  }

  // While somebody is at Google in another window: until something has changed.
  function watch() {
    const mine = watched = Date.now();
    const before = mark;
    const again = async () => {
      if (watched !== mine) return;
      if (Date.now() - mine > LONGEST) return say("");
      await look().catch(error => say(error.message, true));
      if (watched !== mine) return;
      if (mark !== before) return say(byId("stands").textContent);
      setTimeout(again, EVERY);
    };
    setTimeout(again, EVERY);
  }

  byId("connect").addEventListener("click", () => {
    // Within the press, or browsers block it.
    const name = `postern-${Date.now()}`;
    const opened = window.open("", name);
    if (!opened) return say(words.blocked, true);
    attempt(async () => {
      try {
        byId("ticket").value = (await ask("POST", "panel/connect")).ticket;
      } catch (error) {
        opened.close();
        throw error;
      }
      byId("way").target = name;
      byId("way").submit();
      byId("ticket").value = "";
      say(words.waiting);
      watch();
    }, byId("connect"));
  });

  byId("issue").addEventListener("click", () => attempt(async () => {
    byId("token").value = (await ask("POST", "panel/token")).token;
    byId("copied").textContent = "";
    byId("issued").hidden = false;
    byId("issued-title").focus();
    say("");
  }, byId("issue")));

  byId("disconnect").addEventListener("click", () => {
    sure(byId("sure").hidden);
    if (!byId("sure").hidden) byId("no").focus();
  });

  byId("no").addEventListener("click", () => {
    sure(false);
    byId("disconnect").focus();
  });

  byId("yes").addEventListener("click", () => attempt(async () => {
    const { message } = await ask("POST", "panel/disconnect");
    sure(false);
    await look();
    say(message);
  }, byId("yes")));

  attempt(async () => {
    const ticket = location.hash.slice(1);
    history.replaceState(null, "", location.pathname);
    if (!ticket) throw new Error(words.over);
    say(byId("told").dataset.loading);
    bearer = (await ask("POST", "panel/session", { ticket })).bearer;
    await look();
    say("");
  });
})();
