// mingtang: the one script of the pages. It turns the language, sorts and filters the synopsis,
// folds notes and searches; all else is in the pages. Nothing is loaded but files beside them.
"use strict";
const mingtang = { names: null, parts: [], lists: null, verdicts: [], issues: [] };

// --- language -------------------------------------------------------------------------------------
function tongue(zh) {
  document.documentElement.lang = zh ? "zh-Hant" : "en";
  for (const one of document.querySelectorAll("[data-zh]")) {
    one.dataset.en ??= one.textContent;
    one.textContent = zh ? one.dataset.zh : one.dataset.en;
  }
  for (const one of document.querySelectorAll("[data-t]")) {
    one.dataset.t ||= one.textContent;
    one.textContent = zh ? WORDS[one.dataset.t] : one.dataset.t;
  }
  for (const name of ["aria-label", "placeholder", "label", "title"])
    for (const one of document.querySelectorAll(`[data-zh-${name}]`)) {
      if (!one.hasAttribute(`data-en-${name}`)) one.setAttribute(`data-en-${name}`, one.getAttribute(name));
      one.setAttribute(name, one.getAttribute(`data-${zh ? "zh" : "en"}-${name}`));
    }
  for (const one of document.querySelectorAll(".margin, .beside th")) one.lang = document.documentElement.lang;
  for (const table of document.querySelectorAll("table.beside")) {  // for where they stand one below the other
    const heads = [...table.tHead.rows[0].cells].map(head => (head.querySelector("a") ?? head).textContent);
    for (const row of table.tBodies[0].rows) for (const cell of row.querySelectorAll("td")) cell.dataset.label = heads[cell.cellIndex];
  }
  const button = document.getElementById("language");
  button.textContent = zh ? "English" : "中文";
  button.lang = zh ? "en" : "zh-Hant";
}
function kept(value) {
  try { return value ? localStorage.setItem("language", value) : localStorage.getItem("language"); } catch { return null; }
}
const wish = kept() || (navigator.language.startsWith("zh") ? "zh" : "en");
tongue(wish === "zh");
document.getElementById("language").addEventListener("click", () => {
  const zh = document.documentElement.lang === "en";
  tongue(zh);
  kept(zh ? "zh" : "en");
});

// The state of a form lives in the address (#region=head&only=depth), so that a view can be sent on.
function restore(form, given) {
  for (const field of form.elements) {
    if (!field.name) continue;
    if (field.type === "checkbox") {
      if (given.has(field.name)) field.checked = given.getAll(field.name).includes(field.value);
    } else if (given.has(field.name)) field.value = given.get(field.name);
  }
}
function record(state) { history.replaceState(null, "", "#" + state); }
function hash() { return new URLSearchParams(location.hash.slice(1)); }

// --- synopsis -------------------------------------------------------------------------------------
function bare(word) { return word.normalize("NFD").replace(/[^\p{L}\p{N}]/gu, "").toLowerCase(); }

