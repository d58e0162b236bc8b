// Written by hand, without any library: what the platform allows. A row is a number (its slot) into columns;
// the view is a typed array of slots. Changes are laid into the columns at once and into the view and the DOM
// once a frame: what has moved is taken out of the order in one pass and merged back in another. The rows in
// the DOM are a pool; a cell is written where its text is another.

import { nextFrame, visible } from "./page.js";

const ROW_PX = 36;
const OVERSCAN = 10;
const CELLS = 7;
const isLive = new URLSearchParams(location.search).get("view") === "live";

const list = document.getElementById("list");
const spacer = list.firstElementChild;
const box = spacer.firstElementChild;

const slots = new Map(); // id to slot
const free = [];
let ids = new Float64Array(1024);
let updated = new Float64Array(1024);
let shownIn = new Uint8Array(1024); // whether a slot is in the order
const titles = [], statuses = [], priorities = [], assignees = [], labels = [];
let count = 0; // slots given so far
let order = new Int32Array(1024);
let length = 0;

const dirty = new Set(); // slots that have changed since the last frame
let scheduled = false;
let waiting = []; // whoever waits for the next frame

function grow() {
  const wider = (array) => {
    const copy = new array.constructor(array.length * 2);
    copy.set(array);
    return copy;
  };
  [ids, updated, shownIn] = [wider(ids), wider(updated), wider(shownIn)];
}

function slotOf(id) {
  let slot = slots.get(id);
  if (slot === undefined) {
    slot = free.length ? free.pop() : count++;
    if (slot >= ids.length) grow();
    slots.set(id, slot);
    ids[slot] = id;
  }
  return slot;
}

function put(row) {
  const slot = slotOf(row.id);
  titles[slot] = row.title;
  statuses[slot] = row.status;
  priorities[slot] = row.priority;
  assignees[slot] = row.assignee ?? "";
  labels[slot] = row.labels.join(", ");
  updated[slot] = row.updated_at;
  return slot;
}

function edit(slot, patch) {
  if (patch.title !== undefined) titles[slot] = patch.title;
  if (patch.status !== undefined) statuses[slot] = patch.status;
  if (patch.priority !== undefined) priorities[slot] = patch.priority;
  if (patch.assignee !== undefined) assignees[slot] = patch.assignee ?? "";
  if (patch.labels !== undefined) labels[slot] = patch.labels.join(", ");
  if (patch.updated_at !== undefined) updated[slot] = patch.updated_at;
}

const gone = new Set(); // slots of rows that were deleted since the last frame
const belongs = (slot) => !gone.has(slot) && (!isLive || statuses[slot] !== "done");
const compare = isLive
  ? (a, b) => updated[b] - updated[a] || ids[a] - ids[b]
  : (a, b) => ids[a] - ids[b];

// Takes what has changed out of the order and merges it back in.
let moved = new Uint8Array(1024);
function merge() {
  if (moved.length < count) moved = new Uint8Array(ids.length);
  const coming = [];
  let leaving = 0;
  for (const slot of dirty) {
    const isIn = shownIn[slot] === 1;
    const should = belongs(slot);
    if (!isLive && isIn && should) continue; // It stays where it is: its id is what it was.
    if (isIn) {
      moved[slot] = 1;
      leaving++;
    }
    if (should) coming.push(slot);
    shownIn[slot] = should ? 1 : 0;
  }
  if (leaving === 0 && coming.length === 0) return;
  coming.sort(compare);
  const after = length - leaving + coming.length;
  let target = new Int32Array(Math.max(after, 1));
  let at = 0, next = 0;
  for (let index = 0; index < length; index++) {
    const slot = order[index];
    if (moved[slot] === 1) {
      moved[slot] = 0;
      continue;
    }
    while (next < coming.length && compare(coming[next], slot) < 0) target[at++] = coming[next++];
    target[at++] = slot;
  }
  while (next < coming.length) target[at++] = coming[next++];
  order = target;
  length = after;
}

// The rows in the DOM, in order: each with its cells' text nodes and what they say.
const pool = [];
function makeRow() {
  const element = document.createElement("div");
  element.className = "row";
  const nodes = [];
  for (let cell = 0; cell < CELLS; cell++) {
    const text = document.createTextNode("");
    element.appendChild(document.createElement("span")).appendChild(text);
    nodes.push(text);
  }
  box.appendChild(element);
  return { element, nodes, said: new Array(CELLS).fill(""), slot: -1, at: NaN };
}

function say(row, cell, text) {
  if (row.said[cell] !== text) {
    row.said[cell] = text;
    row.nodes[cell].data = text;
  }
}

let scrollPx = 0;
let boxPx = 0;
let heightPx = -1;
function draw() {
  if (heightPx !== length * ROW_PX) {
    heightPx = length * ROW_PX;
    spacer.style.height = `${heightPx}px`;
  }
  const first = Math.min(Math.floor(scrollPx / ROW_PX), Math.max(length - 1, 0));
  const start = Math.max(first - OVERSCAN, 0);
  const end = Math.min(Math.ceil((scrollPx + list.clientHeight) / ROW_PX) + OVERSCAN, length);
  if (boxPx !== start * ROW_PX) {
    boxPx = start * ROW_PX;
    box.style.transform = `translateY(${boxPx}px)`;
  }
  while (pool.length > end - start) box.removeChild(pool.pop().element);
  while (pool.length < end - start) pool.push(makeRow());
  for (let index = start; index < end; index++) {
    const slot = order[index];
    const row = pool[index - start];
    if (row.slot === slot && !dirty.has(slot)) continue;
    row.slot = slot;
    say(row, 0, String(ids[slot]));
    say(row, 1, titles[slot]);
    say(row, 2, statuses[slot]);
    say(row, 3, priorities[slot]);
    say(row, 4, assignees[slot]);
    say(row, 5, labels[slot]);
    if (row.at !== updated[slot]) {
      row.at = updated[slot];
      say(row, 6, new Date(updated[slot]).toISOString());
    }
  }
}

function frame() {
  scheduled = false;
  merge();
  draw();
  dirty.clear();
  for (const slot of gone) {
    free.push(slot);
    slots.delete(ids[slot]);
  }
  gone.clear();
  const done = waiting;
  waiting = [];
  for (const resolve of done) resolve();
}

function schedule() {
  if (!scheduled) {
    scheduled = true;
    requestAnimationFrame(frame);
  }
}

list.addEventListener("scroll", () => {
  scrollPx = list.scrollTop;
  schedule();
}, { passive: true });

window.bench = {
  async load(json) {
    for (const row of JSON.parse(json)) dirty.add(put(row));
    schedule();
    await nextFrame();
    await nextFrame();
  },
  message(json) {
    for (const change of JSON.parse(json).changes) {
      if (change.patch !== undefined) {
        const slot = slots.get(change.id);
        if (slot === undefined || gone.has(slot)) continue;
        edit(slot, change.patch);
        dirty.add(slot);
      } else if (change.row !== undefined) {
        const slot = put(change.row);
        gone.delete(slot);
        dirty.add(slot);
      } else if (change.delete) {
        const slot = slots.get(change.id);
        if (slot === undefined) continue;
        gone.add(slot);
        dirty.add(slot);
      }
    }
    schedule();
  },
  settled() {
    return new Promise((resolve) => {
      waiting.push(resolve);
      schedule();
    });
  },
  visible,
};
