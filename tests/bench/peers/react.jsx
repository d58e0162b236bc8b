// What the React peers share: the windowed list, a row's cells, and `window.bench` over what a stack does with
// rows and changes.

import { memo, useState } from "react";
import { createRoot } from "react-dom/client";
import { flushSync } from "react-dom";
import { nextFrame, visible } from "./page.js";

const ROW_PX = 36;
const LIST_PX = 900; // as in bench.css
const OVERSCAN = 10;

export const isLive = new URLSearchParams(location.search).get("view") === "live";

// Whether a row is in the view, and where.
export const belongs = (row) => !isLive || row.status !== "done";
export const compare = isLive
  ? (a, b) => b.updated_at - a.updated_at || a.id - b.id
  : (a, b) => a.id - b.id;

// All rows are equally high, so a window is two divisions. Scrolling renders again only where another row
// comes into sight.
export function List({ items, renderItem }) {
  const [inSight, setInSight] = useState(() => rowsInSight(0));
  const onScroll = (event) => {
    const next = rowsInSight(event.currentTarget.scrollTop);
    setInSight((before) => (next.first === before.first && next.end === before.end ? before : next));
  };
  const first = Math.min(inSight.first, Math.max(items.length - 1, 0));
  const start = Math.max(first - OVERSCAN, 0);
  const end = inSight.end + OVERSCAN;
  return (
    <div id="list" tabIndex={0} onScroll={onScroll}>
      <div className="virtual-spacer" style={{ height: items.length * ROW_PX }}>
        <div className="virtual-rows" style={{ transform: `translateY(${start * ROW_PX}px)` }}>
          {items.slice(start, end).map(renderItem)}
        </div>
      </div>
    </div>
  );
}

function rowsInSight(scrollPx) {
  return { first: Math.floor(scrollPx / ROW_PX), end: Math.ceil((scrollPx + LIST_PX) / ROW_PX) };
}

export const Row = memo(function Row({ row }) {
  return (
    <div className="row">
      <span>{row.id}</span>
      <span>{row.title}</span>
      <span>{row.status}</span>
      <span>{row.priority}</span>
      <span>{row.assignee}</span>
      <span>{row.labels.join(", ")}</span>
      <span>{new Date(row.updated_at).toISOString()}</span>
    </div>
  );
});

// Shows the page and gives `window.bench`. What a stack does is two functions: `load(rows)`, and
// `apply(changes)` with at most one change a row. Both have to tell React of it before they return.
export function show(page, { load, apply }) {
  const root = createRoot(document.getElementById("root"));
  flushSync(() => root.render(page));

  // What has come since the last animation frame, folded: a row that changed thrice is laid in once.
  let inbox = new Map();
  let waiting = [];
  let isScheduled = false;

  // Synchronously, so that what is told to be on screen is, and is painted with this very frame.
  function frame() {
    isScheduled = false;
    const changes = [...inbox.values()];
    inbox = new Map();
    if (changes.length > 0) flushSync(() => apply(changes));
    const done = waiting;
    waiting = [];
    for (const resolve of done) resolve();
  }

  function schedule() {
    if (!isScheduled) {
      isScheduled = true;
      requestAnimationFrame(frame);
    }
  }

  window.bench = {
    async load(json) {
      const rows = JSON.parse(json);
      flushSync(() => load(rows));
      await nextFrame();
      await nextFrame();
    },
    message(json) {
      for (const change of JSON.parse(json).changes) fold(inbox, change);
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
}

function fold(inbox, change) {
  const before = inbox.get(change.id);
  if (change.patch === undefined || before === undefined) inbox.set(change.id, change);
  else if (!before.delete) Object.assign(before.row ?? before.patch, change.patch);
}