const FEW = 40;  // rows that need no columns: in columns of them the heads would stand apart
function synopsis(table, form) {
  const body = table.tBodies[0], rows = [...body.rows], heads = [...table.tHead.rows[0].cells].slice(1);
  rows.forEach((row, n) => { row.place = n; row.words = bare(row.dataset.p + row.cells[0].textContent + row.dataset.y + row.dataset.s); });
  const said = (cell, what) => cell.querySelector(what)?.textContent ?? "";
  const tests = {
    depth: cells => new Set(cells.map(c => said(c, "b")).filter(v => v && v !== "·")).size > 1,
    moxa: cells => new Set(cells.map(c => said(c, "i")).filter(Boolean)).size > 1,
    ban: cells => new Set(cells.filter(c => said(c, "b").replace("·", "") + said(c, "i")).map(c => c.dataset.f ?? "")).size > 1,
    differs: cells => tests.depth(cells) || tests.moxa(cells),
    n: cells => cells.some(c => c.dataset.f?.includes("n")),
    m: cells => cells.some(c => c.dataset.f?.includes("m")),
    x: cells => cells.some(c => c.querySelector(".x")),
    y: cells => cells.some(c => c.querySelector(".x") && !c.dataset.f),
    damaged: cells => cells.some(c => c.classList.contains("damaged")),
  };
  // whether a cell has what somebody says: the book itself (-) where its value is not another's
  const spoken = (cell, voice) => voice === "-" ? !cell.classList.contains("by") && /\d|×/.test(cell.textContent)
    : cell.dataset.v?.split("|").includes(voice);
  const orders = {
    code: row => row.place,
    region: row => [...form.region.options].findIndex(o => o.value === row.dataset.r) * 1e4 + row.place,
    book: row => +row.dataset.b,
    differs: row => -row.weight * 1e4 + row.place,
  };
  function show() {
    const wanted = new Set([...form.querySelectorAll("[name=w]:checked")].map(box => box.value));
    heads.forEach(head => { head.hidden = !wanted.has(head.dataset.w); });
    const find = bare(form.find.value);
    let count = 0;
    for (const row of rows) {
      const all = [...row.cells].slice(1);
      all.forEach((cell, n) => { cell.hidden = heads[n].hidden; });
      const seen = all.filter(cell => !cell.hidden), there = seen.filter(cell => !cell.classList.contains("none"));
      row.weight = ["depth", "moxa", "ban"].filter(what => tests[what](there)).length;
      const only = form.only.value;
      row.hidden = !((!form.channel.value || row.dataset.c === form.channel.value)
        && (!form.region.value || form.region.value.split(" ").includes(row.dataset.r))
        && (!find || row.words.includes(find))
        && (!form.by?.value || there.some(cell => spoken(cell, form.by.value)))
        && (!only || (only === "missing" ? there.length < seen.length : tests[only](there))));
      count += !row.hidden;
    }
    const order = orders[form.sort.value];
    body.append(...rows.sort((a, b) => order(a) - order(b)));
    table.classList.toggle("dense", form.dense.checked);
    table.parentNode.style.columnWidth = form.dense.checked && count > FEW ? `${7 + 2.4 * wanted.size}rem` : "";
    document.getElementById("count").textContent = `${count} / ${rows.length}`;
  }
  function state() {
    const given = new URLSearchParams(new FormData(form));
    if (given.getAll("w").length === heads.length) given.delete("w");
    if (!form.dense.checked) given.set("dense", "off");
    for (const [name, value] of [...given]) if (!value || (name === "sort" && value === "code")) given.delete(name);
    return given;
  }
  form.addEventListener("input", () => { record(state()); show(); });
  document.getElementById("every").addEventListener("click", () => {
    const boxes = [...form.querySelectorAll("[name=w]")], all = boxes.every(box => box.checked);
    for (const box of boxes) box.checked = !all;
    record(state());
    show();
  });
  form.addEventListener("submit", event => event.preventDefault());
  window.addEventListener("hashchange", () => { restore(form, hash()); show(); });
  table.addEventListener("keydown", event => {
    const move = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[event.key];
    const cell = event.target.closest("td, th");
    if (!move || !cell) return;
    const near = rows.filter(row => !row.hidden);
    let at = near.indexOf(cell.parentNode), column = cell.cellIndex, link = null;
    do {
      at += move[0]; column += move[1];
      link = near[at]?.cells[column]?.querySelector("a");
    } while (!link && near[at]?.cells[column]);
    if (link) { link.focus(); event.preventDefault(); }
  });
  form.dense.checked = matchMedia("(min-width: 60rem)").matches;
  restore(form, hash());
  show();
}
const table = document.getElementById("synopsis");
if (table) synopsis(table, document.getElementById("filter"));

// --- reading --------------------------------------------------------------------------------------
const marks = document.getElementById("marks");
if (marks) {
  const text = document.querySelector(".reading"), notes = [...text.querySelectorAll(".k-note")];
  const open = note => { if (text.classList.contains("fold")) note.classList.toggle("open"); };
  marks.fold.addEventListener("change", () => {
    text.classList.toggle("fold", marks.fold.checked);
    for (const note of notes) {
      note.classList.remove("open");
      if (marks.fold.checked) { note.tabIndex = 0; note.setAttribute("role", "button"); }
      else { note.removeAttribute("tabindex"); note.removeAttribute("role"); }
    }
  });
  text.addEventListener("click", event => { const note = event.target.closest(".k-note"); if (note) open(note); });
  text.addEventListener("keydown", event => {
    if (event.key === "Enter" && event.target.classList.contains("k-note")) open(event.target);
  });
}

