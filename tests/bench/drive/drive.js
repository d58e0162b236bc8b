// Drives a page that gives `window.bench`, and keeps a model beside it: the same for every stack.
//
// Everything that is sent is made before the clock starts. What the page costs is read by whoever calls, from
// the browser, between `prepare` and `check`; what is told here is what only the page knows: when a frame
// was due, when it was painted, how long the frames' gaps were.

const STATUSES = ["backlog", "todo", "in_progress", "in_review", "done", "cancelled"];
const PRIORITIES = ["none", "low", "medium", "high", "urgent"];
const PEOPLE = ["ada", "bob", "cleo", "dan", "eve", "finn", "gita", "hugo", null];
const LABELS = ["bug", "feature", "docs", "ui", "sync", "server", "perf", "good first issue"];
const WORDS = ("the a crash when opening list after reload fails slow wrong banner shows queue search of page row "
  + "offline edit conflict server client socket reconnect title field value empty").split(" ");
const BEGAN_MS = Date.UTC(2026, 0, 1);
const CHANGES_PER_FRAME = 20;
const VISIBLE_ROWS = 25;
const GIVEN_UP_MS = 25_000; // a page is not waited for any longer

function randomOf(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

function maker(seed) {
  const random = randomOf(seed);
  const below = (limit) => Math.floor(random() * limit);
  const pick = (of) => of[below(of.length)];
  const title = () => Array.from({ length: 4 + below(6) }, () => pick(WORDS)).join(" ");
  const labels = () => LABELS.filter(() => random() < 0.2);
  return { random, below, pick, title, labels };
}

function rowsOf(count, { below, pick, title, labels }) {
  return Array.from({ length: count }, (_, index) => ({
    id: index + 1,
    title: title(),
    status: pick(STATUSES),
    priority: pick(PRIORITIES),
    assignee: pick(PEOPLE),
    labels: labels(),
    updated_at: BEGAN_MS + below(count * 1000),
    project: 1 + below(20),
  }));
}

// One field that is another, and when.
function changeOf({ below, pick, title, labels }, at) {
  const patch = { updated_at: at };
  switch (below(5)) {
    case 0: patch.title = title(); break;
    case 1: patch.status = pick(STATUSES); break;
    case 2: patch.priority = pick(PRIORITIES); break;
    case 3: patch.assignee = pick(PEOPLE); break;
    default: patch.labels = labels();
  }
  return patch;
}

const WORKLOADS = {
  w1: { view: "id", changes: 20_000, id: (make, count) => 1 + make.below(count) },
  w2: { view: "live", changes: 20_000, id: (make, count) => 1 + make.below(count) },
  w3: { view: "id", changes: 20_000, id: (make) => 1 + make.below(VISIBLE_ROWS) },
  w4: { view: "live", changes: 10_000, perSecond: 1_000, id: (make, count) => 1 + make.below(count) },
  w5: { view: "live", changes: 100_000, perSecond: 10_000, id: (make, count) => 1 + make.below(count) },
};

const nextFrame = () => new Promise((resolve) => requestAnimationFrame(resolve));
const ticks = new MessageChannel();
const waiting = []; // several may wait at once
ticks.port1.onmessage = () => waiting.shift()();
const nextTask = () => new Promise((resolve) => {
  waiting.push(resolve);
  ticks.port2.postMessage(null);
});

let prepared = null;

function cells(row) {
  const at = new Date(row.updated_at).toISOString();
  const { id, title, status, priority, assignee, labels } = row;
  return [id, title, status, priority, assignee ?? "", labels.join(", "), at].join("|");
}

function expected(view, model) {
  let rows = [...model.values()];
  if (view === "live") {
    rows = rows.filter((row) => row.status !== "done");
    rows.sort((a, b) => b.updated_at - a.updated_at || a.id - b.id);
  } else {
    rows.sort((a, b) => a.id - b.id);
  }
  return rows.slice(0, VISIBLE_ROWS).map(cells);
}

window.drive = {
  // Loads so many rows and makes the frames of a workload.
  async prepare(name, count, seed) {
    const workload = WORKLOADS[name];
    const make = maker(seed);
    const rows = rowsOf(count, make);
    const json = JSON.stringify(rows);
    const model = new Map(rows.map((row) => [row.id, row]));
    const frames = [];
    let seq = 0;
    for (let done = 0; done < workload.changes; done += CHANGES_PER_FRAME) {
      const changes = [];
      for (let index = 0; index < CHANGES_PER_FRAME; index++) {
        seq += 1;
        const id = workload.id(make, count);
        const patch = changeOf(make, BEGAN_MS + count * 1000 + seq);
        changes.push({ seq, id, patch });
        model.set(id, { ...model.get(id), ...patch });
      }
      frames.push(JSON.stringify({ from: seq - CHANGES_PER_FRAME, to: seq, changes }));
    }
    const before = performance.now();
    await window.bench.load(json);
    const loadMs = performance.now() - before;
    prepared = { workload, frames, expected: expected(workload.view, model), loadMs };
    await nextFrame();
    return { frames: frames.length, bytes: frames.reduce((sum, frame) => sum + frame.length, 0), loadMs };
  },

  // Sends the frames: at their rate, or one a task as fast as the page takes them.
  async run() {
    const { workload, frames } = prepared;
    const { bench } = window;
    const gaps = [];
    let isRunning = true;
    let last = performance.now();
    const look = (now) => {
      gaps.push(now - last);
      last = now;
      if (isRunning) requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
    const latencies = [];
    const began = performance.now();
    if (workload.perSecond) {
      const everyMs = (CHANGES_PER_FRAME * 1000) / workload.perSecond;
      let sent = 0;
      const painted = [];
      while (sent < frames.length) {
        const due = Math.min(Math.floor((performance.now() - began) / everyMs) + 1, frames.length);
        if (due > sent) {
          const first = sent;
          while (sent < due) bench.message(frames[sent++]);
          const dues = [];
          for (let index = first; index < sent; index++) dues.push(began + index * everyMs);
          // A task behind the frame that draws it: it is painted by then.
          if (performance.now() - began > GIVEN_UP_MS) return { givenUpMs: GIVEN_UP_MS };
          painted.push(bench.settled().then(nextTask).then(() => {
            const now = performance.now();
            for (const at of dues) latencies.push(now - at);
          }));
        }
        await new Promise((resolve) => setTimeout(resolve, Math.max(0, began + sent * everyMs - performance.now())));
      }
      await Promise.all(painted);
    } else {
      for (const frame of frames) {
        bench.message(frame);
        await nextTask();
        if (performance.now() - began > GIVEN_UP_MS) return { givenUpMs: GIVEN_UP_MS };
      }
      await bench.settled();
    }
    const tookMs = performance.now() - began;
    isRunning = false;
    await nextFrame();
    const at = (sorted, share) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? null;
    latencies.sort((a, b) => a - b);
    gaps.sort((a, b) => a - b);
    return {
      tookMs,
      latencyP50Ms: at(latencies, 0.5),
      latencyP99Ms: at(latencies, 0.99),
      gapP99Ms: at(gaps, 0.99),
      gapMaxMs: gaps.at(-1) ?? null,
    };
  },

  // What is wrong with what the page shows, if anything.
  check() {
    const shown = [].concat(window.bench.visible());
    const { expected } = prepared;
    for (let index = 0; index < expected.length; index++) {
      if (shown[index] !== expected[index]) return `row ${index}: ${shown[index]} instead of ${expected[index]}`;
    }
    const list = document.getElementById("list");
    return list.scrollHeight % 36 === 0 ? null : `the list is ${list.scrollHeight} px high`;
  },
};
