// The class page: a table of students and behaviours that is sorted, filtered and walked through, and the stories behind it.
// Whatever students or their programs wrote comes to the page as text only (textContent, or a drawing as the source of an <img>).
"use strict";

const { words, signs, columns, students, packs } = JSON.parse(document.getElementById("data").textContent);
const kinds = [...signs, { code: "-", sign: "", name: "absent", word: words.not_asked }];
const byCode = new Map(kinds.map((kind, rank) => [kind.code, { ...kind, rank, cell: cellOf(kind) }]));
const grid = document.getElementById("grid");
const dialog = document.getElementById("story");
const controls = Object.fromEntries(
  ["search", "role", "suite", "verdict", "missed-only"].map((id) => [id, document.getElementById(id)]),
);
const collator = new Intl.Collator(document.documentElement.lang, { numeric: true });
const order = { by: "name", down: false };
let shown = []; // the numbers of the columns in the table
let rows = []; // [student, <tr>]
let active = null; // the one place of the table that Tab comes to

function make(tag, text, attributes = {}, ...children) {
  const made = document.createElement(tag);
  if (text) made.textContent = text;
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

function cellOf({ sign, name, word }) {
  return make("td", sign, { class: name, tabindex: -1, "aria-label": word });
}

const signOf = (student, column) => byCode.get(student.codes[column]);
const isMissed = (student, column) => "fa".includes(student.codes[column]);

// ---- the table

function build() {
  const { role, suite } = controls;
  const wanted = (column, number) =>
    (!role.value || column.role === role.value) &&
    (!suite.value || column.suite === suite.value) &&
    (!controls["missed-only"].checked || students.some((student) => isMissed(student, number)));
  shown = columns.map((_, number) => number).filter((number) => wanted(columns[number], number));
  if (typeof order.by === "number" && !shown.includes(order.by)) order.by = "name";
  rows = students.map((student) => [student, row(student)]);
  grid.tHead.replaceChildren(groups(), head());
  grid.tBodies[0].replaceChildren();
  active = null;
  arrange();
}

function groups() {
  const made = make("tr", "", {}, make("td"), make("td"));
  let last = null;
  for (const number of shown) {
    const { role } = columns[number];
    if (last?.title === role) last.colSpan += 1;
    else made.append((last = make("th", role, { scope: "colgroup", class: "group", title: role })));
  }
  return made;
}

function head() {
  const title = (by, text, about, kind) =>
    make("th", "", { scope: "col", class: kind, "data-by": by }, make("button", text, { type: "button", title: about, tabindex: -1 }));
  const made = make("tr", "", {}, title("name", words.student, words.student, "who"), title("percent", words.final, words.final, "marks"));
  for (const number of shown) {
    const { label, says, level, hidden } = columns[number];
    const about = `${says} (${level}${hidden ? `, ${words.hidden_from_students}` : ""})`;
    made.append(title(number, label, about, "column"));
  }
  return made;
}

function row(student) {
  const who = make("th", "", { scope: "row", tabindex: -1, title: student.key }, make("bdi", student.name || student.key));
  const made = make("tr", "", {}, who, make("td", student.marks, { class: "marks", tabindex: -1 }));
  for (const number of shown) {
    made.append(signOf(student, number).cell.cloneNode(true));
  }
  return made;
}

function compare([one], [other]) {
  const { by } = order;
  if (by === "name") return collator.compare(one.name, other.name);
  if (by === "percent") return one.percent - other.percent;
  return signOf(one, by).rank - signOf(other, by).rank;
}

function arrange() {
  const text = controls.search.value.trim().toLowerCase();
  const code = controls.verdict.value;
  const matches = (student) =>
    [student.name, student.key, ...student.fields].some((each) => each.toLowerCase().includes(text)) &&
    (!code || shown.some((number) => student.codes[number] === code));
  rows.sort((one, other) => (order.down ? compare(other, one) : compare(one, other)));
  for (const [student, line] of rows) line.hidden = !matches(student);
  grid.tBodies[0].append(...rows.map(([, line]) => line));
  for (const title of grid.tHead.rows[1].cells) {
    const here = title.dataset.by === String(order.by);
    title.setAttribute("aria-sort", here ? (order.down ? "descending" : "ascending") : "none");
  }
  const seen = rows.filter(([, line]) => !line.hidden).length;
  document.getElementById("shown").textContent = fill(words.shown, {
    students: seen, all: students.length, columns: shown.length, behaviours: columns.length,
  });
  if (!active || active.closest("tr").hidden) rove(grid.tHead.rows[1].cells[0]);
}

const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name]);

function sort(by) {
  order.down = order.by === by && !order.down;
  order.by = by;
  arrange();
}

// ---- the keyboard: one place has the focus, and the arrow keys move it (ARIA Authoring Practices, grid)

const STEPS = {
  ArrowRight: [0, 1], ArrowLeft: [0, -1], ArrowDown: [1, 0], ArrowUp: [-1, 0],
  PageDown: [10, 0], PageUp: [-10, 0], Home: [0, -Infinity], End: [0, Infinity],
};

function rove(cell) {
  active?.setAttribute("tabindex", -1);
  active = cell.querySelector("button") ?? cell;
  active.setAttribute("tabindex", 0);
}