// --- illnesses ------------------------------------------------------------------------------------
const grid = document.querySelector(".grid");
if (grid) grid.tHead.addEventListener("change", () => {  // points that all ticked witnesses treat it with
  const ticked = [...grid.tHead.querySelectorAll(":checked")].map(box => box.closest("th").cellIndex);
  const rows = [...grid.tBodies[0].rows];
  for (const row of rows) row.hidden = !ticked.every(n => row.cells[n].className === "has");
  document.getElementById("count").textContent = `${rows.filter(row => !row.hidden).length} / ${rows.length}`;
});

// --- lists that are long --------------------------------------------------------------------------
const ROWS = 60;
function lazily(place, more) {  // rows are made when they come into sight
  let waiting = [][Symbol.iterator]();
  function next() {
    const made = document.createDocumentFragment();
    let one = { done: false };
    for (let n = 0; n < ROWS && !(one = waiting.next()).done; n++) made.append(one.value);
    place.append(made);
    more.hidden = one.done;
  }
  more.addEventListener("click", next);
  new IntersectionObserver(seen => { if (seen.some(one => one.isIntersecting)) next(); }, { rootMargin: "400px" }).observe(more);
  return rows => { waiting = rows; place.replaceChildren(); next(); };
}
const loads = new Map();
function load(files) {  // scripts of data, each once
  for (const file of files) if (!loads.has(file)) loads.set(file, new Promise(done => {
    document.head.append(Object.assign(document.createElement("script"), { src: encodeURI(file), onload: done, onerror: done }));
  }));
  return Promise.all(files.map(file => loads.get(file)));
}
function element(name, text, given = {}) {
  const one = Object.assign(document.createElement(name), given);
  one.textContent = text;
  return one;
}

// --- search ---------------------------------------------------------------------------------------
// Data come as calls: points(…) with the names, part(…) with each stretch of a text. A stretch is
// made ready once, when it comes: its glyphs by what they are looked up by, and for each glyph what
// stands there (1: a point is treated, 2: nothing was read). An answer then looks for the words
// alone, keeps places as numbers, and makes rows of those that are seen.
const TREATED = 1, UNREAD = 2, AROUND = 24;
mingtang.points = function (given) {
  this.names = given;
  const glyphs = [...given.fold[0]], keys = [...given.fold[1]];
  this.fold = new Map(glyphs.map((char, n) => [char, keys[n]]));
  this.other = new RegExp(`[${given.fold[0]}]`, "gu");
};
mingtang.part = function (given) {
  given.x = [];  // glyphs of two units in the text and one in what is looked in, by their place there
  given.k = given.t.replace(this.other, (char, at) => {
    const key = this.fold.get(char);
    if (key.length < char.length) given.x.push(at - given.x.length);
    return key;
  });
  let at = 0;
  given.l = given.l.map(step => (at += step));
  given.is = new Uint8Array(given.t.length);
  for (const [start, end] of given.u) given.is.fill(UNREAD, start, end);
  for (const [start, end] of given.e) given.is.fill(TREATED, start, end);
  for (const [start, end, codes] of given.s) if (codes.length) given.is.fill(TREATED, start, end);
  this.parts.push(given);
};
mingtang.key = text => text.replace(mingtang.other, char => mingtang.fold.get(char));
function below(numbers, value) {  // how many of these rising numbers are not above the value
  let low = 0, high = numbers.length;
  while (low < high) { const middle = (low + high) >> 1; if (numbers[middle] <= value) low = middle + 1; else high = middle; }
  return low;
}
function meant(word) {  // the points of a name, its pinyin or a code
  const key = mingtang.key(word.trim()), latin = bare(word);
  return mingtang.names.points.filter(point =>
    point[0].toLowerCase() === latin || (point[2] && (point.latin ??= bare(point[2])) === latin)
    || (key && (point.forms ??= [point[1], ...point[3].split("|")].map(mingtang.key)).includes(key)));
}
function places(part, key, codes, wanted) {  // where in a stretch the words stand, or entries of the points
  const found = [], add = at => { if (!wanted || part.is[at] === wanted) found.push(at); };
  if (!key) for (const [start, , code] of part.e) { if (codes.has(code)) add(start); }
  else for (let at = part.k.indexOf(key); at >= 0; at = part.k.indexOf(key, at + key.length)) add(printed(part, at));
  return found;
}
function printed(part, at) { return at + below(part.x, at - 1); }
function called([code, name], pinyin) { return [name, pinyin, code === name ? "" : code].filter(Boolean).join(" "); }
function within(spans, at) { return spans.find(([start, end]) => start <= at && at < end); }
function line(part, at, length) {
  const entry = within(part.e, at), row = element("div", "", { className: "hit" });
  const number = part.n + below(part.l, at) - 1;
  const who = element("span", "", { className: "who" });
  who.append(element("a", `${part.w} ${number}`, { title: mingtang.titles.get(part.w), href: `${encodeURI(part.f)}#${entry && entry[0] === at ? encodeURI(entry[3]) : "L" + number}` }));
  const statement = within(part.s, at), files = mingtang.files;
  for (const code of new Set([...(entry ? [entry[2]] : []), ...(statement?.[2] ?? [])]))
    if (files.has(code)) who.append(" ", element("a", called(files.get(code)), { href: files.get(code)[4], lang: "zh-Hant" }));
  const end = at + (length || Math.min(30, (entry?.[1] ?? at) - at)), head = below(part.h, at);
  const first = Math.max(part.h[head - 1] ?? 0, at - AROUND), last = Math.max(end, Math.min(part.h[head] ?? Infinity, end + AROUND + 12));
  const left = element("bdi", part.t.slice(first, at), { className: "left", lang: "zh" });
  const right = element("bdi", "", { className: "right", lang: "zh" });
  right.append(element("mark", part.t.slice(at, end)), part.t.slice(end, last));
  row.append(who, left, right);
  if (part.is[at] === UNREAD) row.classList.add("unread");
  return row;
}
function search(form) {
  const place = document.getElementById("found"), count = document.getElementById("count");
  const rows = document.getElementById("rows"), fill = lazily(rows, document.getElementById("more"));
  mingtang.files = new Map(mingtang.names.points.map(point => [point[0], point]));
  mingtang.titles = new Map(mingtang.names.parts.map(([w, title]) => [w, title]));
  const order = new Map(mingtang.names.parts.map(([w], n) => [w, n]));
  const files = witness => mingtang.names.parts.filter(([w]) => !witness || w === witness).flatMap(([, , files]) => files);
  let turn = 0;
  function named(points) {
    const list = element("p", "");
    for (const point of points) {
      if (list.firstChild) list.append(" · ");
      list.append(element("a", called(point, point[2]), { href: point[4] }));
    }
    return points.length ? [list] : [];
  }
  function answer(word) {
    const points = meant(word), codes = new Set(points.map(point => point[0]));
    const key = /\p{Script=Han}/u.test(word) ? mingtang.key(word.trim()) : "";
    const wanted = { on: TREATED, not: UNREAD }[form.p.value];
    const held = [];
    let total = 0;
    for (const part of mingtang.parts) if (!form.w.value || part.w === form.w.value) {
      const found = places(part, key, codes, wanted);
      total += found.length;
      if (found.length) held.push([part, found]);
    }
    place.replaceChildren(...named(points));
    count.textContent = total;
    fill(function* () { for (const [part, found] of held) for (const at of found) yield line(part, at, key.length); }());
  }
  async function show() {
    const word = form.q.value, mine = ++turn;
    if (word.trim()) await load(files(form.w.value));
    if (mine !== turn) return;
    const start = performance.now();
    mingtang.parts.sort((a, b) => order.get(a.w) - order.get(b.w) || a.n - b.n);  // and so stand the places
    if (word.trim()) answer(word);
    else { fill([].values()); place.replaceChildren(); count.textContent = ""; }
    form.dataset.took = performance.now() - start;
  }
  const given = location.hash.length > 1 ? hash() : new URLSearchParams(location.search);
  restore(form, given);
  form.addEventListener("input", () => { record(new URLSearchParams(new FormData(form))); show(); });
  form.addEventListener("submit", event => { event.preventDefault(); show(); });
  window.addEventListener("hashchange", () => { restore(form, hash()); show(); });
  show().then(() => setTimeout(() => load(files("")), 200));  // the others meanwhile
}
const searching = document.getElementById("search");
if (searching) window.addEventListener("DOMContentLoaded", () => search(searching));