function step(key, far) {
  const lines = [grid.tHead.rows[1], ...rows.map(([, line]) => line).filter((line) => !line.hidden)];
  const within = (number, all) => Math.min(Math.max(number, 0), all.length - 1);
  const [down, right] = STEPS[key];
  const line = lines[within(lines.indexOf(active.closest("tr")) + (far ? right || down : down), lines)];
  rove(line.cells[within(active.closest("th, td").cellIndex + right, line.cells)]);
  active.focus();
}

grid.addEventListener("keydown", (event) => {
  const far = event.ctrlKey && ["Home", "End"].includes(event.key);
  const opens = ["Enter", " "].includes(event.key) && event.target.closest("tbody");
  if (event.altKey || event.metaKey || (event.ctrlKey && !far) || !(opens || event.key in STEPS)) return;
  event.preventDefault();
  if (opens) open(event.target);
  else step(event.key, far);
});

grid.addEventListener("focusin", (event) => {
  const cell = event.target.closest("th, td");
  if (cell) rove(cell);
});

grid.addEventListener("click", (event) => {
  const title = event.target.closest("thead th[data-by]");
  const cell = event.target.closest("tbody th, tbody td");
  if (title) sort(/^\d+$/.test(title.dataset.by) ? Number(title.dataset.by) : title.dataset.by);
  else if (cell) open(cell);
});

// ---- the stories

const unpacked = new Map();

function storiesOf(column) {
  if (!unpacked.has(column)) unpacked.set(column, unpack(packs[column]));
  return unpacked.get(column);
}

async function unpack(pack) {
  const bytes = Uint8Array.from(atob(pack), (letter) => letter.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  return (await new Response(stream).text()).split("\n");
}

function toldOf(student, column) { // which of the column's stories: they are numbered for what is neither passed nor absent
  const before = [...student.codes.slice(0, column)].filter((code) => !"p-".includes(code)).length;
  return "p-".includes(student.codes[column]) ? undefined : student.told[before];
}

async function open(cell) {
  cell.focus();
  const [student] = rows.find(([, line]) => line === cell.closest("tr"));
  const body = cell.cellIndex < 2 ? aboutStudent(student) : aboutBehaviour(student, shown[cell.cellIndex - 2]);
  document.getElementById("story-body").replaceChildren(...body);
  dialog.showModal();
  dialog.scrollTop = 0;
  if (cell.cellIndex >= 2) await tell(student, shown[cell.cellIndex - 2]);
}

const entitle = (text) => (document.getElementById("story-title").textContent = text);

function badge({ sign, name, word }) {
  return make("p", "", {}, make("span", sign, { class: `sign ${name}`, "aria-hidden": true }), ` ${word}`);
}

function part(list, name, text, tag = "pre") {
  if (text?.length) list.append(make("dt", name), make("dd", "", {}, make(tag, "", {}, ...[text].flat())));
}

const prose = (text) => text.split("`").map((piece, number) => (number % 2 ? make("code", piece) : piece));

function aboutStudent(student) {
  entitle(student.name || student.key);
  const facts = [student.key, ...student.fields, ...(student.late ? [words.late] : [])];
  const missed = columns.map((_, number) => number).filter((number) => isMissed(student, number));
  const list = make("ul");
  for (const number of missed) list.append(make("li", `${signOf(student, number).sign} ${columns[number].says} (${columns[number].role})`));
  return [
    make("p", `${words.final}: ${student.marks}`), make("p", facts.join(" · "), { class: "soft" }),
    ...student.notes.map((note) => make("p", note)), list,
  ];
}

function aboutBehaviour(student, number) {
  const column = columns[number];
  entitle(column.says);
  const list = make("dl");
  part(list, words.why, prose(column.why), "span");
  part(list, words.try, prose(column.try), "span");
  part(list, words.source, column.source, "span");
  return [
    make("p", `${student.name || student.key} · ${column.role} · ${column.level}${column.hidden ? ` · ${words.hidden_from_students}` : ""}`),
    make("p", column.id, { class: "soft" }), badge(signOf(student, number)), make("div", "", { id: "tales" }), list,
  ];
}

async function tell(student, number) {
  const place = toldOf(student, number);
  if (place === undefined) return;
  const room = document.getElementById("tales");
  try {
    const { tales = [], picture, cut } = JSON.parse((await storiesOf(number))[place]);
    room.append(...tales.map(tale));
    if (picture) room.append(make("img", "", { class: "picture", alt: words.picture, src: `data:image/svg+xml,${encodeURIComponent(picture)}` }));
    if (cut || !tales.length) room.append(make("p", words.shortened, { class: "soft" }));
  } catch {
    room.append(make("p", words.broken));
  }
}

function tale(facts) {
  const list = make("dl");
  part(list, words.program, facts.program, "span");
  part(list, words.reason, facts.reason, "span");
  for (const name of ["wanted", "got", "cause", "conversation"]) part(list, words[name], facts[name]);
  part(list, words.printed_last, facts.printed);
  return list;
}

document.getElementById("close").addEventListener("click", () => dialog.close());
dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
for (const id of ["search", "verdict"]) controls[id].addEventListener("input", arrange);
for (const id of ["role", "suite", "missed-only"]) controls[id].addEventListener("input", build);
build();