// --- verdicts and diagnostics ---------------------------------------------------------------------
mingtang.given = function (names) { this.lists = names; };
mingtang.rows = function ({ w, t, rows }) { for (const row of rows) this[t].push([w, ...row]); };
const FIELD = 5, SOURCE = 7, EDITORS = 8;  // where in a row of a verdict they stand
function findings(form) {
  const names = mingtang.lists, count = document.getElementById("count");
  const fill = lazily(document.getElementById("rows"), document.getElementById("more"));
  const order = new Map(names.of.map(([w], n) => [w, n]));
  const both = word => {
    const one = element("span", word.replaceAll("_", " "));
    if (Object.hasOwn(WORDS, one.textContent)) {
      one.dataset.t = one.textContent;
      if (document.documentElement.lang !== "en") one.textContent = WORDS[one.dataset.t];
    }
    return one;
  };
  const han = text => element("span", text, { lang: "zh" });
  function line(kind, [w, href, called, code, what, ...said]) {
    const row = element("tr", ""), point = names.points[code];
    const cells = [[element("a", called, href ? { href } : {})], point ? [element("a", `${point[0]} ${code === point[0] ? "" : code}`.trim(), { href: point[2], lang: "zh-Hant" })] : [han(code)]];
    if (kind === "verdicts") {
      const [field, value, source, editors, words, there, read] = said;
      const verdict = both(what);
      verdict.className = `verdict ${what}`;
      cells.push([verdict], [source ? han(source) : both("the note itself"), ...(editors ? [" ", element("small", `〔${editors}〕`, { lang: "zh" })] : [])], [both(field), " ", value === "forbidden" ? both(value) : han(value)], [han(words)], [there, " ", han(read)]);
    } else {
      const [severity, english, chinese] = said, message = element("span", english);
      if (chinese) {
        Object.assign(message.dataset, { zh: chinese, en: english });
        if (document.documentElement.lang !== "en") message.textContent = chinese;
      }
      cells.push([both(what)], [both(severity)], [message]);
      row.className = severity;
    }
    cells[0].push(" ", element("small", names.titles[w], { lang: "zh" }));
    row.append(...cells.map(content => { const cell = element("td", ""); cell.append(...content); return cell; }));
    return row;
  }
  function parts(wanted) {  // how many of each kind
    const counted = new Map();
    for (const row of wanted) counted.set(row[4], (counted.get(row[4]) ?? 0) + 1);
    return counted.size > 1 ? [": ", ...[...counted].sort((a, b) => b[1] - a[1]).flatMap(([word, n], at) => [at ? " · " : "", both(word), ` ${n}`])] : [];
  }
  function* rows(kind, wanted) { for (const row of wanted) yield line(kind, row); }
  let turn = 0;
  async function show() {
    const what = form.what.value, witness = form.w.value, mine = ++turn;
    const kind = form.what.selectedOptions[0].closest("optgroup").id;
    const find = form.find.value.trim();
    if (find) await load(["search-names.js"]);  // by which scripts and variants are one
    await load(names.of.filter(([w]) => !witness || w === witness).flatMap(([, verdicts, issues]) => kind === "verdicts" ? verdicts : issues));
    if (mine !== turn) return;
    const verdicts = kind === "verdicts", channel = form.channel.value, sought = find && mingtang.key(find);
    const { of, by, whose } = Object.fromEntries([...new FormData(form)].map(([name, value]) => [name, verdicts && value.trim()]));
    if (by) await load(["search-names.js"]);
    const said = by && mingtang.key(by);
    const wanted = mingtang[kind].filter(row => (what === kind || row[4] === what) && (!witness || row[0] === witness)
      && (!of || of.split(" ").includes(row[FIELD])) && (!by || mingtang.key(row[SOURCE]).includes(said))
      && (!whose || (whose === "-" ? !row[EDITORS] : row[EDITORS] === whose))
      && (!channel || names.points[row[3]]?.[1] === channel) && (!find || (row.key ??= mingtang.key(row.join("\n"))).includes(sought)));
    wanted.sort((a, b) => order.get(a[0]) - order.get(b[0]));
    for (const head of document.querySelectorAll("[data-kind]")) head.hidden = head.dataset.kind !== kind;
    count.replaceChildren(`${wanted.length}`, ...(what === kind ? parts(wanted) : []));
    fill(rows(kind, wanted));
  }
  restore(form, hash());
  form.addEventListener("input", () => { record(new URLSearchParams(new FormData(form))); show(); });
  form.addEventListener("submit", event => event.preventDefault());
  window.addEventListener("hashchange", () => { form.reset(); restore(form, hash()); show(); });
  show();
}
const listing = document.getElementById("findings");
if (listing) window.addEventListener("DOMContentLoaded", () => findings(listing));
